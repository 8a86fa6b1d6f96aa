// From pods to what they belong to, and what keeps that from being restarted.
#include "server/api/secret_consumers.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "model/pod.hpp"
#include "server/api/rollout.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

/// Owners, and the names of their pods.
using Groups = std::map<Owner, std::vector<std::string>>;

/// Of a pod by itself.
std::optional<Refusal> pod_stays(const User<model::Pod>& user) {
  const auto& [pod, places] = user;
  const bool only_pulls = std::ranges::all_of(places, [](auto& place) { return place == model::kImagePullSecrets; });
  constexpr auto kCode = ErrorCode::unmanaged;
  if (only_pulls)
    return Refusal{kCode, "ImagePull", "its images are pulled with the secret, and its containers do not see it"};
  if (model::is_mirror(pod)) return Refusal{kCode, "Unmanaged", "it mirrors a static pod of its node"};
  if (model::controller(pod.meta) == nullptr)
    return Refusal{kCode, "Unmanaged", "it has no controller that would replace it"};
  return std::nullopt;
}

/// Goes from the pods to the workloads, and restarts them.
class Restarter {
 public:
  explicit Restarter(Context& context) : context_(context) {}

  Task<Consumers> run(std::string secret);

 private:
  Task<void> follow_replica_sets();
  Task<void> restart(Owner owner, std::vector<std::string> pods);
  void leave(std::string kind, std::string name, std::vector<std::string> pods, Refusal refusal) {
    consumers_.all.push_back(
        {std::move(kind), std::move(name), std::move(pods), std::move(refusal.reason), std::move(refusal.message)});
  }

  Context& context_;
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
    groups_[*owner_of(meta)].push_back(meta.name);
  }
  co_await follow_replica_sets();
  for (const auto& group : groups_) co_await restart(group.first, group.second);
  co_return std::move(consumers_);
}

/// Puts deployments in the places of their replica sets. What belongs to nothing stays.
Task<void> Restarter::follow_replica_sets() {
  Groups followed;
  for (const auto& group : groups_) {
    const auto above = co_await owner_above(context_, group.first);
    if (!above) {
      leave(group.first.kind, group.first.name, group.second, refusal_of(above.error()));
      continue;
    }
    auto& pods = followed[above->value_or(group.first)];
    pods.insert(pods.end(), group.second.begin(), group.second.end());
  }
  for (auto& [owner, pods] : followed) std::ranges::sort(pods);
  groups_ = std::move(followed);
}

Task<void> Restarter::restart(Owner owner, std::vector<std::string> pods) {
  auto outcome = co_await roll_out(context_, Moment::consumer, owner);
  if (auto* const refusal = std::get_if<Refusal>(&outcome)) {
    leave(owner.kind, owner.name, std::move(pods), std::move(*refusal));
    co_return;
  }
  consumers_.all.push_back({.kind = owner.kind,
                            .name = owner.name,
                            .pods = std::move(pods),
                            .message = std::move(std::get<Rollout>(outcome).message)});
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
