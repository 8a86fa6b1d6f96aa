// The JSON parser: what it takes, what it refuses, and where it says the fault is.
#include "model/json.hpp"

#include <catch2/catch.hpp>

namespace quartermaster::json {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string nested(std::size_t depth, std::string_view open = "[", std::string_view close = "]") {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += open == "[" ? "" : "1";
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST_CASE("JSON texts are parsed and written back") {
  const auto [text, written] = GENERATE(table<std::string, std::string>({
      {"null", "null"},
      {" \t\r\n true \n", "true"},
      {"false", "false"},
      {"0", "0"},
      {"-0", "0"},
      {"-17", "-17"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"0.5", "0.5"},
      {"5.0", "5.0"},
      {"1e3", "1000.0"},
      {"1E-2", "0.01"},
      {"0.1", "0.1"},
      {"123456789012345678901234567890", "1.2345678901234568e29"},
      {R"("")", R"("")"},
      {R"("a\u0041\n\"\\\/")", R"("aA\n\"\\/")"},
      {R"("\u00e4\u20ac\ud83d\ude00")", "\"\u00e4\u20ac\U0001F600\""},
      {"\"\u00e4\u20ac\U0001F600\"", "\"\u00e4\u20ac\U0001F600\""},
      {R"("a\u0000b")", R"("a\u0000b")"},
      {"[]", "[]"},
      {"{}", "{}"},
      {R"([1, [2, {"a": [] }], "x"])", R"([1,[2,{"a":[]}],"x"])"},
      {R"({"a": {"b": null}, "": true})", R"({"a":{"b":null},"":true})"},
      {R"({"a": 1, "a": 2})", R"({"a":1,"a":2})"},
  }));
  CAPTURE(text);
  const Result<Document> document = parse(text);
  REQUIRE(document.has_value());
  CHECK(document->root().text() == written);
}

TEST_CASE("What is not JSON is refused with the byte where it goes wrong") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"", "byte 0: no value"},
      {"  ", "byte 2: no value"},
      {"\0"s, "byte 0: no value"},
      {"{}\0"s, "byte 2: text after the value"},
      {"{}\0 {}"s, "byte 2: text after the value"},
      {"{} {}", "byte 3: text after the value"},
      {"1,", "byte 1: text after the value"},
      {"\xEF\xBB\xBF{}", "byte 0: invalid value"},
      {"nul", "byte 3: invalid value"},
      {"True", "byte 0: invalid value"},
      {"'a'", "byte 0: invalid value"},
      {"// c\n1", "byte 0: invalid value"},
      {"NaN", "byte 0: invalid value"},
      {"-Infinity", "byte 1: invalid value"},
      {"+1", "byte 0: invalid value"},
      {"01", "byte 1: text after the value"},
      {".5", "byte 0: invalid value"},
      {"1.", "byte 2: expected a digit after '.'"},
      {"1e", "byte 2: expected a digit in the exponent"},
      {"1e+", "byte 3: expected a digit in the exponent"},
      {"1e999", "byte 0: number out of range"},
      {"[", "byte 1: invalid value"},
      {"[1", "byte 2: expected ',' or ']'"},
      {"[1}", "byte 2: expected ',' or ']'"},
      {"[1,]", "byte 3: invalid value"},
      {"{", "byte 1: expected a key"},
      {"{1:2}", "byte 1: expected a key"},
      {R"({"a")", "byte 4: expected ':' after a key"},
      {R"({"a":})", "byte 5: invalid value"},
      {R"({"a":1)", "byte 6: expected ',' or '}'"},
      {R"({"a":1,})", "byte 7: expected a key"},
      {R"("abc)", "byte 4: string without end"},
      {"\"a\0b\""s, "byte 2: string without end"},
      {"\"a\nb\"", "byte 2: invalid escape or bare control character"},
      {R"("\x41")", "byte 1: invalid escape or bare control character"},
      {R"("\u12g4")", "byte 1: \\u without four hexadecimal digits"},
      {R"("\ud83d")", "byte 1: lone surrogate"},
      {R"("\ud83d\u0041")", "byte 1: lone surrogate"},
      {"\"\xFF\"", "byte 1: invalid UTF-8"},
      {"\"\xC0\x80\"", "byte 1: invalid UTF-8"},
      {"\"\xED\xA0\x80\"", "byte 1: invalid UTF-8"},
      {"\"\xF4\x90\x80\x80\"", "byte 1: invalid UTF-8"},
      {"\"\xE2\x82\"", "byte 1: invalid UTF-8"},
      {"{\"\xFF\":1}", "byte 2: invalid UTF-8"},
  }));
  CAPTURE(text);
  const Result<Document> document = parse(text);
  REQUIRE(document.has_error());
  CHECK(document.error().code == ErrorCode::bad_request);
  CHECK(document.error().message == message);
}

