// Query parameters: types, spellings, and what is refused.
#include "server/api/query.hpp"

#include <catch2/catch.hpp>

#include "test/support/result.hpp"

namespace quartermaster::api {
namespace {

using namespace std::chrono_literals;
using enum ParameterType;

constexpr Parameter kDeclared[] = {
    {"text", text},
    {"boolean", boolean},
    {"flag", flag},
    {"count", count},
    {"positive", positive},
    {"duration", duration},
    {"time", time},
    {"labelselector", selector},
    {"version", resource_version},
    {"name", name},
    {"plan", token},
};

Result<Query> parse(const std::string& query, bool refuse_unknown = true) {
  return Query::parse(http::parse_target("/?" + query).value(), kDeclared, refuse_unknown);
}

TEST_CASE("Values of the wrong type are refused, naming the parameter") {
  const auto [query, wrong] = GENERATE(table<std::string, std::string>({
      {"text=", ""},
      {"text=%c3%a4%0a", ""},
      {"boolean=true", ""},
      {"boolean=0", ""},
      {"boolean=", "boolean: must be true or false"},
      {"boolean=TRUE", "boolean: must be true or false"},
      {"boolean=yes", "boolean: must be true or false"},
      {"flag", ""},
      {"flag=false", ""},
      {"flag=x", "flag: must be true or false"},
      {"count=0", ""},
      {"count=9223372036854775807", ""},
      {"count=", "count: must be a whole number, 0 or more"},
      {"count=-1", "count: must be a whole number, 0 or more"},
      {"count=%2b1", "count: must be a whole number, 0 or more"},
      {"count=1.5", "count: must be a whole number, 0 or more"},
      {"count=1x", "count: must be a whole number, 0 or more"},
      {"count= 1", "count: must be a whole number, 0 or more"},
      {"count=9223372036854775808", "count: must be a whole number, 0 or more"},
      {"positive=1", ""},
      {"positive=0", "positive: must be a whole number, 1 or more"},
      {"positive=a", "positive: must be a whole number, 1 or more"},
      {"duration=5s", ""},
      {"duration=5", "duration: must be a duration such as 5s or 1m30s"},
      {"time=2019-07-05T04:17:59Z", ""},
      {"time=2019-07-05T04:17:59.5%2b02:00", ""},
      {"time=2019-07-05", "time: must be a time such as 2019-07-05T04:17:59Z"},
      {"time=", "time: must be a time such as 2019-07-05T04:17:59Z"},
      {"labelselector=a%3db,!c", ""},
      {"labelselector=", ""},
      {"version=0", ""},
      {"version=18446744073709551615", ""},
      {"version=", "version: must be a resource version: digits"},
      {"version=1a", "version: must be a resource version: digits"},
      {"version=-1", "version: must be a resource version: digits"},
      {"version=123456789012345678901", "version: must be a resource version: digits"},
      {"name=a.b-c", ""},
      {"name=", "name: must not be empty"},
      {"plan=1.0af-Z", ""},
      {"plan=", "plan: must be the token of a plan"},
      {"plan=a%20b", "plan: must be the token of a plan"},
      {"text=a&text=a", "text: given more than once"},
      {"labelselector=a&labelSelector=a", "labelSelector: given more than once"},
      {"unknown=1", "unknown: unknown here"},
      {"labelSelectors=a", "labelSelectors: unknown here"},
      {"Text=a", "Text: unknown here"},
  }));
  CAPTURE(query);
  std::string target = query;
  for (auto at = target.find(' '); at != std::string::npos; at = target.find(' ')) target.replace(at, 1, "%20");
  const auto parsed = parse(target);
  CHECK(parsed.has_value() == wrong.empty());
  if (parsed) return;
  CHECK(parsed.error().code == ErrorCode::bad_request);
  CHECK(parsed.error().message == "parameter " + wrong);
}

TEST_CASE("A bad selector is explained, whatever its spelling") {
  const std::string spelling = GENERATE("labelselector", "labelSelector");
  const auto parsed = parse(spelling + "=a%3d%3d%3db");
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message == "parameter " + spelling + ": " + LabelSelector::parse("a===b").error().message);
}

TEST_CASE("A version is refused beside a token, which holds one") {
  constexpr Parameter kOfLists[] = {{"continue", text}, {"resourceVersion", resource_version}};
  const auto [query, good] = GENERATE(table<std::string, bool>({
      {"continue=a", true},
      {"resourceVersion=5", true},
      {"resourceVersion=5&continue=", true},
      {"resourceVersion=0&continue=a", true},
      {"resourceVersion=5&continue=a", false},
      {"continue=a&resourceVersion=5", false},
  }));
  CAPTURE(query);
  const auto parsed = Query::parse(http::parse_target("/?" + query).value(), kOfLists, false);
  CHECK(parsed.has_value() == good);
  if (parsed) return;
  CHECK(parsed.error().code == ErrorCode::bad_request);
  CHECK(parsed.error().message.starts_with("parameter resourceVersion: "));
}

TEST_CASE("Unknown parameters are ignored where that does no harm") {
  CHECK(parse("unknown=1&unknown=2", false));
  CHECK_FALSE(parse("count=x", false));
}

TEST_CASE("Values are read by their type") {
  const auto query = parse(
      "text=a%20b&boolean=1&flag&count=7&duration=1m30s&time=1970-01-01T00:00:01Z&labelSelector=a%3db&version=12");
  REQUIRE(query);
  CHECK(query->text("text") == "a b");
  CHECK(query->boolean("boolean"));
  CHECK(query->boolean("flag"));
  CHECK(query->number("count") == 7);
  CHECK(query->duration("duration") == 90s);
  CHECK(format_timestamp(query->time("time")) == "1970-01-01T00:00:01Z");
  CHECK(query->selector().to_string() == "a=b");
  CHECK(query->has("labelselector"));
  CHECK(query->text("version") == "12");

  const auto none = parse("boolean=false&flag=0");
  REQUIRE(none);
  CHECK_FALSE(none->boolean("boolean"));
  CHECK_FALSE(none->boolean("flag"));
  CHECK_FALSE(none->has("text"));
  CHECK(none->text("text") == "");
  CHECK(none->number("count") == std::nullopt);
  CHECK(none->duration("duration") == std::nullopt);
  CHECK(none->time("time") == std::nullopt);
  CHECK(none->selector().to_string() == "");
}

TEST_CASE("Durations are Go's, but not negative") {
  const auto [text, expected] = GENERATE(table<std::string, std::optional<std::chrono::nanoseconds>>({
      {"0", 0ns},
      {"0s", 0ns},
      {"5s", 5s},
      {"1m30s", 90s},
      {"1h2m3s", 3723s},
      {"30s1m", 90s},
      {"500ms", 500ms},
      {"1.5s", 1500ms},
      {".5s", 500ms},
      {"1.s", 1s},
      {"10us", 10us},
      {"10\u00b5s", 10us},  // micro sign
      {"10\u03bcs", 10us},  // Greek mu
      {"7ns", 7ns},
      {"0.1ns", 0ns},
      {"", std::nullopt},
      {"5", std::nullopt},
      {"s", std::nullopt},
      {".s", std::nullopt},
      {"-5s", std::nullopt},
      {"+5s", std::nullopt},
      {"5 s", std::nullopt},
      {" 5s", std::nullopt},
      {"5s ", std::nullopt},
      {"5d", std::nullopt},
      {"5S", std::nullopt},
      {"1e3s", std::nullopt},
      {"1s2", std::nullopt},
      {"1..5s", std::nullopt},
      {"inf s", std::nullopt},
      {"nans", std::nullopt},
      {"0x5s", std::nullopt},
      {"99999999999h", std::nullopt},
      {std::string(400, '9') + "s", std::nullopt},
  }));
  CAPTURE(text);
  CHECK(parse_duration(text) == expected);
}

}  // namespace
}  // namespace quartermaster::api
