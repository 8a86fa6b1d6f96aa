// Query parameters.
#include "server/api/query.hpp"

#include <algorithm>
#include <charconv>

#include "model/names.hpp"

namespace quartermaster::api {
namespace {

constexpr std::string_view kSelector = "labelselector";

/// The spelling under which a parameter is kept.
std::string_view canonical(std::string_view name) { return name == "labelSelector" ? kSelector : name; }

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_boolean(std::string_view text) { return text == "true" || text == "false" || text == "1" || text == "0"; }

/// What is wrong with a value, or "".
std::string problem(ParameterType type, std::string_view value) {
  switch (type) {
    case ParameterType::text:
      return "";
    case ParameterType::flag:
      if (value.empty()) return "";
      [[fallthrough]];
    case ParameterType::boolean:
      return is_boolean(value) ? "" : "must be true or false";
    case ParameterType::count: {
      const auto number = parse_number(value);
      return number && *number >= 0 ? "" : "must be a whole number, 0 or more";
    }
    case ParameterType::positive: {
      const auto number = parse_number(value);
      return number && *number >= 1 ? "" : "must be a whole number, 1 or more";
    }
    case ParameterType::duration:
      return parse_duration(value) ? "" : "must be a duration such as 5s or 1m30s";
    case ParameterType::time:
      return parse_timestamp(value) ? "" : "must be a time such as 2019-07-05T04:17:59Z";
    case ParameterType::selector: {
      const auto selector = LabelSelector::parse(value);
      return selector ? "" : selector.error().message;
    }
    case ParameterType::resource_version: {
      const bool digits = value.find_first_not_of("0123456789") == std::string_view::npos;
      return !value.empty() && digits && value.size() <= 20 ? "" : "must be a resource version: digits";
    }
    case ParameterType::name:
      return check_dns1123_subdomain(value);
    case ParameterType::token:  // a wider rule, but of the same characters
      return check_config_map_key(value).empty() ? "" : "must be the token of a plan";
    case ParameterType::restart_mode:
      return value == "delete" || value == "evict" || value == "rollout" ? "" : "must be delete, evict or rollout";
  }
  return "";
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  using namespace std::chrono;
  if (text == "0") return nanoseconds::zero();
  if (text.empty()) return std::nullopt;
  constexpr double kMax = 1e9 * 3600 * 24 * 365;
  double total = 0;
  while (!text.empty()) {
    if ((text[0] < '0' || text[0] > '9') && text[0] != '.') return std::nullopt;
    double number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (ec != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto unit = text.substr(0, text.find_first_of("0123456789."));
    text.remove_prefix(unit.size());
    if (unit == "h")
      total += number * 3600e9;
    else if (unit == "m")
      total += number * 60e9;
    else if (unit == "s")
      total += number * 1e9;
    else if (unit == "ms")
      total += number * 1e6;
    else if (unit == "us" || unit == "\u00b5s" || unit == "\u03bcs")  // micro sign, Greek mu
      total += number * 1e3;
    else if (unit == "ns")
      total += number;
    else
      return std::nullopt;
    if (total > kMax) return std::nullopt;
  }
  return nanoseconds(static_cast<std::int64_t>(total));
}

Result<Query> Query::parse(const http::Target& target, std::span<const Parameter> declared, bool refuse_unknown) {
  Query query;
  for (const auto& [given, value] : target.query) {
    const auto name = canonical(given);
    const auto parameter = std::ranges::find(declared, name, &Parameter::name);
    if (parameter == declared.end()) {
      if (refuse_unknown) return Error{ErrorCode::bad_request, "parameter " + given + ": unknown here"};
      continue;
    }
    if (const auto what = problem(parameter->type, value); !what.empty()) {
      return Error{ErrorCode::bad_request, "parameter " + given + ": " + what};
    }
    if (!query.values_.emplace(name, value).second) {
      return Error{ErrorCode::bad_request, "parameter " + given + ": given more than once"};
    }
  }
  // As the API server does: a token holds the version of its list. Of any age is no wish.
  const auto version = query.text("resourceVersion");
  if (!version.empty() && version != "0" && !query.text("continue").empty()) {
    return Error{ErrorCode::bad_request,
                 "parameter resourceVersion: must not be given together with continue, which holds the list's version"};
  }
  return query;
}

std::string Query::text(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? "" : it->second;
}

bool Query::boolean(std::string_view name) const {
  const auto it = values_.find(name);
  return it != values_.end() && (it->second.empty() || it->second == "true" || it->second == "1");
}

std::optional<std::int64_t> Query::number(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? std::nullopt : parse_number(it->second);
}

std::optional<std::chrono::nanoseconds> Query::duration(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? std::nullopt : parse_duration(it->second);
}

std::optional<Timestamp> Query::time(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? std::nullopt : parse_timestamp(it->second);
}

LabelSelector Query::selector() const {
  const auto it = values_.find(kSelector);
  return it == values_.end() ? LabelSelector() : LabelSelector::parse(it->second).value();
}

}  // namespace quartermaster::api
