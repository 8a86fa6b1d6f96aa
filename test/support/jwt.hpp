// JSON web tokens, as a cluster signs them for service accounts.
#pragma once

#include <string>
#include <string_view>

namespace quartermaster::test {

/// Signs the claims with ES256 (RFC 7515, RFC 7518 section 3.4); `key` is a PEM text, EC P-256. Throws
/// std::runtime_error.
std::string sign_jwt(std::string_view claims, const std::string& key);

}  // namespace quartermaster::test
