// Restarting workloads, and what keeps them from it.
#include "server/api/rollout.hpp"

#include <chrono>

#include "server/api/replies.hpp"
#include "server/http/error_table.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

bool rolls_out(const std::optional<Kind>& kind) {
  return kind == Kind::deployment || kind == Kind::stateful_set || kind == Kind::daemon_set;
}

/// Of a controller that cannot roll out.
Refusal no_rollout(std::string_view kind) {
  constexpr auto kCode = ErrorCode::unmanaged;
  if (kind == "ReplicaSet") return {kCode, "Unmanaged", "it belongs to no deployment, and does not roll out by itself"};
  if (kind == "Job") return {kCode, "Job", "its pods run to their end, and are not replaced"};
  return {kCode, "Unmanaged", "it is none of the kinds Deployment, StatefulSet and DaemonSet"};
}

/// Of a workload as it is now.
std::optional<Refusal> stays(const model::Workload& workload) {
  if (workload.meta.terminating) return Refusal{ErrorCode::terminating, "Terminating", "it is being deleted"};
  if (workload.paused)
    return Refusal{ErrorCode::conflict, "Paused", "it is paused: resume it first, and restart it then"};
  if (workload.update_strategy == "OnDelete") {
    return Refusal{ErrorCode::conflict, "OnDelete",
                   "its update strategy is OnDelete: a pod is replaced when somebody deletes it"};
  }
  return std::nullopt;
}

}  // namespace

Refusal refusal_of(const Error& error) {
  // What does not fit the object by now is a conflict with those who have changed it.
  const auto code = error.code == ErrorCode::invalid ? ErrorCode::conflict : error.code;
  return {code, std::string(http::error_row(error.code).reason), error.message};
}

Task<RolloutOrRefusal> roll_out(Context& context, Moment moment, Owner owner) {
  const auto kind = maker_kind(owner.kind);
  if (!rolls_out(kind)) co_return no_rollout(owner.kind);
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto allowed = co_await may(context, moment, *kind, owner.name);
  if (!allowed) co_return refusal_of(allowed.error());
  const auto raw = co_await api.get(*kind, ns, owner.name, {}, context.call);
  if (!raw) co_return refusal_of(about(raw.error(), owner.kind, ns, owner.name));
  Rollout rollout{.workload = model::workload_from(raw->root()), .version = {}, .message = {}};
  const auto& workload = rollout.workload;
  if (workload.meta.uid != owner.uid) co_return refusal_of(gone(owner));
  if (auto refusal = stays(workload)) co_return std::move(*refusal);

  std::string patch;
  json::Writer writer(patch);
  model::write_restart_patch(writer, workload, std::chrono::system_clock::now());
  const bool dry_run = context.query.boolean("dryRun");
  const auto patched = co_await api.patch(*kind, ns, owner.name, std::move(patch), {.dry_run = dry_run}, context.call);
  if (!patched) co_return refusal_of(patched.error());
  rollout.version = patched->root()["metadata"]["resourceVersion"].string();
  if (workload.partition > 0) {
    rollout.message =
        "its update is partitioned: only pods from ordinal " + std::to_string(workload.partition) + " on are restarted";
  }
  context.trail.names.push_back(owner.kind + "/" + owner.name);
  co_return rollout;
}

}  // namespace quartermaster::api
