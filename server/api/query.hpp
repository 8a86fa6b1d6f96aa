// Query parameters: a route declares which it takes and of what type; they are checked before anything else is done.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/label_selector.hpp"
#include "model/timestamp.hpp"
#include "server/http/target.hpp"

namespace quartermaster::api {

enum class ParameterType {
  text,
  boolean,           // true, false, 1, 0
  flag,              // the same, or no value at all, which is true
  count,             // a whole number, 0 or more
  positive,          // a whole number, 1 or more
  duration,          // "5s", "1m30s", "500ms"
  time,              // RFC 3339
  selector,          // a label selector
  resource_version,  // opaque, but digits
  name,              // DNS-1123 subdomain
  token,             // of a plan: letters, digits, dots and dashes, not many
  restart_mode,      // delete, evict, rollout
};

struct Parameter {
  std::string_view name;
  ParameterType type;
};

/// Parameters that passed their checks. Each accessor may only be used with a declared parameter of its type.
class Query {
 public:
  /// Error: bad_request naming the parameter: not of its type, given twice (also under its other spelling), where
  /// `refuse_unknown`, not declared, or a resourceVersion beside a continue.
  static Result<Query> parse(const http::Target& target, std::span<const Parameter> declared, bool refuse_unknown);

  bool has(std::string_view name) const { return values_.contains(name); }
  std::string text(std::string_view name) const;
  bool boolean(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
  std::optional<std::chrono::nanoseconds> duration(std::string_view name) const;
  std::optional<Timestamp> time(std::string_view name) const;
  LabelSelector selector() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// Go's duration syntax, not negative: one or more of number and unit (h, m, s, ms, us, µs, ns).
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace quartermaster::api
