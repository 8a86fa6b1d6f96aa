// An HTTP client that costs little: one connection, one request after the other.
#pragma once

#include <string>
#include <string_view>

#include "test/support/connection.hpp"

namespace quartermaster::bench {

class KeepAlive {
 public:
  explicit KeepAlive(const test::Endpoint& endpoint) : connection_(endpoint) {}

  /// `what`: "GET /livez"; `headers`: whole lines, "Accept: x\r\n". The body of a 2xx answer; else throws
  /// std::runtime_error with it.
  std::string exchange(std::string_view what, std::string_view headers = {}, std::string_view body = {});

 private:
  test::Connection connection_;
  std::string in_;
};

/// Reads an answer that is as long as may be, until the server closes: the number of bytes of its body, framing
/// included. Throws std::runtime_error if it is no 200 or does not end as it should.
std::size_t drain(const test::Endpoint& endpoint, std::string_view what, std::string_view headers = {});

}  // namespace quartermaster::bench
