// Lists and media types in header fields.
#include "server/http/header_values.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace quartermaster::http {
namespace {

using Items = std::vector<std::string_view>;

TEST_CASE("lists are split at commas", "[header_values]") {
  const auto [value, items] = GENERATE(table<std::string, Items>({
      {"", {}},
      {"a", {"a"}},
      {"a,b", {"a", "b"}},
      {" a\t, b c ,\td", {"a", "b c", "d"}},
      {",, ,a,", {"a"}},
      {R"("x", W/"y")", {R"("x")", R"(W/"y")"}},
  }));
  CHECK(list_items(value) == items);
}

TEST_CASE("a content type is JSON, or not", "[header_values]") {
  const auto [value, json] = GENERATE(table<std::string, bool>({
      {"application/json", true},
      {"Application/JSON; charset=utf-8", true},
      {"application/json ;q=1", true},
      {"", false},
      {"application/jsonx", false},
      {"text/plain", false},
      {"text/plain; application/json", false},
  }));
  CHECK(is_json(value) == json);
}

TEST_CASE("JSON is preferred where it is named before plain text", "[header_values]") {
  const auto [value, json] = GENERATE(table<std::string, bool>({
      {"", false},
      {"*/*", false},
      {"application/json", true},
      {"text/html, APPLICATION/json;q=0.9", true},
      {"application/json, text/plain", true},
      {"text/plain, application/json", false},
      {"text/plain;q=0.5 , application/json", false},
  }));
  CHECK(prefers_json(value) == json);
}

TEST_CASE("of the types that are known, the first one that is named is taken", "[header_values]") {
  const auto [value, type] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"*/*", ""},
      {"text/html", ""},
      {"a/b", "a/b"},
      {"c/d;q=0.1, a/b", "c/d"},
      {"text/html, A/B ;q=1, c/d", "a/b"},
  }));
  CHECK(first_accepted(value, {"c/d", "a/b"}) == type);
}

}  // namespace
}  // namespace quartermaster::http
