// Label maps from and to JSON.
#include "model/labels.hpp"

#include <catch2/catch.hpp>

namespace quartermaster {
namespace {

TEST_CASE("String maps are read from whatever is there, and written in key order") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {R"({"b": "2", "a": "1", "": ""})", R"({"":"","a":"1","b":"2"})"},
      {R"({"a": 1, "b": null, "c": true, "d": {}, "e": [], "f": "x"})", R"({"f":"x"})"},
      {R"({"a": "first", "a": "second"})", R"({"a":"first"})"},
      {"{}", "{}"},
      {"null", "{}"},
      {"[\"a\"]", "{}"},
      {"\"a\"", "{}"},
  }));
  const json::Document document = json::parse(text).value();
  std::string out;
  json::Writer writer(out);
  write(writer, string_map(document.root()));
  CHECK(out == expected);
}

TEST_CASE("An absent map is empty") { CHECK(string_map(json::Value()).empty()); }

}  // namespace
}  // namespace quartermaster
