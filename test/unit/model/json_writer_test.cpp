// The JSON writer, and paths for messages.
#include <catch2/catch.hpp>
#include <limits>

#include "model/json.hpp"

namespace quartermaster::json {
namespace {

using namespace std::string_view_literals;

template <class Write>
std::string written(Write write) {
  std::string out;
  Writer writer(out);
  write(writer);
  return out;
}

TEST_CASE("A writer appends to its string") {
  std::string out = "before ";
  Writer writer(out);
  writer.begin_object()
      .field("string", "a")
      .field("view", "b"sv)
      .field("owned", std::string("c"))
      .field("yes", true)
      .field("int", 1)
      .field("long", std::int64_t{1} << 40);
  writer.key("array").begin_array().null().integer(-1).boolean(false).string("").raw("{\"r\":[]}").end_array();
  writer.key("none").begin_object().end_object();
  writer.end_object();
  CHECK(out == R"(before {"string":"a","view":"b","owned":"c","yes":true,"int":1,"long":1099511627776,)"
               R"("array":[null,-1,false,"",{"r":[]}],"none":{}})");
}

TEST_CASE("Strings are escaped and made valid UTF-8") {
  const auto [text, expected] = GENERATE(table<std::string_view, std::string>({
      {""sv, R"("")"},
      {std::string_view(), R"("")"},
      {"a\"b\\c/d"sv, R"("a\"b\\c/d")"},
      {"\b\f\n\r\t\0\x1f\x7f"sv, "\"\\b\\f\\n\\r\\t\\u0000\\u001F\x7f\""},
      {"\u00e4\u20ac\U0001F600"sv, "\"\u00e4\u20ac\U0001F600\""},
      {"a\xFF"sv, "\"a\uFFFD\""},
  }));
  CHECK(written([value = text](Writer& writer) { writer.string(value); }) == expected);
  CHECK(written([key = text](Writer& writer) { writer.begin_object().key(key).null().end_object(); }) ==
        "{" + expected + ":null}");
}

TEST_CASE("Numbers are written in their shortest form") {
  const auto [number, expected] = GENERATE(table<double, std::string>({
      {0.0, "0"},
      {1.5, "1.5"},
      {4, "4"},
      {0.1, "0.1"},
      {-0.25, "-0.25"},
      {100000, "100000"},
      {-123456789.5, "-123456789.5"},
      {0.000001, "0.000001"},
      {1.2345678901234567e-6, "0.0000012345678901234567"},
      {1e20, "100000000000000000000"},
      {-0.0, "-0"},
      {1e21, "1e+21"},
      {9.5e-7, "9.5e-07"},
      {1.0 / 3, "0.3333333333333333"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
      {std::numeric_limits<double>::denorm_min(), "5e-324"},
      {std::numeric_limits<double>::infinity(), "null"},
      {std::numeric_limits<double>::quiet_NaN(), "null"},
  }));
  CHECK(written([n = number](Writer& writer) { writer.number(n); }) == expected);
}

TEST_CASE("A part of a document is passed on, an absent one as null") {
  const Document document = parse(R"({"spec": {"a": [1, 2.5, "\u00e4\n", null, true]}})").value();
  CHECK(written([&](Writer& writer) {
          writer.begin_array().value(document.root()["spec"]).value(document.root()["status"]).end_array();
        }) == "[{\"a\":[1,2.5,\"\u00e4\\n\",null,true]},null]");
}

TEST_CASE("Paths name the place") {
  const auto path = [](auto... steps) {
    std::string out;
    const auto append = [&](auto step) {
      if constexpr (std::is_integral_v<decltype(step)>)
        append_index(out, static_cast<std::size_t>(step));
      else
        append_key(out, step);
    };
    (append(steps), ...);
    return out;
  };
  CHECK(path("tenantQuotas", 1, "hard", "pods") == "tenantQuotas[1].hard.pods");
  CHECK(path(0, "a") == "[0].a");
  CHECK(path("metadata", "labels", "app.kubernetes.io/name") == "metadata.labels[app.kubernetes.io/name]");
  CHECK(path("data", "") == "data[]");
  CHECK(path("data", "a\xFF") == "data[a\uFFFD]");
  CHECK(path(std::string(80, 'k')) == std::string(80, 'k'));
  CHECK(path(std::string(81, 'k')) == std::string(77, 'k') + "...");
}

}  // namespace
}  // namespace quartermaster::json
