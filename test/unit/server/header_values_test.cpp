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

}  // namespace
}  // namespace quartermaster::http
