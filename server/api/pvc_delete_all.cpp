// Deleting all claims that a selector selects.
#include <algorithm>
#include <string>
#include <vector>

#include "model/pvc.hpp"
#include "model/resource_version.hpp"
#include "server/api/claim_plan.hpp"
#include "server/api/claim_users.hpp"
#include "server/api/handlers.hpp"
#include "server/api/pages.hpp"
#include "server/api/replies.hpp"
#include "server/api/require.hpp"
#include "server/api/versions.hpp"
#include "server/http/error_table.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

struct ClaimResult {
  std::string name;
  std::string_view result;  // "deleted", "terminating", "failed"
  std::string message = {};
};

struct Results {
  std::vector<ClaimResult> items = {};
  std::vector<std::size_t> failed = {};  // positions
  std::string version = {};
  bool any_finished = false, any_terminating = false;

  void add(const std::string& name, const kubeapi::Deleted& deleted) {
    (deleted.finished ? any_finished : any_terminating) = true;
    version = model::newer_of(version, deleted.resource_version);
    items.push_back({name, deleted.finished ? "deleted" : "terminating"});
  }
  void add_gone(const std::string& name) {
    any_finished = true;
    items.push_back({name, "deleted", "was gone already"});
  }
  void add_failed(const std::string& name, std::string message) {
    failed.push_back(items.size());
    items.push_back({name, "failed", std::move(message)});
  }
  bool nothing_done() const { return failed.size() == items.size(); }
};

/// Nothing, or why none of the claims may be deleted. Makes the plan, where there is to be one.
Task<std::optional<Error>> check(Context& context, const std::vector<model::Pvc>& claims, DeletionPlan& plan) {
  if (is_planned(context)) {
    auto made = co_await make_plan(context, claims);
    if (!made) co_return made.error();
    plan = std::move(*made);
    co_return refuse(context, plan);
  }
  if (context.query.boolean("force") || claims.empty()) co_return std::nullopt;
  const auto& ns = context.at("namespace");
  const auto usage = co_await claim_usage(context.services.api, ns, context.call);
  if (!usage) co_return usage.error();
  co_return in_use(ns, used_of(claims, *usage));
}

/// One after the other. By a plan, what has changed since ends it: the rest would be done by a plan that no longer
/// holds. Else what fails keeps nothing from being tried. Error: conflict, if nothing was done for that.
Task<Result<Results>> delete_each(Context& context, const std::vector<model::Pvc>& claims, DeletionPlan& plan) {
  Results results;
  const bool exactly = context.query.has("plan");
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const auto& name = claims[i].meta.name;
    const auto options = delete_as_seen(context, claims[i]);
    auto deleted =
        co_await context.services.api.remove(Kind::pvc, context.at("namespace"), name, options, context.call);
    if (deleted) {
      results.add(name, *deleted);
    } else if (deleted.error().code == ErrorCode::not_found && !exactly) {
      results.add_gone(name);
    } else {
      const auto& error = deleted.error();
      const bool changed = exactly && (error.code == ErrorCode::conflict || error.code == ErrorCode::not_found);
      if (changed && results.nothing_done()) co_return changed_meanwhile(name);
      results.add_failed(name, error.message);
      if (!plan.claims.empty()) {
        plan.claims[i].action = model::PlannedDelete::Action::refuse;
        plan.claims[i].reason = http::error_row(error.code).reason;
        plan.claims[i].message = error.message;
        plan.token.clear();
      }
      if (!changed) continue;
      while (++i < claims.size()) results.add_failed(claims[i].meta.name, "not tried: the plan no longer holds");
    }
  }
  co_return results;
}

/// The same refusal, without names that the caller could not have listed.
Task<Error> without_unlisted(Context& context, Error refusal) {
  if (refusal.causes.empty()) co_return refusal;
  if (const auto listed = co_await may(context, Moment::told, Kind::pvc, ""); listed) co_return refusal;
  refusal.message.resize(refusal.message.find(": "));
  refusal.causes.clear();
  co_return refusal;
}

std::string body_of(const Context& context, const Results& results, const DeletionPlan& plan) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().field("num", static_cast<std::int64_t>(results.items.size())).key("items").begin_array();
  for (const auto& [name, result, message] : results.items) {
    writer.begin_object().field("name", name).field("result", result).field("message", message).end_object();
  }
  writer.end_array();
  if (context.query.boolean("dryRun")) writer.key("plan").raw(to_json(plan));
  writer.end_object();
  return body;
}

}  // namespace

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
  const auto listed = co_await list_all(api, Kind::pvc, ns, std::move(matching), context.call, model::pvc_from);
  if (!listed) co_return listed.error();
  const auto& claims = listed->objects;
  for (const auto& claim : claims) context.trail.names.push_back(claim.meta.name);
  const auto allowed = co_await require(context, Moment::each_selected, context.trail.names);
  if (!allowed) co_return co_await without_unlisted(context, allowed.error());
  DeletionPlan plan;
  if (auto refusal = co_await check(context, claims, plan)) co_return std::move(*refusal);

  auto results = co_await delete_each(context, claims, plan);
  if (!results) co_return results.error();
  const bool dry_run = context.query.boolean("dryRun");
  auto version = model::newer_of(listed->resource_version, results->version);
  if (results->any_finished && !dry_run) {
    version = co_await version_after_deletes(api, Kind::pvc, ns, std::move(version), context.call);
  }
  const unsigned status = !results->failed.empty() ? 207 : results->any_terminating ? 202 : 200;
  auto reply = json_reply(status, body_of(context, *results, plan));
  if (!dry_run) set_version(reply, version);
  co_return reply;
}

}  // namespace quartermaster::api
