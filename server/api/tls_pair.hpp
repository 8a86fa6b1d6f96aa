// A certificate and its key, as in secrets of the type kubernetes.io/tls.
#pragma once

#include <string>
#include <string_view>

namespace quartermaster::api {

/// What is wrong with each, in words that show nothing of them; "" if nothing is.
struct TlsPairProblems {
  std::string certificate;
  std::string key;
  bool operator==(const TlsPairProblems&) const = default;
};

/// Both in PEM: a certificate with its chain behind it, each of which parses, and the private key of the first. Whether
/// they have expired, and whom they are for, does not matter here.
TlsPairProblems check_tls_pair(std::string_view certificate, std::string_view key);

}  // namespace quartermaster::api
