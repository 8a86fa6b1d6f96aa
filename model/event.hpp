// Events (core/v1), written by old and by new event APIs: what is read of them, their order and their DTO.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/json.hpp"
#include "model/object_meta.hpp"
#include "model/pod.hpp"
#include "model/timestamp.hpp"

namespace quartermaster::model {

/// What an event is about: its involvedObject.
struct ObjectReference {
  std::string kind;
  std::string ns;
  std::string name;
  std::string uid;
};

struct Event {
  ObjectMeta meta;
  ObjectReference involved;
  std::string type;  // "Normal" or "Warning"
  std::string reason;
  std::string message;
  std::string from;  // source.component and, if set, ", " source.host; else reportingComponent
  std::int64_t count = 1;
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
};

/// Events of the newer API have no first and last time and no count: `first` falls back to eventTime, then to the
/// creation time; `last` is series.lastObservedTime, else lastTimestamp, else eventTime, else `first`; `count` is
/// series.count, else count, else 1.
Event event_from(json::Value raw);

/// `{type, reason, message, from, count, firstTimestamp, lastTimestamp}`
void write(json::Writer& writer, const Event& event);

/// The same, and before that `object: {kind, name}`, what it is about.
void write_with_object(json::Writer& writer, const Event& event);

/// Oldest `last` first; then by `first`, then by name, which for a recorder's events ends in the time of the first one.
void sort_by_time(std::vector<Event>& events);

/// Whether it is about this very pod: by uid; for a mirror pod, also by the config hash of its static pod.
bool is_about(const Event& event, const Pod& pod);

}  // namespace quartermaster::model
