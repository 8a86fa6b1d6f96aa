// What a careful server refuses in a head that Beast accepts.
#include "server/http/request_check.hpp"

#include <boost/beast/http/parser.hpp>
#include <catch2/catch.hpp>

namespace quartermaster::http {
namespace {

namespace beast_http = boost::beast::http;

std::string head(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
  return line + "\r\n" + fields + "\r\n";
}

TEST_CASE("Raw heads are checked") {
  const auto [text, code, message] = GENERATE(table<std::string, std::optional<ErrorCode>, std::string>({
      {head("Host: a\r\nX: \tb\r\n"), {}, ""},
      {head("Host: a\r\nX:\r\n", "GET / HTTP/1.0"), {}, ""},
      {head("Host: a\r\nX: \xc3\xa4\r\n"), {}, ""},
      {head("", "GET / HTTP/2.0"), ErrorCode::http_version, "only HTTP/1.1 and HTTP/1.0 are spoken here"},
      {head("", "PRI * HTTP/2.0"), ErrorCode::http_version, "only HTTP/1.1 and HTTP/1.0 are spoken here"},
      {head("", "GET / HTTP/1.2"), ErrorCode::http_version, "only HTTP/1.1 and HTTP/1.0 are spoken here"},
      {head("", "GET / HTTP/0.9"), ErrorCode::http_version, "only HTTP/1.1 and HTTP/1.0 are spoken here"},
      {head("", "GET / HTTP/11"), {}, ""},  // Beast says what is wrong with it
      {head("X: HTTP/2.0\r\n"), {}, ""},    // not the request line
      {head(std::string("X: \0\r\n", 6)), ErrorCode::bad_request, "request head: NUL is not allowed"},
      {head("X: \x01\r\n"), ErrorCode::bad_request, "request head: control characters are not allowed"},
      {head("X: \x7f\r\n"), ErrorCode::bad_request, "request head: control characters are not allowed"},
      {head("X: a\nY: b\r\n"), ErrorCode::bad_request, "request head: a line feed without a carriage return"},
      {"GET / HTTP/1.1\nHost: a\n\r\n", ErrorCode::bad_request, "request head: a line feed without a carriage return"},
      {head("X: a\rY: b\r\n"), ErrorCode::bad_request, "request head: a carriage return without a line feed"},
      {head("X: a\r\r\n"), ErrorCode::bad_request, "request head: a carriage return without a line feed"},
      {head("X: a\r\n b\r\n"), ErrorCode::bad_request, "request head: folded header lines are not allowed"},
      {head("X: a\r\n\tb\r\n"), ErrorCode::bad_request, "request head: folded header lines are not allowed"},
      {head(" X: a\r\n"), ErrorCode::bad_request, "request head: folded header lines are not allowed"},
  }));
  CAPTURE(text);
  const auto error = check_raw_head(text);
  REQUIRE(error.has_value() == code.has_value());
  if (!error) return;
  CHECK(error->code == *code);
  CHECK(error->message == message);
}

TEST_CASE("Host headers are checked") {
  const auto [value, good] = GENERATE(table<std::string, bool>({
      {"localhost", true},
      {"localhost:8080", true},
      {"a.b-c_d~1:0", true},
      {"127.0.0.1:65535", true},
      {"[::1]", true},
      {"[::1]:8080", true},
      {"[::ffff:127.0.0.1]", true},
      {"a:", true},
      {"", false},
      {":80", false},
      {"a b", false},
      {"a,b", false},
      {"a/b", false},
      {"user@a", false},
      {"a:b", false},
      {"a:80:80", false},
      {"a:65536", false},
      {"a:-1", false},
      {"a:+1", false},
      {"a: 80", false},
      {"[]", false},
      {"[::1", false},
      {"[::1]8080", false},
      {"[::1]:x", false},
      {"[::g]", false},
      {"[:::]", false},
      {"[127.0.0.1]", false},
      {"::1", false},
      {"a%20b", false},
      {"\u00e4", false},
      {std::string(262, 'a'), false},
  }));
  CAPTURE(value);
  Message message{Verb::get, "/", 11};
  message.set(Field::host, value);
  const auto error = check_head(message, 10);
  CHECK(error.has_value() != good);
  if (error) CHECK(error->message == "malformed Host header");
}

TEST_CASE("Parsed heads are checked") {
  const std::string host = "Host: a\r\n";
  const auto [text, code, what] = GENERATE_COPY(table<std::string, std::optional<ErrorCode>, std::string>({
      {head(host), {}, ""},
      {head("", "GET / HTTP/1.0"), {}, ""},
      {head(""), ErrorCode::bad_request, "exactly one Host header is needed"},
      {head("Host: a\r\nHost: a\r\n"), ErrorCode::bad_request, "exactly one Host header is needed"},
      {head("Host: a\r\nhOST: b\r\n", "GET / HTTP/1.0"), ErrorCode::bad_request, "exactly one Host header is needed"},
      {head(host + "Transfer-Encoding: chunked\r\n"), {}, ""},
      {head(host + "Transfer-Encoding: Chunked\r\n"), {}, ""},
      {head(host + "Transfer-Encoding: gzip\r\n"), ErrorCode::not_implemented,
       "the only Transfer-Encoding supported is chunked"},
      {head(host + "Transfer-Encoding: identity\r\n"), ErrorCode::not_implemented,
       "the only Transfer-Encoding supported is chunked"},
      {head(host + "Transfer-Encoding: gzip, chunked\r\n"), ErrorCode::not_implemented,
       "the only Transfer-Encoding supported is chunked"},
      {head(host + "Transfer-Encoding: chunked, chunked\r\n"), ErrorCode::not_implemented,
       "the only Transfer-Encoding supported is chunked"},
      {head(host + "Transfer-Encoding: xchunked\r\n"), ErrorCode::not_implemented,
       "the only Transfer-Encoding supported is chunked"},
      {head(host + "Transfer-Encoding: chunked;q=1\r\n"), ErrorCode::not_implemented,
       "the only Transfer-Encoding supported is chunked"},
      {head(host + "Transfer-Encoding:\r\n"), ErrorCode::not_implemented,
       "the only Transfer-Encoding supported is chunked"},
      {head(host + "Transfer-Encoding: chunked\r\n", "GET / HTTP/1.0"), ErrorCode::bad_request,
       "Transfer-Encoding is not allowed in HTTP/1.0"},
      {head(host + "Expect: 100-continue\r\n"), {}, ""},
      {head(host + "Expect: 100-Continue\r\n"), {}, ""},
      {head(host + "Expect: 200-ok\r\n"), ErrorCode::expectation_failed, "the only Expect supported is 100-continue"},
      {head(host + "Expect: 100-continue\r\nExpect: 100-continue\r\n"), ErrorCode::expectation_failed,
       "the only Expect supported is 100-continue"},
      {head(host, "BREW / HTTP/1.1"), ErrorCode::not_implemented, "this method is not implemented"},
      {head(host, "CONNECT a:80 HTTP/1.1"), ErrorCode::not_implemented, "this method is not implemented"},
      {head(host + "A: 1\r\nB: 1\r\nC: 1\r\n"), {}, ""},
      {head(host + "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n"), ErrorCode::header_too_large, "more than 4 header fields"},
  }));
  CAPTURE(text);
  beast_http::request_parser<beast_http::string_body> parser;
  boost::system::error_code ec;
  parser.put(boost::asio::buffer(text), ec);
  REQUIRE_FALSE(ec);
  const auto error = check_head(parser.get(), 4);
  REQUIRE(error.has_value() == code.has_value());
  if (!error) return;
  CHECK(error->code == *code);
  CHECK(error->message == what);
}

TEST_CASE("Lengths of bodies must be unambiguous") {
  Message message{Verb::post, "/", 11};
  message.set(Field::host, "a");
  message.insert(Field::content_length, "1");
  CHECK_FALSE(check_head(message, 10));
  SECTION("twice") {
    message.insert(Field::content_length, "1");
    CHECK(check_head(message, 10).value().message == "more than one Content-Length header");
  }
  SECTION("with chunks") {
    message.insert(Field::transfer_encoding, "chunked");
    CHECK(check_head(message, 10).value().message == "both Content-Length and Transfer-Encoding");
  }
  SECTION("as a list") {
    message.set(Field::content_length, "1, 1");
    CHECK(check_head(message, 10).value().message == "Content-Length must be one number");
  }
  SECTION("with chunks twice") {
    message.erase(Field::content_length);
    message.insert(Field::transfer_encoding, "chunked");
    message.insert(Field::transfer_encoding, "chunked");
    CHECK(check_head(message, 10).value().code == ErrorCode::not_implemented);
  }
}

}  // namespace
}  // namespace quartermaster::http
