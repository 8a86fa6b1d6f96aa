// Restarting a pod: deleting or evicting it, so that its controller makes a new one, or restarting what it belongs to.
#include <optional>

#include "kubeapi/eviction.hpp"
#include "model/pod.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replacement.hpp"
#include "server/api/replies.hpp"
#include "server/api/rollout.hpp"
#include "server/api/versions.hpp"
#include "server/http/error_table.hpp"

namespace quartermaster::api {
namespace {

using namespace std::chrono_literals;
using model::Kind;

constexpr auto kMaxWait = 60s;

/// How a pod is restarted, and what came of it.
struct Restart {
  model::Pod pod;
  std::optional<Owner> controller;  // of the pod
  std::optional<Owner> workload;    // that is rolled out, in that mode
  std::string message = {};         // about it
  std::string version = {};         // that it has made
};

/// How long to wait for the replacement; 0 is not at all.
Result<Clock::duration> wait_of(const Query& query) {
  const auto asked = query.duration("wait");
  if (!asked) return Clock::duration::zero();
  if (*asked <= 0ns || *asked > kMaxWait) {
    return Error{ErrorCode::bad_request, "parameter wait: must be more than 0 and at most 60s"};
  }
  if (query.boolean("dryRun")) {
    return Error{ErrorCode::bad_request, "parameter wait: there is nothing to wait for with dryRun"};
  }
  return std::chrono::duration_cast<Clock::duration>(*asked);
}

std::string name_of(const Context& context) { return "pod " + context.at("namespace") + "/" + context.at("pod"); }

/// The pod that is to be restarted, and what will make the new one.
Task<Result<Restart>> read_pod(Context& context) {
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pod");
  const auto raw = co_await context.services.api.get(Kind::pod, ns, name, {}, context.call);
  if (!raw) co_return about(raw.error(), "pod", ns, name);
  Restart restart{.pod = model::pod_from(raw->root()), .controller = {}, .workload = {}};
  if (model::is_mirror(restart.pod)) {
    co_return Error{ErrorCode::unmanaged,
                    name_of(context) + " mirrors a static pod of its node: deleting the mirror does not restart it"};
  }
  restart.controller = owner_of(restart.pod.meta);
  const bool rollout = context.query.text("mode") == "rollout";
  if (!restart.controller && rollout) {
    co_return Error{ErrorCode::unmanaged, name_of(context) + " belongs to nothing that could be restarted"};
  }
  if (!restart.controller && !context.query.boolean("force")) {
    co_return Error{ErrorCode::unmanaged,
                    name_of(context) + " has no controller that would make a new one; force=true deletes it for good"};
  }
  if (!rollout) co_return restart;
  restart.workload = restart.controller;
  if (restart.controller->kind != model::info(Kind::replica_set).name) co_return restart;
  const auto above = co_await owner_above(context, *restart.controller);
  if (!above) co_return above.error();
  if (*above) restart.workload = *above;
  co_return restart;
}

/// By uid, so that a replacement which has the same name by now is not hit.
Task<Result<std::string>> delete_pod(Context& context, model::ObjectMeta meta) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto options = delete_by_uid(context, meta);
  auto deleted = co_await api.remove(Kind::pod, ns, meta.name, options, context.call);
  if (!deleted) co_return about(deleted.error(), "pod", ns, meta.name);
  if (options.dry_run) co_return std::string();
  co_return co_await version_after_delete(api, Kind::pod, ns, std::move(*deleted), context.call);
}

Task<Result<std::string>> evict_pod(Context& context, model::ObjectMeta meta) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto options = delete_by_uid(context, meta);
  const auto evicted = co_await kubeapi::evict(api.client(), ns, meta.name, options, context.call);
  if (!evicted) {
    auto error = about(evicted.error(), "pod", ns, meta.name);
    if (kubeapi::budget_cause(error) != nullptr)
      error.message = name_of(context) + " may not be evicted: " + error.message;
    co_return error;
  }
  if (options.dry_run) co_return std::string();
  co_return co_await version_after_deletes(api, Kind::pod, ns, {}, context.call);
}

