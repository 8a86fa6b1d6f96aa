// Restarting a pod: deleting it so that its controller makes a new one.
#include "model/pod.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/api/versions.hpp"

namespace quartermaster::api {

using model::Kind;

Task<Result<http::Reply>> restart_pod(Context& context) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pod");
  const auto raw = co_await api.get(Kind::pod, ns, name, {}, context.call);
  if (!raw) co_return about(raw.error(), "pod", ns, name);
  const auto pod = model::pod_from(raw->root());
  if (model::is_mirror(pod)) {
    co_return Error{
        ErrorCode::unmanaged,
        "pod " + ns + "/" + name + " mirrors a static pod of its node: deleting the mirror does not restart it"};
  }
  const auto* owner = model::controller(pod.meta);
  if (owner == nullptr && !context.query.boolean("force")) {
    co_return Error{
        ErrorCode::unmanaged,
        "pod " + ns + "/" + name + " has no controller that would make a new one; force=true deletes it for good"};
  }

  // By uid, so that a replacement which has the same name by now is not hit.
  const auto options = delete_by_uid(context, pod.meta);
  auto deleted = co_await api.remove(Kind::pod, ns, name, options, context.call);
  if (!deleted) co_return about(deleted.error(), "pod", ns, name);

  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("pod").begin_object().field("name", name).field("uid", pod.meta.uid).end_object();
  writer.key("controller").begin_object();
  writer.field("kind", owner == nullptr ? "" : owner->kind)
      .field("name", owner == nullptr ? "" : owner->name)
      .end_object();
  writer.end_object();
  auto reply = json_reply(200, std::move(body));
  if (!options.dry_run) {
    set_version(reply, co_await version_after_delete(api, Kind::pod, ns, std::move(*deleted), context.call));
  }
  co_return reply;
}

}  // namespace quartermaster::api
