// One event of a watch: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
#pragma once

#include <string>
#include <string_view>

#include "model/json.hpp"
#include "model/kinds.hpp"

namespace quartermaster::kubeapi {

enum class EventType { added, modified, deleted, bookmark, error, unknown };

struct WatchEvent {
  EventType type = EventType::unknown;
  std::string type_name = {};        // as it came
  bool kind_ok = true;               // false: the object is of another kind than is watched
  std::string version = {};          // the object's resourceVersion
  bool ends_initial_events = false;  // a bookmark that says so
  Error error = {};                  // of ERROR: what its Status means
  json::Document document = {};      // of the whole event; what follows is a part of it
  json::Value object = {};
};

/// Decodes the event of a watch on `kind`. Error, bad_gateway: it is no JSON, it has no type or no object, or the
/// object of a known type has no kind, no version or, unless it is a bookmark, no name.
Result<WatchEvent> decode_event(model::Kind kind, std::string_view text);

}  // namespace quartermaster::kubeapi
