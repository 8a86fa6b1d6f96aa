// From pods to what they belong to, and what keeps that from being restarted.
#include "server/api/secret_consumers.hpp"

#include <algorithm>
#include <chrono>
#include <compare>
#include <map>
#include <optional>

#include "model/pod.hpp"
#include "model/workload.hpp"
#include "server/api/replies.hpp"
#include "server/http/error_table.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

struct Owner {
  std::string kind, name, uid;
  auto operator<=>(const Owner&) const = default;
};

/// Owners, and the names of their pods.
using Groups = std::map<Owner, std::vector<std::string>>;

/// Why something is not restarted.
struct Reason {
  std::string word;
  std::string message;
};

Reason reason_of(const Error& error) { return {std::string(http::error_row(error.code).reason), error.message}; }

std::optional<Kind> rollout_kind(std::string_view kind) {
  for (const auto known : {Kind::deployment, Kind::stateful_set, Kind::daemon_set}) {
    if (kind == model::info(known).name) return known;
  }
  return std::nullopt;
}

/// Of a controller that cannot roll out.
Reason no_rollout(std::string_view kind) {
  if (kind == "ReplicaSet") return {"Unmanaged", "it belongs to no deployment, and does not roll out by itself"};
  if (kind == "Job") return {"Job", "its pods run to their end, and are not replaced"};
  return {"Unmanaged", "it is none of the kinds Deployment, StatefulSet and DaemonSet"};
}

/// Of a pod by itself.
std::optional<Reason> pod_stays(const User<model::Pod>& user) {
  const auto& [pod, places] = user;
  const bool only_pulls = std::ranges::all_of(places, [](auto& place) { return place == model::kImagePullSecrets; });
  if (only_pulls) return Reason{"ImagePull", "its images are pulled with the secret, and its containers do not see it"};
  if (model::is_mirror(pod)) return Reason{"Unmanaged", "it mirrors a static pod of its node"};
  if (model::controller(pod.meta) == nullptr) return Reason{"Unmanaged", "it has no controller that would replace it"};
  return std::nullopt;
}

/// Of a workload as it is now.
std::optional<Reason> workload_stays(const model::Workload& workload) {
  if (workload.meta.terminating) return Reason{"Terminating", "it is being deleted"};
  if (workload.paused) return Reason{"Paused", "it is paused: resume it first, and restart it then"};
  if (workload.update_strategy == "OnDelete") {
    return Reason{"OnDelete", "its update strategy is OnDelete: a pod is replaced when somebody deletes it"};
  }
  return std::nullopt;
}

Error another(const Owner& owner) {
  return {ErrorCode::not_found, "there is no such " + owner.kind + " any more, or it was made anew"};
}

/// Goes from the pods to the workloads, and restarts them.
class Restarter {
 public:
  explicit Restarter(Context& context) : context_(context), ns_(context.at("namespace")) {}

  Task<Consumers> run(std::string secret);

 private:
  Task<void> follow_replica_sets();
  Task<Result<Owner>> deployment_of(Owner owner);
  Task<void> restart(Owner owner, std::vector<std::string> pods);
  Task<std::optional<Reason>> roll_out(Kind kind, Owner owner, std::string& message);
  void leave(std::string kind, std::string name, std::vector<std::string> pods, Reason reason) {
    consumers_.all.push_back(
        {std::move(kind), std::move(name), std::move(pods), std::move(reason.word), std::move(reason.message)});
  }

  Context& context_;
  const std::string ns_;
  Groups groups_;
  Consumers consumers_{.changed = true};
};

Task<Consumers> Restarter::run(std::string secret) {
  const auto users = co_await users_of(context_, Kind::pod, secret, model::secret_places_in_pod, model::pod_from);
  if (!users) {
    consumers_.unread.push_back({Kind::pod, users.error()});
    co_return std::move(consumers_);
  }
  for (const auto& user : *users) {
    const auto& meta = user.object.meta;
    if (model::is_finished(user.object) || meta.terminating) continue;  // it goes anyway
    if (auto reason = pod_stays(user)) {
      leave("Pod", meta.name, {meta.name}, std::move(*reason));
      continue;
    }
    const auto* const owner = model::controller(meta);
    groups_[{owner->kind, owner->name, owner->uid}].push_back(meta.name);
  }
  co_await follow_replica_sets();
  for (const auto& group : groups_) co_await restart(group.first, group.second);
  co_return std::move(consumers_);
}

