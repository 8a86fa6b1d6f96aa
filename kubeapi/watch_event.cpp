// An event is {"type": ..., "object": ...}: k8s.io/apimachinery/pkg/apis/meta/v1, watch.go.
#include "kubeapi/watch_event.hpp"

#include <algorithm>
#include <utility>

#include "kubeapi/status_error.hpp"

namespace quartermaster::kubeapi {
namespace {

constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";

Error unreadable(const std::string& why) {
  return {ErrorCode::bad_gateway, "the API server sent an event that cannot be read: " + why};
}

EventType type_of(std::string_view name) {
  if (name == "ADDED") return EventType::added;
  if (name == "MODIFIED") return EventType::modified;
  if (name == "DELETED") return EventType::deleted;
  if (name == "BOOKMARK") return EventType::bookmark;
  return name == "ERROR" ? EventType::error : EventType::unknown;
}

/// A Status holds the HTTP status that the API server would have answered with.
Error error_of(json::Value status) {
  const auto code = status["code"].integer().value_or(0);
  return status_error(static_cast<unsigned>(std::clamp<std::int64_t>(code, 0, 599)), status.text());
}

}  // namespace

Result<WatchEvent> decode_event(model::Kind kind, std::string_view text) {
  auto document = json::parse(text);
  if (!document) return unreadable(document.error().message);
  WatchEvent event;
  const auto root = document->root();
  event.type_name = root["type"].string();
  if (event.type_name.empty()) return unreadable("it has no type");
  event.type = type_of(event.type_name);
  event.object = root["object"];
  event.document = std::move(*document);
  if (event.type == EventType::unknown) return event;
  if (!event.object.is_object()) return unreadable("it has no object");
  if (event.type == EventType::error) {
    event.error = error_of(event.object);
    return event;
  }
  const auto kind_name = event.object["kind"].string();
  if (kind_name.empty()) return unreadable("its object has no kind");
  event.kind_ok = kind_name == model::info(kind).name;
  if (!event.kind_ok) return event;
  const auto meta = event.object["metadata"];
  event.version = meta["resourceVersion"].string();
  if (event.version.empty()) return unreadable("its object has no version");
  if (event.type == EventType::bookmark) {
    event.ends_initial_events = meta["annotations"][kInitialEventsEnd].string() == "true";
  } else if (meta["name"].string().empty()) {
    return unreadable("its object has no name");
  }
  return event;
}

}  // namespace quartermaster::kubeapi
