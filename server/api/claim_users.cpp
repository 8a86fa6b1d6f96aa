// Who uses claims.
#include "server/api/claim_users.hpp"

#include <algorithm>

#include "server/api/pages.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

/// The pods and stateful sets that use a claim, as far as the caches know.
struct Users {
  std::vector<std::string> pods, sets;
  std::size_t size() const { return pods.size() + sets.size(); }
};

Users cached_users(const kubeapi::Caches& caches, const std::string& ns, std::string_view claim) {
  Users users;
  if (const auto* pods = caches.find(Kind::pod, ns); pods != nullptr && pods->usable()) {
    pods->store().shard(ns)->for_each("", [&](const model::RecordView& pod) {
      const auto claims = model::claims_of(pod.facts);
      if (std::ranges::find(claims, claim) != claims.end()) users.pods.emplace_back(pod.name);
      return true;
    });
  }
  const auto stem = model::claim_stem(claim);
  const auto* sets = caches.find(Kind::stateful_set, ns);
  if (!stem || sets == nullptr || !sets->usable()) return users;
  sets->store().shard(ns)->for_each("", [&](const model::RecordView& set) {
    for (const auto claim_template : model::claim_templates_of(set.facts))
      if (*stem == std::string(claim_template).append("-").append(set.name)) users.sets.emplace_back(set.name);
    return true;
  });
  return users;
}

}  // namespace

Task<Result<model::ClaimUsage>> claim_usage(kubeapi::Api& api, std::string ns, Call call) {
  const auto sets = co_await list_all(api, Kind::stateful_set, ns, {}, call, model::stateful_set_from);
  if (!sets) co_return sets.error();
  model::ClaimUsage usage;
  const auto add_pod = [&usage](json::Value raw) { usage.add(model::pod_from(raw)); };
  const auto restart = [&usage, &sets] {
    usage = {};
    for (const auto& set : sets->objects) usage.add(set);
  };
  restart();
  const auto pods = co_await for_each_object(api, Kind::pod, std::move(ns), {}, std::move(call), add_pod, restart);
  if (!pods) co_return pods.error();
  co_return usage;
}

Task<Result<model::ClaimUsage>> confirmed_usage(Context& context, std::string ns, std::string claim) {
  constexpr std::size_t kMost = 8;  // for more, the list of all is cheaper
  model::ClaimUsage usage;
  const auto users = cached_users(context.services.caches, ns, claim);
  if (users.size() > kMost) co_return usage;
  for (const auto& name : users.sets) {
    const auto set = co_await context.services.api.get(Kind::stateful_set, ns, name, {}, context.call);
    if (set) usage.add(model::stateful_set_from(set->root()));
    if (!set && set.error().code != ErrorCode::not_found) co_return set.error();
  }
  for (const auto& name : users.pods) {
    const auto pod = co_await context.services.api.get(Kind::pod, ns, name, {}, context.call);
    if (pod) usage.add(model::pod_from(pod->root()));
    if (!pod && pod.error().code != ErrorCode::not_found) co_return pod.error();
  }
  co_return usage;
}

std::vector<UsedClaim> used_of(const std::vector<model::Pvc>& claims, const model::ClaimUsage& usage) {
  std::vector<UsedClaim> used;
  for (const auto& claim : claims) {
    auto users = names_of(usage.users(claim.meta.name));
    if (!users.empty()) used.push_back({claim.meta.name, std::move(users)});
  }
  return used;
}

std::optional<Error> in_use(const std::string& ns, const std::vector<UsedClaim>& used) {
  if (used.empty()) return std::nullopt;
  Error error{ErrorCode::in_use, ""};
  for (const auto& [name, users] : used) {
    error.causes.push_back({name, "InUse", "used by " + users});
    error.message += (error.message.empty() ? "" : "; ") + ("pvc " + ns + "/" + name + " is used by " + users);
  }
  error.message += "; nothing was deleted; force=true deletes all the same";
  return error;
}

}  // namespace quartermaster::api
