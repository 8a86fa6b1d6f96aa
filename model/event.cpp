// Reads, orders and writes events.
#include "model/event.hpp"

#include <algorithm>
#include <initializer_list>
#include <tuple>

namespace quartermaster::model {
namespace {

std::optional<Timestamp> first_time(std::initializer_list<json::Value> candidates) {
  for (const json::Value candidate : candidates) {
    if (const auto time = parse_timestamp(candidate.string())) return time;
  }
  return {};
}

std::int64_t count_from(json::Value raw) {
  for (const json::Value candidate : {raw["series"]["count"], raw["count"]}) {
    const std::int64_t count = candidate.integer().value_or(0);
    if (count > 0) return count;
  }
  return 1;
}

std::string from_of(json::Value raw) {
  const json::Value source = raw["source"];
  std::string from(source["component"].string());
  if (from.empty()) return std::string(raw["reportingComponent"].string());
  if (const std::string_view host = source["host"].string(); !host.empty()) from.append(", ").append(host);
  return from;
}

void write_members(json::Writer& writer, const Event& event) {
  writer.field("type", event.type).field("reason", event.reason).field("message", event.message);
  writer.field("from", event.from).field("count", event.count);
  writer.field("firstTimestamp", format_timestamp(event.first)).field("lastTimestamp", format_timestamp(event.last));
}

}  // namespace

Event event_from(json::Value raw) {
  const json::Value involved = raw["involvedObject"];
  Event event;
  event.meta = object_meta_from(raw);
  event.involved = {.kind = std::string(involved["kind"].string()),
                    .ns = std::string(involved["namespace"].string()),
                    .name = std::string(involved["name"].string()),
                    .uid = std::string(involved["uid"].string())};
  event.type = raw["type"].string();
  event.reason = raw["reason"].string();
  event.message = raw["message"].string();
  event.from = from_of(raw);
  event.count = count_from(raw);
  event.first = first_time({raw["firstTimestamp"], raw["eventTime"], raw["metadata"]["creationTimestamp"]});
  event.last = first_time({raw["series"]["lastObservedTime"], raw["lastTimestamp"], raw["eventTime"]});
  if (!event.last) event.last = event.first;
  return event;
}

void write(json::Writer& writer, const Event& event) {
  writer.begin_object();
  write_members(writer, event);
  writer.end_object();
}

void write_with_object(json::Writer& writer, const Event& event) {
  writer.begin_object().key("object").begin_object();
  writer.field("kind", event.involved.kind).field("name", event.involved.name).end_object();
  write_members(writer, event);
  writer.end_object();
}

void sort_by_time(std::vector<Event>& events) {
  const auto key = [](const Event& e) { return std::tie(e.last, e.first, e.meta.name); };
  std::stable_sort(events.begin(), events.end(), [key](const Event& a, const Event& b) { return key(a) < key(b); });
}

bool is_about(const Event& event, const Pod& pod) {
  const std::string& uid = event.involved.uid;
  return !uid.empty() && (uid == pod.meta.uid || uid == mirror_hash(pod));
}

}  // namespace quartermaster::model
