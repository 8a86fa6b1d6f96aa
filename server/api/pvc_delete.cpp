// Deleting claims. What destroys data is decided on what the API server says now, never on a cache.
#include <algorithm>
#include <string>
#include <vector>

#include "model/claim_usage.hpp"
#include "model/pvc.hpp"
#include "model/resource_version.hpp"
#include "model/stateful_set.hpp"
#include "server/api/handlers.hpp"
#include "server/api/pages.hpp"
#include "server/api/replies.hpp"
#include "server/api/require.hpp"
#include "server/api/versions.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

/// Who uses which claim of a namespace, from all its pods and stateful sets.
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

/// A first look: who uses the claim, of those that the caches know and the API server confirms. So a refusal mostly
/// costs a read or two. Nobody here does not mean that the claim is free.
Task<Result<model::ClaimUsage>> confirmed_usage(Context& context, const std::string& ns, const std::string& claim) {
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

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// A 409 that names each claim that is in use and by whom; nothing if none is.
std::optional<Error> in_use(const std::string& ns, const std::vector<model::ObjectMeta>& claims,
                            const model::ClaimUsage& usage) {
  Error error{ErrorCode::in_use, ""};
  for (const auto& claim : claims) {
    const auto users = usage.users(claim.name);
    if (users.empty()) continue;
    error.causes.push_back({claim.name, "InUse", "used by " + join(users)});
    error.message +=
        (error.message.empty() ? "" : "; ") + ("pvc " + ns + "/" + claim.name + " is used by " + join(users));
  }
  if (error.causes.empty()) return std::nullopt;
  error.message += "; nothing was deleted; force=true deletes all the same";
  return error;
}

struct ClaimResult {
  std::string name;
  std::string_view result;  // "deleted", "terminating", "failed"
  std::string message;
};

}  // namespace

Task<Result<http::Reply>> delete_pvc(Context& context) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pvcname");
  const auto claim = co_await api.get(Kind::pvc, ns, name, {}, context.call);
  if (!claim) co_return not_deleted(context, claim.error(), "pvc", ns, name);
  const auto meta = model::object_meta_from(claim->root());
  if (!context.query.boolean("force")) {
    const auto known = co_await confirmed_usage(context, ns, name);
    if (!known) co_return known.error();
    if (auto refusal = in_use(ns, {meta}, *known)) co_return std::move(*refusal);
    const auto usage = co_await claim_usage(api, ns, context.call);
    if (!usage) co_return usage.error();
    if (auto refusal = in_use(ns, {meta}, *usage)) co_return std::move(*refusal);
  }
  const auto options = delete_by_uid(context, meta);
  auto deleted = co_await api.remove(Kind::pvc, ns, name, options, context.call);
  if (!deleted) co_return not_deleted(context, deleted.error(), "pvc", ns, name);
  const bool finished = deleted->finished;
  // No co_await inside ?: here: g++ 12 destroys the temporary of the branch that was not taken.
  if (options.dry_run) co_return deleted_reply(name, finished, "");
  const auto version = co_await version_after_delete(api, Kind::pvc, ns, std::move(*deleted), context.call);
  co_return deleted_reply(name, finished, version);
}

Task<Result<http::Reply>> delete_pvcs(Context& context) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto selector = context.query.selector();
  if (selector.empty()) {
    co_return Error{ErrorCode::bad_request,
                    "parameter labelselector: must be given and not be empty, as it says what is deleted"};
  }
  kubeapi::ListOptions matching;
  matching.label_selector = selector.to_string();
  const auto listed = co_await list_all(api, Kind::pvc, ns, std::move(matching), context.call, model::object_meta_from);
  if (!listed) co_return listed.error();
  const auto& claims = listed->objects;
  for (const auto& claim : claims) context.trail.names.push_back(claim.name);
  const auto allowed = co_await require(context, Moment::each_selected, context.trail.names);
  if (!allowed) co_return allowed.error();
  if (!context.query.boolean("force") && !claims.empty()) {
    const auto usage = co_await claim_usage(api, ns, context.call);
    if (!usage) co_return usage.error();
    if (auto refusal = in_use(ns, claims, *usage)) co_return std::move(*refusal);
  }

  const bool dry_run = context.query.boolean("dryRun");
  std::vector<ClaimResult> results;
  std::string version = listed->resource_version;
  bool any_finished = false;
  for (const auto& claim : claims) {
    const auto options = delete_by_uid(context, claim);
    auto deleted = co_await api.remove(Kind::pvc, ns, claim.name, options, context.call);
    if (deleted) {
      any_finished |= deleted->finished;
      version = model::newer_of(version, deleted->resource_version);
      results.push_back({claim.name, deleted->finished ? "deleted" : "terminating", ""});
    } else if (deleted.error().code == ErrorCode::not_found) {
      any_finished = true;
      results.push_back({claim.name, "deleted", "was gone already"});
    } else {
      results.push_back({claim.name, "failed", deleted.error().message});
    }
  }
  if (any_finished && !dry_run) {
    kubeapi::Deleted nothing_left;
    const auto after = co_await version_after_delete(api, Kind::pvc, ns, std::move(nothing_left), context.call);
    version = after.empty() ? "" : model::newer_of(version, after);
  }

  std::string body;
  json::Writer writer(body);
  writer.begin_object().field("num", static_cast<std::int64_t>(results.size())).key("items").begin_array();
  for (const auto& [name, result, message] : results) {
    writer.begin_object().field("name", name).field("result", result).field("message", message).end_object();
  }
  writer.end_array().end_object();
  const auto any = [&results](std::string_view what) {
    return std::ranges::find(results, what, &ClaimResult::result) != results.end();
  };
  auto reply = json_reply(any("failed") ? 207 : any("terminating") ? 202 : 200, std::move(body));
  if (!dry_run) set_version(reply, version);
  co_return reply;
}

}  // namespace quartermaster::api