TEST_CASE("What is JSON but not acceptable is refused with its path") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {R"("\udc00")", "lone surrogate"},
      {R"(["x", {"a": "\udc00\ud83d"}])", "byte 19: lone surrogate"},  // the reader finds the half pair first
      {R"(["x", {"a": "x\uDFFFy"}])", "[1].a: lone surrogate"},
      {R"({"\udc00": 1})", "[\uFFFD\uFFFD\uFFFD]: lone surrogate"},
      {R"({"a": [1, 9e308]})", "a[1]: number out of range"},
      {R"({"a": 1, "a": 2})", "a: duplicate key"},
      {R"({"a": 1, "\u0061": 2})", "a: duplicate key"},
      {R"({"": 1, "": 2})", "[]: duplicate key"},
      {R"({"a": {"b": 1, "c": {"b": 2}, "b": 3}})", "a.b: duplicate key"},
      {R"([{"x": 1}, {"x": 1, "y": [], "x": 1}])", "[1].x: duplicate key"},
      {R"({"metadata": {"labels": {"a/b.c": 1, "a/b.c": 1}}})", "metadata.labels[a/b.c]: duplicate key"},
  }));
  CAPTURE(text);
  const Result<Document> document = parse(text, kRequestBody);
  REQUIRE(document.has_error());
  CHECK(document.error().code == ErrorCode::bad_request);
  CHECK(document.error().message == message);
}

TEST_CASE("The same key in different objects is no duplicate") {
  CHECK(parse(R"({"a": {"a": [{"a": 1}, {"a": 1}]}, "b": {"a": 1}})", kRequestBody).has_value());
}

TEST_CASE("Duplicate keys are found among very many") {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"key" + std::to_string(i) + "\":{},";
  CHECK(parse(text + "\"last\":0}", kRequestBody).has_value());
  CHECK(parse(text + "\"key4711\":0}", kRequestBody).error().message == "key4711: duplicate key");
}

TEST_CASE("A text may end within a character") {  // without its last bytes being read
  const std::string_view character = GENERATE("\xF0\x9F\x98\x80", "\xE2\x82\xAC", "\xC3\xA4");
  for (std::size_t size = 1; size < character.size(); ++size) {
    const std::string text = "\"as long as to be on the heap" + std::string(character.substr(0, size));
    CHECK(parse(text).has_error());
    CHECK(parse(text, kRequestBody).has_error());
  }
}

TEST_CASE("Nesting is capped") {
  CHECK(parse(nested(32), kRequestBody).has_value());
  CHECK(parse(nested(33), kRequestBody).has_error());
  CHECK(parse(nested(128)).has_value());
  CHECK(parse(nested(129)).has_error());
  CHECK(parse(nested(3'000'000)).has_error());
  CHECK(parse(nested(500'000, R"({"a":)", "}")).has_error());
  CHECK(parse("[[],[],[[]]]", {.max_depth = 3}).has_value());
  CHECK(parse(R"({"tenantQuotas": [0, {"hard": {"pods": [[]]}}]})", {.max_depth = 4}).error().message ==
        "tenantQuotas[1].hard.pods: nested deeper than 4");
  CHECK(parse("[]", {.max_depth = 0}).error().message == "nested deeper than 0");
  CHECK(parse("1", {.max_depth = 0}).has_value());
}

TEST_CASE("Numbers of any length are safe to parse") {
  const std::string zeros(5000, '0');
  const auto [text, acceptable] = GENERATE_COPY(table<std::string, bool>({
      {"0." + zeros, true},
      {"0." + zeros + "1", false},
      {"1" + zeros, false},
      {"1." + zeros + "1", true},
      {"1e" + zeros + "1", true},
      {"1e-" + zeros + "1", true},
      {"1e-99999999999999999999", false},
      {"0e99", true},
      {"0." + zeros + "1e5000", true},
      {"0." + zeros + "1e9999999999999", false},
  }));
  CAPTURE(text.substr(0, 20), text.size());
  CHECK(parse(text).has_value() == acceptable);
}

TEST_CASE("No error shows a value of the body") {
  const auto text = GENERATE(R"({"data": {"k": "c2VjcmV0" "x"}})"sv, R"({"data": {"k": "c2VjcmV0\udc00"}})"sv,
                             R"({"data": {"k": "c2VjcmV0", "k": "c2VjcmV0"}})"sv, R"({"data": {"k": "c2VjcmV0)"sv,
                             R"({"data": {"k": c2VjcmV0}})"sv, "{\"data\": {\"k\": \"c2VjcmV0\xFF\"}}"sv);
  const Result<Document> document = parse(text, kRequestBody);
  REQUIRE(document.has_error());
  CHECK(document.error().message.find("c2Vj") == std::string::npos);
}

TEST_CASE("Long keys are cut in messages") {
  const std::string key(100'000, 'k');
  const std::string message = parse("{\"" + key + "\":1,\"" + key + "\":2}", kRequestBody).error().message;
  CHECK(message == key.substr(0, 77) + "...: duplicate key");
}

TEST_CASE("Values stay valid when their document moves") {
  Document document = parse(R"({"a": ["short", "a string that is longer than any small buffer"]})").value();
  const Value value = document.root()["a"];
  Document moved = std::move(document);
  CHECK(value.items().begin() != value.items().end());
  CHECK(value.text() == R"(["short","a string that is longer than any small buffer"])");
  CHECK_FALSE(document.root().exists());  // NOLINT(bugprone-use-after-move)
  document = std::move(moved);
  CHECK(value.text() == R"(["short","a string that is longer than any small buffer"])");
}

}  // namespace
}  // namespace quartermaster::json
