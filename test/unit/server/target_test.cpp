// Request targets: what is taken apart, and what is refused.
#include "server/http/target.hpp"

#include <catch2/catch.hpp>

#include "test/support/result.hpp"

namespace quartermaster::http {
namespace {

using Segments = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("Targets are taken apart and decoded once") {
  const auto [target, segments, query] = GENERATE(table<std::string, Segments, Pairs>({
      {"/", {}, {}},
      {"/a", {"a"}, {}},
      {"/a/", {"a"}, {}},
      {"/a/b.c/-_~!$&'()*+,;=:@", {"a", "b.c", "-_~!$&'()*+,;=:@"}, {}},
      {"/a%62%2fc", {"ab/c"}, {}},
      {"/%2541", {"%41"}, {}},  // once, not twice
      {"/a+b", {"a+b"}, {}},
      {"/%c3%a4", {"\u00e4"}, {}},
      {"/...", {"..."}, {}},
      {"/a?", {"a"}, {}},
      {"/a?b", {"a"}, {{"b", ""}}},
      {"/a?b=", {"a"}, {{"b", ""}}},
      {"/a?=b", {"a"}, {{"", "b"}}},
      {"/a?b=c=d", {"a"}, {{"b", "c=d"}}},
      {"/a?b=1&c=2&b=3", {"a"}, {{"b", "1"}, {"c", "2"}, {"b", "3"}}},
      {"/a?&&b=1&", {"a"}, {{"b", "1"}}},
      {"/a?b=%26%3d%2b+%20", {"a"}, {{"b", "&=+  "}}},
      {"/a/?b=/c/../d?e", {"a"}, {{"b", "/c/../d?e"}}},
      {"http://localhost/a?b=1", {"a"}, {{"b", "1"}}},
      {"HTTPS://localhost:8080/a", {"a"}, {}},
      {"http://localhost", {}, {}},
      {"http://localhost?b=/c", {}, {{"b", "/c"}}},
  }));
  CAPTURE(target);
  const auto parsed = parse_target(target);
  REQUIRE(parsed);
  CHECK(parsed->segments == segments);
  CHECK(parsed->query == query);
}

TEST_CASE("Bad targets are refused, saying why") {
  constexpr const char* kSegments = "request target: empty, '.' and '..' path segments are not allowed";
  constexpr const char* kEscape = "request target: '%' is not followed by two hexadecimal digits";
  constexpr const char* kNul = "request target: NUL is not allowed";
  constexpr const char* kUtf8 = "request target: not UTF-8 once decoded";
  constexpr const char* kAscii = "request target: must be printable ASCII; percent-encode the rest";
  constexpr const char* kStart = "request target: must start with '/'";
  const auto [target, message] = GENERATE_COPY(table<std::string, std::string>({
      {"", kStart},
      {"*", kStart},
      {"a", kStart},
      {"?a", kStart},
      {"localhost:80", kStart},
      {"ftp://localhost/a", kStart},
      {"http:///a", "request target: no host"},
      {"//", kSegments},
      {"//a", kSegments},
      {"/a//b", kSegments},
      {"/a//", kSegments},
      {"/.", kSegments},
      {"/..", kSegments},
      {"/a/../b", kSegments},
      {"/a/./b", kSegments},
      {"/a/%2e%2E/b", kSegments},
      {"/a/.%2e", kSegments},
      {"/%", kEscape},
      {"/%4", kEscape},
      {"/%4g", kEscape},
      {"/%zz", kEscape},
      {"/a?%4", kEscape},
      {"/a?b=%", kEscape},
      {"/%00", kNul},
      {"/a%00b", kNul},
      {"/a?b=%00", kNul},
      {"/a?%00", kNul},
      {"/%ff", kUtf8},
      {"/%c3", kUtf8},
      {"/a?b=%c0%af", kUtf8},
      {"/a?%ed%a0%80=b", kUtf8},
      {"/\u00e4", kAscii},
      {"/a?\xff", kAscii},
      {"/a b", kAscii},
      {"/a\tb", kAscii},
      {"/a\x7f", kAscii},
      {std::string("/a\0", 3), kAscii},
      {"http://\xff/a", kAscii},
      {"/a#b", "request target: a fragment is not allowed"},
      {"/a?b#c", "request target: a fragment is not allowed"},
      {"http://a#b", "request target: a fragment is not allowed"},
  }));
  CAPTURE(target);
  const auto parsed = parse_target(target);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == ErrorCode::bad_request);
  CHECK(parsed.error().message == message);
}

TEST_CASE("The first value of a query parameter is found") {
  const auto target = parse_target("/a?b=1&c=&b=2");
  REQUIRE(target);
  CHECK(target->find("b") == "1");
  CHECK(target->find("c") == "");
  CHECK(target->find("d") == std::nullopt);
}

}  // namespace
}  // namespace quartermaster::http
