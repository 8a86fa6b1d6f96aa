// Request targets and their queries.
#include "server/http/target.hpp"

#include <array>

#include "model/json.hpp"
#include "server/api/query.hpp"
#include "test/fuzz/fuzz.hpp"

using quartermaster::api::ParameterType;
using quartermaster::fuzz::check;
using quartermaster::http::Target;

namespace {

std::string encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.append("%").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
  }
  return out;
}

/// The same target in its most cautious spelling.
std::string spell(const Target& target) {
  std::string out = target.segments.empty() ? "/" : "";
  for (const auto& segment : target.segments) out += "/" + encode(segment);
  char separator = '?';
  for (const auto& [name, value] : target.query) {
    out += separator + encode(name) + "=" + encode(value);
    separator = '&';
  }
  return out;
}

constexpr std::array<quartermaster::api::Parameter, 10> kAll{{
    {"text", ParameterType::text},
    {"boolean", ParameterType::boolean},
    {"flag", ParameterType::flag},
    {"count", ParameterType::count},
    {"limit", ParameterType::positive},
    {"timeout", ParameterType::duration},
    {"sinceTime", ParameterType::time},
    {"labelselector", ParameterType::selector},
    {"resourceVersion", ParameterType::resource_version},
    {"name", ParameterType::name},
}};

void read_query(const Target& target) {
  const auto strict = quartermaster::api::Query::parse(target, kAll, true);
  const auto query = quartermaster::api::Query::parse(target, kAll, false);
  if (strict) check(query.has_value(), "what is right where unknown parameters are refused is right elsewhere");
  if (!query) return;
  query->text("text"), query->boolean("boolean"), query->boolean("flag"), query->selector(), query->time("sinceTime");
  if (const auto count = query->number("count")) check(*count >= 0, "a count is not negative");
  if (const auto limit = query->number("limit")) check(*limit >= 1, "a limit is positive");
  if (const auto timeout = query->duration("timeout")) check(timeout->count() >= 0, "a timeout is not negative");
}

}  // namespace

FUZZ_TARGET(target) {
  const auto target = quartermaster::http::parse_target(input);
  if (!target) return;
  for (const auto& segment : target->segments) {
    check(!segment.empty() && segment != "." && segment != "..", "no segment leads elsewhere");
    check(quartermaster::json::is_valid_utf8(segment) && segment.find('\0') == std::string::npos, "segments are text");
  }
  const auto again = quartermaster::http::parse_target(spell(*target));
  check(again && again->segments == target->segments && again->query == target->query, "decoded just once");
  read_query(*target);
}
