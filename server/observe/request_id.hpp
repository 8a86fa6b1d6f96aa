// Request ids: taken from the caller if they are harmless, else made.
#pragma once

#include <string>
#include <string_view>

namespace quartermaster::observe {

/// 1 to 128 characters of [A-Za-z0-9._-].
bool is_request_id(std::string_view text);
/// 16 random hexadecimal digits.
std::string make_request_id();

}  // namespace quartermaster::observe
