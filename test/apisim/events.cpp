#include "test/apisim/events.hpp"

#include <utility>

namespace quartermaster::apisim {
namespace {

struct Names {
  std::string_view old_name, new_name;
};

constexpr Names kNames[] = {
    {"metadata", "metadata"},
    {"eventTime", "eventTime"},
    {"series", "series"},
    {"reportingComponent", "reportingController"},
    {"reportingInstance", "reportingInstance"},
    {"action", "action"},
    {"reason", "reason"},
    {"involvedObject", "regarding"},
    {"related", "related"},
    {"message", "note"},
    {"type", "type"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
};

}  // namespace

json::object to_new_event(const json::object& event) {
  json::object result;
  for (const auto& [old_name, new_name] : kNames) {
    const auto* value = event.if_contains(old_name);
    if (value == nullptr || (value->is_string() && value->get_string().empty())) continue;
    result[new_name] = *value;
  }
  return result;
}

json::object from_new_event(const json::object& event) {
  json::object result;
  for (const auto& [old_name, new_name] : kNames) {
    if (const auto* value = event.if_contains(new_name)) result[old_name] = *value;
  }
  return result;
}

FieldErrors validate_new_event(const json::object& event) {
  FieldErrors errors;
  const auto type = text(event, {"type"});
  if (text(event, {"eventTime"}).empty()) {
    errors.push_back(required("eventTime"));  // and, as in the API server, no word about the rest
  } else {
    for (const auto* field : {"reportingController", "reportingInstance", "action", "reason"}) {
      if (text(event, {field}).empty()) errors.push_back(required(field));
    }
  }
  if (type != "Normal" && type != "Warning")
    errors.push_back(invalid_value("type", type, "has invalid value: " + std::string(type)));
  return errors;
}

}  // namespace quartermaster::apisim
