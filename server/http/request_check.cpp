// Checks of a request's head beyond Beast's.
#include "server/http/request_check.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <iterator>

#include "model/ascii.hpp"

namespace quartermaster::http {
namespace {

Error bad(std::string message) { return Error{ErrorCode::bad_request, std::move(message)}; }

bool valid_port(std::string_view port) {
  if (port.empty()) return true;
  unsigned number = 0;
  const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), number);
  return ec == std::errc() && end == port.data() + port.size() && number <= 65535;
}

/// host or [v6] or v4, with an optional port: no user, no path, no white space.
bool valid_host(std::string_view host) {
  if (host.size() > 255 + 6) return false;
  std::string_view port;
  if (host.starts_with('[')) {
    const auto close = host.find(']');
    if (close == std::string_view::npos) return false;
    boost::system::error_code ec;
    boost::asio::ip::make_address_v6(std::string(host.substr(1, close - 1)), ec);
    if (ec) return false;
    port = host.substr(close + 1);
  } else {
    const auto colon = host.find(':');
    const auto name = host.substr(0, colon);
    const auto ok = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
             c == '_' || c == '~';
    };
    if (name.empty() || !std::ranges::all_of(name, ok)) return false;
    port = colon == std::string_view::npos ? "" : host.substr(colon);
  }
  return port.empty() || (port[0] == ':' && valid_port(port.substr(1)));
}

}  // namespace

std::optional<Error> check_raw_head(std::string_view head) {
  const auto line_end = head.find("\r\n");
  const auto request_line = head.substr(0, line_end);
  if (const auto version = request_line.rfind(" HTTP/"); version != std::string_view::npos) {
    const auto number = request_line.substr(version + 6);
    const bool well_formed = number.size() == 3 && number[0] >= '0' && number[0] <= '9' && number[1] == '.' &&
                             number[2] >= '0' && number[2] <= '9';
    if (well_formed && number != "1.1" && number != "1.0") {
      return Error{ErrorCode::http_version, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
    }
  }
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0') return bad("request head: NUL is not allowed");
    if (head[i] == '\n') return bad("request head: a line feed without a carriage return");
    if ((static_cast<unsigned char>(head[i]) < 0x20 && head[i] != '\r' && head[i] != '\t') || head[i] == 0x7f) {
      return bad("request head: control characters are not allowed");
    }
    if (head[i] != '\r') continue;
    if (i + 1 == head.size() || head[i + 1] != '\n') return bad("request head: a carriage return without a line feed");
    if (i + 2 < head.size() && (head[i + 2] == ' ' || head[i + 2] == '\t')) {
      return bad("request head: folded header lines are not allowed");
    }
    ++i;
  }
  return std::nullopt;
}

std::optional<Error> check_head(const Message& message, std::size_t max_headers) {
  if (static_cast<std::size_t>(std::distance(message.begin(), message.end())) > max_headers) {
    return Error{ErrorCode::header_too_large, "more than " + std::to_string(max_headers) + " header fields"};
  }
  const bool is_11 = message.version() == 11;
  const auto hosts = message.count(Field::host);
  if (hosts > 1 || (hosts == 0 && is_11)) return bad("exactly one Host header is needed");
  if (hosts == 1 && !valid_host(message[Field::host])) return bad("malformed Host header");

  if (message.count(Field::content_length) > 1) return bad("more than one Content-Length header");
  if (message[Field::content_length].find_first_not_of("0123456789") != std::string_view::npos) {
    return bad("Content-Length must be one number");
  }
  if (const auto encodings = message.count(Field::transfer_encoding); encodings > 0) {
    if (!is_11) return bad("Transfer-Encoding is not allowed in HTTP/1.0");
    if (message.count(Field::content_length) > 0) return bad("both Content-Length and Transfer-Encoding");
    if (encodings > 1 || !equals_ignoring_case(message[Field::transfer_encoding], "chunked")) {
      return Error{ErrorCode::not_implemented, "the only Transfer-Encoding supported is chunked"};
    }
  }
  if (const auto expect = message.find(Field::expect); expect != message.end()) {
    if (message.count(Field::expect) > 1 || !equals_ignoring_case(expect->value(), "100-continue")) {
      return Error{ErrorCode::expectation_failed, "the only Expect supported is 100-continue"};
    }
  }
  if (message.method() == Verb::unknown || message.method() == Verb::connect) {
    return Error{ErrorCode::not_implemented, "this method is not implemented"};
  }
  return std::nullopt;
}

}  // namespace quartermaster::http
