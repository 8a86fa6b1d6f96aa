// Deleting one claim. What destroys data is decided on what the API server says now, never on a cache.
#include <string>
#include <vector>

#include "model/pvc.hpp"
#include "server/api/claim_plan.hpp"
#include "server/api/claim_users.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/api/versions.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

/// Nothing, or why the claim may not be deleted.
Task<std::optional<Error>> check_users(Context& context, const model::Pvc& claim) {
  const auto& ns = context.at("namespace");
  const std::vector<model::Pvc> claims = {claim};
  const auto known = co_await confirmed_usage(context, ns, claim.meta.name);
  if (!known) co_return known.error();
  if (auto refusal = in_use(ns, used_of(claims, *known))) co_return refusal;
  const auto usage = co_await claim_usage(context.services.api, ns, context.call);
  if (!usage) co_return usage.error();
  co_return in_use(ns, used_of(claims, *usage));
}

/// What a plan answers that says that there is nothing to delete.
bool may_be_nothing(const Context& context, const Error& error) {
  if (error.code != ErrorCode::not_found) return false;
  return context.query.has("plan") || (is_planned(context) && context.query.boolean("ignoreNotFound"));
}

http::Reply reply_with(http::Reply reply, const Context& context, const DeletionPlan& plan) {
  if (context.query.boolean("dryRun")) append_member(reply.body, "plan", to_json(plan));
  return reply;
}

}  // namespace

Task<Result<http::Reply>> delete_pvc(Context& context) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pvcname");
  const auto raw = co_await api.get(Kind::pvc, ns, name, {}, context.call);
  if (!raw && !may_be_nothing(context, raw.error())) co_return not_deleted(context, raw.error(), "pvc", ns, name);
  std::vector<model::Pvc> claims;
  if (raw) claims.push_back(model::pvc_from(raw->root()));
  DeletionPlan plan;
  if (is_planned(context)) {
    auto made = co_await make_plan(context, claims);
    if (!made) co_return made.error();
    plan = std::move(*made);
    if (auto refusal = refuse(context, plan)) co_return std::move(*refusal);
  } else if (!context.query.boolean("force")) {
    if (auto refusal = co_await check_users(context, claims.front())) co_return std::move(*refusal);
  }
  if (claims.empty()) co_return reply_with(deleted_reply(name, true, ""), context, plan);
  const auto options = delete_as_seen(context, claims.front());
  auto deleted = co_await api.remove(Kind::pvc, ns, name, options, context.call);
  if (!deleted && context.query.has("plan") && deleted.error().code == ErrorCode::conflict)
    co_return changed_meanwhile(name);
  if (!deleted) co_return not_deleted(context, deleted.error(), "pvc", ns, name);
  const bool finished = deleted->finished;
  // No co_await inside ?: here: g++ 12 destroys the temporary of the branch that was not taken.
  if (options.dry_run) co_return reply_with(deleted_reply(name, finished, ""), context, plan);
  const auto version = co_await version_after_delete(api, Kind::pvc, ns, std::move(*deleted), context.call);
  co_return deleted_reply(name, finished, version);
}

}  // namespace quartermaster::api
