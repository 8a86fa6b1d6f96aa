// The events of a pod.
#include "model/event.hpp"

#include "model/pod.hpp"
#include "server/api/handlers.hpp"
#include "server/api/pages.hpp"
#include "server/api/replies.hpp"

namespace quartermaster::api {

using model::Kind;

Task<Result<http::Reply>> list_pod_events(Context& context) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pod");
  std::optional<model::Pod> pod;
  if (const auto raw = co_await api.get(Kind::pod, ns, name, {}, context.call)) {
    pod = model::pod_from(raw->root());
  } else if (raw.error().code != ErrorCode::not_found) {
    co_return raw.error();
  }

  kubeapi::ListOptions of_pod;
  of_pod.field_selector = "involvedObject.kind=Pod,involvedObject.name=" + name;
  auto listed = co_await list_all(api, Kind::event, ns, std::move(of_pod), context.call, model::event_from);
  if (!listed) co_return listed.error();
  auto& events = listed->objects;
  if (pod) std::erase_if(events, [&pod](const auto& event) { return !model::is_about(event, *pod); });
  if (!pod && events.empty()) {
    co_return Error{ErrorCode::not_found, "pod " + ns + "/" + name + " is not found, and no event tells of it"};
  }

  model::sort_by_time(events);
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("events").begin_array();
  for (const auto& event : events) model::write(writer, event);
  writer.end_array().end_object();
  auto reply = json_reply(200, std::move(body));
  set_version(reply, listed->resource_version);
  co_return reply;
}

}  // namespace quartermaster::api
