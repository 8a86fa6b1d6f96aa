// Plans of deletes.
#include "server/api/claim_plan.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "model/names.hpp"
#include "server/api/claim_users.hpp"
#include "server/api/plan_token.hpp"
#include "server/api/replies.hpp"
#include "server/api/require.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;
using model::VolumeLookup;
using Volumes = std::map<std::string, VolumeLookup, std::less<>>;

/// The volumes that claims name. The API server does not check those names: what cannot be one is not asked for.
std::vector<std::string> volume_names(const std::vector<model::Pvc>& claims) {
  std::vector<std::string> names;
  for (const auto& claim : claims) {
    const auto& name = claim.volume_name;
    if (!name.empty() && check_dns1123_subdomain(name).empty()) names.push_back(name);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

VolumeLookup unknown(std::string why) { return {VolumeLookup::Outcome::unknown, {}, std::move(why)}; }

Task<Result<Volumes>> look_up(Context& context, const std::vector<model::Pvc>& claims) {
  const auto names = volume_names(claims);
  const auto denied = co_await not_allowed(context, Moment::volume, names);
  if (!denied) co_return denied.error();
  Volumes volumes;
  bool we_may = true;
  for (const auto& name : names) {
    auto& lookup = volumes[name];
    if (std::ranges::find(*denied, name) != denied->end()) {
      lookup = unknown("the caller may not get persistentvolumes, which have the reclaim policy");
      continue;
    }
    if (we_may) {
      const auto raw = co_await context.services.api.get(Kind::persistent_volume, {}, name, {}, context.call);
      if (raw) lookup = {VolumeLookup::Outcome::found, model::persistent_volume_from(raw->root())};
      we_may = raw || raw.error().code != ErrorCode::forbidden;
      if (!raw && we_may && raw.error().code != ErrorCode::not_found) co_return raw.error();
    }
    if (!we_may) lookup = unknown("this service may not get persistentvolumes, which have the reclaim policy");
  }
  co_return volumes;
}

PlanRequest request_of(const Context& context) {
  PlanRequest request{.route = context.route.pattern,
                      .ns = context.at("namespace"),
                      .selection = context.query.selector().to_string(),
                      .force = context.query.boolean("force"),
                      .ignore_not_found = context.query.boolean("ignoreNotFound")};
  if (const auto name = context.path.find("pvcname"); name != context.path.end()) request.selection = name->second;
  if (context.trail.caller) {
    request.user = context.trail.caller->user.name;
    request.uid = context.trail.caller->user.uid;
  }
  return request;
}

std::vector<UsedClaim> refused_of(const DeletionPlan& plan) {
  std::vector<UsedClaim> used;
  for (const auto& planned : plan.claims) {
    if (planned.action != model::PlannedDelete::Action::refuse) continue;
    used.push_back({planned.claim.meta.name, names_of(planned.users)});
  }
  return used;
}

}  // namespace

bool is_planned(const Context& context) { return context.query.boolean("dryRun") || context.query.has("plan"); }

Task<Result<DeletionPlan>> make_plan(Context& context, std::vector<model::Pvc> claims) {
  model::ClaimUsage usage;
  if (!claims.empty()) {
    auto all = co_await claim_usage(context.services.api, context.at("namespace"), context.call);
    if (!all) co_return all.error();
    usage = std::move(*all);
  }
  const auto volumes = co_await look_up(context, claims);
  if (!volumes) co_return volumes.error();
  DeletionPlan plan;
  for (auto& claim : claims) {
    const auto found = volumes->find(claim.volume_name);
    auto users = usage.users(claim.meta.name);
    plan.claims.push_back(model::plan_delete(std::move(claim), std::move(users),
                                             found == volumes->end() ? VolumeLookup() : found->second,
                                             context.query.boolean("force")));
  }
  if (refused_of(plan).empty()) plan.token = plan_token(request_of(context), plan.claims);
  co_return plan;
}

std::optional<Error> refuse(Context& context, const DeletionPlan& plan) {
  std::optional<Error> refusal;
  if (context.query.has("plan")) {
    // Also of what cannot be carried out now, but could when the plan was made.
    const auto now = plan_token(request_of(context), plan.claims);
    if (const auto what = difference(context.query.text("plan"), now)) {
      refusal = Error{ErrorCode::conflict, "this is not as planned: " + *what + "; nothing was deleted"};
    }
  }
  if (!refusal) refusal = in_use(context.at("namespace"), refused_of(plan));
  if (refusal) context.trail.plan = to_json({plan.claims, ""});
  return refusal;
}

Error changed_meanwhile(const std::string& name) {
  return {ErrorCode::conflict, "this is not as planned: pvc " + name + " has changed meanwhile; nothing was deleted"};
}

std::string to_json(const DeletionPlan& plan) {
  std::string text;
  json::Writer writer(text);
  model::write_plan(writer, plan.token, plan.claims);
  return text;
}

kubeapi::DeleteOptions delete_as_seen(const Context& context, const model::Pvc& claim) {
  auto options = delete_by_uid(context, claim.meta);
  if (is_planned(context)) options.resource_version = claim.meta.resource_version;
  return options;
}

}  // namespace quartermaster::api