Task<Result<Rollout>> restart_workload(Context& context, Owner workload) {
  auto outcome = co_await roll_out(context, Moment::workload, workload);
  auto* const refusal = std::get_if<Refusal>(&outcome);
  if (refusal == nullptr) co_return std::move(std::get<Rollout>(outcome));
  Error error{refusal->code, refusal->message};
  if (error.code == ErrorCode::forbidden) context.trail.decision = Decision::denied;
  if (http::error_row(error.code).status == 409) {
    error.message =
        workload.kind + " " + context.at("namespace") + "/" + workload.name + " is not restarted: " + error.message;
    error.causes.push_back({workload.kind + "/" + workload.name, refusal->reason, refusal->message});
  }
  co_return error;
}

/// Does it, as the mode says.
Task<Result<void>> carry_out(Context& context, Restart& restart) {
  if (restart.workload) {
    auto rollout = co_await restart_workload(context, *restart.workload);
    if (!rollout) co_return rollout.error();
    restart.version = std::move(rollout->version);
    restart.message = std::move(rollout->message);
    co_return Result<void>();
  }
  Result<std::string> version = std::string();
  if (context.query.text("mode") == "evict") {
    version = co_await evict_pod(context, restart.pod.meta);
  } else {
    version = co_await delete_pod(context, restart.pod.meta);
  }
  if (!version) co_return version.error();
  restart.version = std::move(*version);
  co_return Result<void>();
}

Task<Result<Replacement>> carry_out_and_wait(Context& context, Restart& restart, Clock::duration at_most) {
  if (!restart.controller) {
    const auto done = co_await carry_out(context, restart);
    if (!done) co_return done.error();
    Replacement none;
    none.causes.push_back(
        {"Pod", restart.pod.meta.name, "Unmanaged", "it had no controller that would make a new one"});
    co_return none;
  }
  ReplacementFinder finder(context, restart.pod, restart.workload ? *restart.workload : *restart.controller);
  const auto prepared = co_await finder.prepare();
  if (!prepared) co_return prepared.error();
  const auto done = co_await carry_out(context, restart);
  if (!done) co_return done.error();
  co_return co_await finder.wait(at_most);
}

http::Reply reply_of(const Restart& restart, const std::optional<Replacement>& replacement, bool dry_run) {
  std::string body;
  json::Writer writer(body);
  const auto& [pod, controller, workload, message, version] = restart;
  writer.begin_object().key("pod").begin_object();
  writer.field("name", pod.meta.name).field("uid", pod.meta.uid).end_object();
  writer.key("controller").begin_object();
  writer.field("kind", controller ? controller->kind : "").field("name", controller ? controller->name : "");
  writer.end_object();
  if (workload) {
    writer.key("workload").begin_object().field("kind", workload->kind).field("name", workload->name);
    writer.field("message", message).end_object();
  }
  if (replacement) {
    writer.key("replacement");
    write(writer, *replacement);
  }
  writer.end_object();
  auto reply = json_reply(200, std::move(body));
  if (!dry_run) set_version(reply, version);
  return reply;
}

}  // namespace

Task<Result<http::Reply>> restart_pod(Context& context) {
  const auto wait = wait_of(context.query);
  if (!wait) co_return wait.error();
  auto restart = co_await read_pod(context);
  if (!restart) co_return restart.error();
  std::optional<Replacement> replacement;
  if (*wait > Clock::duration::zero()) {
    auto waited = co_await carry_out_and_wait(context, *restart, *wait);
    if (!waited) co_return waited.error();
    replacement = std::move(*waited);
  } else {
    const auto done = co_await carry_out(context, *restart);
    if (!done) co_return done.error();
  }
  co_return reply_of(*restart, replacement, context.query.boolean("dryRun"));
}

}  // namespace quartermaster::api