/// Puts deployments in the places of their replica sets.
Task<void> Restarter::follow_replica_sets() {
  Groups followed;
  for (const auto& group : groups_) {
    const auto owner = co_await deployment_of(group.first);
    if (!owner) {
      leave(group.first.kind, group.first.name, group.second, reason_of(owner.error()));
      continue;
    }
    auto& pods = followed[*owner];
    pods.insert(pods.end(), group.second.begin(), group.second.end());
  }
  for (auto& [owner, pods] : followed) std::ranges::sort(pods);
  groups_ = std::move(followed);
}

/// What a replica set belongs to; any other owner, and one that belongs to nothing, is its own answer.
Task<Result<Owner>> Restarter::deployment_of(Owner owner) {
  if (owner.kind != model::info(Kind::replica_set).name) co_return owner;
  const auto raw = co_await context_.services.api.get(Kind::replica_set, ns_, owner.name, {}, context_.call);
  if (!raw) co_return about(raw.error(), owner.kind, ns_, owner.name);
  const auto meta = model::object_meta_from(raw->root());
  if (meta.uid != owner.uid) co_return another(owner);
  const auto* const above = model::controller(meta);
  if (above == nullptr) co_return owner;
  co_return Owner{above->kind, above->name, above->uid};
}

Task<void> Restarter::restart(Owner owner, std::vector<std::string> pods) {
  const auto known = rollout_kind(owner.kind);
  if (!known) {
    leave(owner.kind, owner.name, std::move(pods), no_rollout(owner.kind));
    co_return;
  }
  std::string message;
  auto reason = co_await roll_out(*known, owner, message);
  if (reason) {
    leave(owner.kind, owner.name, std::move(pods), std::move(*reason));
    co_return;
  }
  context_.trail.names.push_back(owner.kind + "/" + owner.name);
  consumers_.all.push_back(
      {.kind = owner.kind, .name = owner.name, .pods = std::move(pods), .message = std::move(message)});
}

/// Why not, or nothing; then `message` may say what is to be known about it.
Task<std::optional<Reason>> Restarter::roll_out(Kind kind, Owner owner, std::string& message) {
  const auto& name = owner.name;
  const auto allowed = co_await may(context_, Moment::consumer, kind, name);
  if (!allowed) co_return reason_of(allowed.error());
  const auto raw = co_await context_.services.api.get(kind, ns_, name, {}, context_.call);
  if (!raw) co_return reason_of(about(raw.error(), owner.kind, ns_, name));
  const auto workload = model::workload_from(raw->root());
  if (workload.meta.uid != owner.uid) co_return reason_of(another(owner));
  if (auto stays = workload_stays(workload)) co_return stays;
  std::string patch;
  json::Writer writer(patch);
  model::write_restart_patch(writer, workload, std::chrono::system_clock::now());
  const bool dry_run = context_.query.boolean("dryRun");
  const auto patched =
      co_await context_.services.api.patch(kind, ns_, name, std::move(patch), {.dry_run = dry_run}, context_.call);
  if (!patched) co_return reason_of(patched.error());
  if (workload.partition > 0) {
    message =
        "its update is partitioned: only pods from ordinal " + std::to_string(workload.partition) + " on are restarted";
  }
  co_return std::nullopt;
}

void write_list(json::Writer& writer, std::string_view member, const std::vector<Consumer>& all, bool restarted) {
  writer.key(member).begin_array();
  for (const auto& [kind, name, pods, reason, message] : all) {
    if (reason.empty() != restarted) continue;
    writer.begin_object().field("kind", kind).field("name", name);
    model::write_field(writer, "pods", pods);
    if (!restarted) writer.field("reason", reason);
    writer.field("message", message).end_object();
  }
  writer.end_array();
}

}  // namespace

Task<Consumers> restart_consumers(Context& context, std::string secret) {
  Restarter restarter(context);
  co_return co_await restarter.run(std::move(secret));
}

void write(json::Writer& writer, const Consumers& consumers) {
  writer.begin_object().field("changed", consumers.changed);
  write_list(writer, "restarted", consumers.all, true);
  write_list(writer, "notRestarted", consumers.all, false);
  write_unread(writer, consumers.unread);
  writer.end_object();
}

}  // namespace quartermaster::api
