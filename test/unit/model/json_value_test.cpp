// Value: total accessors, for every type of value.
#include <catch2/catch.hpp>
#include <iterator>
#include <limits>

#include "model/json.hpp"

namespace quartermaster::json {
namespace {

static_assert(std::input_iterator<Items::iterator>);
static_assert(std::input_iterator<Members::iterator>);

TEST_CASE("Every accessor answers for every type") {
  const Document document =
      parse(
          R"({"null": null, "bool": true, "int": 5, "double": 5.0, "string": "s", "array": [1, 2], "object": {"k": 3}})")
          .value();
  struct Expectation {
    std::string_view key;
    Type type;
    std::string_view string;
    bool boolean;
    std::optional<std::int64_t> integer;
    std::size_t size;
    std::ptrdiff_t items, members;
    std::string_view text;
  };
  const auto expected = GENERATE(values<Expectation>({
      {"absent", Type::absent, "fallback", false, std::nullopt, 0, 0, 0, "null"},
      {"null", Type::null, "fallback", false, std::nullopt, 0, 0, 0, "null"},
      {"bool", Type::boolean, "fallback", true, std::nullopt, 0, 0, 0, "true"},
      {"int", Type::number, "fallback", false, 5, 0, 0, 0, "5"},
      {"double", Type::number, "fallback", false, std::nullopt, 0, 0, 0, "5.0"},
      {"string", Type::string, "s", false, std::nullopt, 0, 0, 0, R"("s")"},
      {"array", Type::array, "fallback", false, std::nullopt, 2, 2, 0, "[1,2]"},
      {"object", Type::object, "fallback", false, std::nullopt, 1, 0, 1, R"({"k":3})"},
  }));
  CAPTURE(expected.key);
  const Value value = document.root()[expected.key];
  CHECK(value.type() == expected.type);
  CHECK(value.exists() == (expected.type != Type::absent));
  CHECK(value.is_string() == (expected.type == Type::string));
  CHECK(value.is_array() == (expected.type == Type::array));
  CHECK(value.is_object() == (expected.type == Type::object));
  CHECK(value.string("fallback") == expected.string);
  CHECK(value.boolean() == expected.boolean);
  CHECK(value.boolean(true) == true);
  CHECK(value.integer() == expected.integer);
  CHECK(value.size() == expected.size);
  CHECK(std::distance(value.items().begin(), value.items().end()) == expected.items);
  CHECK(std::distance(value.members().begin(), value.members().end()) == expected.members);
  CHECK(value["k"].exists() == (expected.type == Type::object));
  CHECK_FALSE(value["k"]["k"]["k"].exists());
  CHECK(value.text() == expected.text);
}

TEST_CASE("Only JSON integers that fit are integers") {
  const auto [text, integer] = GENERATE(table<std::string, std::optional<std::int64_t>>({
      {"0", 0},
      {"-0", 0},
      {"-1", -1},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
      {"9223372036854775808", std::nullopt},
      {"-9223372036854775809", std::nullopt},
      {"18446744073709551616", std::nullopt},
      {"5.0", std::nullopt},
      {"5e0", std::nullopt},
      {"\"5\"", std::nullopt},
  }));
  CAPTURE(text);
  CHECK(parse(text)->root().integer() == integer);
}

TEST_CASE("Of a key that occurs twice the first is found") {
  const Document document = parse(R"({"a": 1, "b": 2, "a": 3})").value();
  CHECK(document.root()["a"].integer() == 1);
  CHECK(document.root().size() == 3);
}

TEST_CASE("Strings may hold NUL, keys too") {
  const Document document = parse(R"({"a\u0000b": "c\u0000d", "a": "short"})").value();
  CHECK(document.root()[std::string_view("a\0b", 3)].string() == std::string_view("c\0d", 3));
  CHECK(document.root()["a"].string() == "short");
}

TEST_CASE("Items and members come in their order") {
  const Document document = parse(R"({"z": ["1", "2", "3"], "a": {}})").value();
  std::string seen;
  for (const auto [key, value] : document.root().members()) {
    seen += std::string(key) + ":";
    for (const Value item : value.items()) seen += item.string();
  }
  CHECK(seen == "z:123a:");

  auto item = document.root()["z"].items().begin();
  CHECK((*item++).string() == "1");
  CHECK((*item).string() == "2");
  auto member = document.root().members().begin();
  CHECK((*member++).key == "z");
  CHECK((*member).key == "a");
}

TEST_CASE("An empty document has no root") { CHECK(Document().root().type() == Type::absent); }

}  // namespace
}  // namespace quartermaster::json
