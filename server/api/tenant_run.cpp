// Carries out the steps of a write of a tenant, with this service's rights: so the caller's are checked before, down to
// those that the API server would ask of somebody who binds a role.
#include "server/api/tenant_run.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "server/api/replies.hpp"
#include "server/api/require.hpp"
#include "server/api/tenant_write.hpp"

namespace quartermaster::api {
namespace {

using Action = model::ObjectChange::Action;
using model::Kind;

constexpr std::array kCheckedKinds = {Kind::limit_range, Kind::network_policy, Kind::role_binding};
constexpr std::array kActions = {Action::create, Action::update, Action::remove};

/// Adds the quota to those of the answer, in place of an older version.
void replace_quota(std::vector<model::ResourceQuota>& quotas, model::ResourceQuota quota) {
  std::erase_if(quotas, [&quota](const auto& other) { return other.meta.name == quota.meta.name; });
  quotas.push_back(std::move(quota));
}

/// Deletes, by uid; what has gone meanwhile is as good as deleted.
Task<Result<void>> remove_one(Context& context, const Step& step, bool dry_run, Progress& progress) {
  const auto& tenant = context.at("tenantName");
  auto options = delete_by_uid(context, step.meta);
  options.dry_run = dry_run;
  const auto removed = co_await context.services.api.remove(step.kind, tenant, step.name, options, context.call);
  if (!removed && removed.error().code != ErrorCode::not_found) co_return removed.error();
  if (step.kind == Kind::resource_quota) {
    std::erase_if(progress.quotas, [&step](const auto& quota) { return quota.meta.name == step.name; });
  }
  progress.changes.push_back(model::removal(step.kind, step.name, step.before));
  co_return Result<void>();
}

/// Creates or patches.
Task<Result<void>> write_one(Context& context, const Step& step, bool dry_run, Progress& progress) {
  auto& api = context.services.api;
  const std::string ns = step.kind == Kind::namespace_ ? "" : context.at("tenantName");
  const kubeapi::WriteOptions options{.dry_run = dry_run};
  Result<json::Document> written = Error{};
  if (step.action == Action::create) {
    written = co_await api.create(step.kind, ns, step.body, options, context.call);
  } else {
    written = co_await api.patch(step.kind, ns, step.name, step.body, options, context.call);
  }
  if (!written) co_return written.error();
  const auto after = model::fields_of(step.kind, written->root());
  progress.changes.push_back(step.action == Action::create ? model::creation(step.kind, step.name, after)
                                                           : model::update(step.kind, step.name, step.before, after));
  if (step.kind == Kind::namespace_) progress.ns = model::namespace_from(written->root());
  if (step.kind == Kind::resource_quota) {
    replace_quota(progress.quotas, model::resource_quota_from(written->root()));
  }
  co_return Result<void>();
}

/// The API server lets nobody give away more than they have; not this service, either.
std::string advice_on(const Step& step, const Error& error) {
  const bool escalates = step.kind == Kind::role_binding && error.code == ErrorCode::forbidden &&
                         error.message.find("attempting to grant") != error.message.npos;
  if (!escalates) return "";
  return "; this service may only bind the cluster roles that it is allowed to bind: the chart's tenants.memberRoles";
}

std::string_view verb_of(Action action) {
  if (action == Action::create) return "create";
  return action == Action::remove ? "delete" : "update";
}

/// The names of the steps of an action on a kind.
std::vector<std::string> names_in(const std::vector<Step>& steps, Action action, Kind kind) {
  std::vector<std::string> names;
  for (const auto& step : steps) {
    if (step.action == action && step.kind == kind) names.push_back(step.name);
  }
  return names;
}

/// Bindings are made by our right to bind: the caller needs its own on each role.
Task<Result<void>> may_bind(Context& context, const TenantBody& body) {
  if (!body.members || body.members->empty()) co_return Result<void>();
  std::vector<std::string> roles;
  for (const auto& member : *body.members) roles.push_back(member.cluster_role);
  std::ranges::sort(roles);
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  co_return co_await require(context, Moment::contents, "bind", Kind::cluster_role, roles);
}

}  // namespace

std::string told(const Progress& progress) {
  std::string done;
  for (const auto& change : progress.changes) {
    done.append(done.empty() ? "" : ", ").append(change.action == Action::remove ? "deleted " : "");
    done.append(model::info(change.kind).name).append(" ").append(change.name);
  }
  return done;
}

Task<Result<void>> may_take(Context& context, const std::vector<Step>& steps, const TenantBody& body) {
  for (const auto kind : kCheckedKinds) {
    for (const auto action : kActions) {
      auto names = names_in(steps, action, kind);
      if (names.empty()) continue;
      if (action == Action::create) names.clear();  // as in the API server, a review of a create has no name
      const auto allowed = co_await require(context, Moment::contents, verb_of(action), kind, names);
      if (!allowed) co_return allowed.error();
    }
  }
  co_return co_await may_bind(context, body);
}

Task<Result<void>> take_all(Context& context, std::span<const Step> steps, bool dry_run, Progress& progress) {
  for (const auto& step : steps) {
    Result<void> done;
    if (step.action == Action::remove) {
      done = co_await remove_one(context, step, dry_run, progress);
    } else {
      done = co_await write_one(context, step, dry_run, progress);
    }
    if (done) continue;
    const std::string what = step.action == Action::remove   ? "deleting "
                             : step.action == Action::create ? "creating "
                                                             : "updating ";
    co_return failed_step(what + name_of(step), done.error(), advice_on(step, done.error()));
  }
  co_return Result<void>();
}

Task<Result<void>> try_others(Context& context, const std::vector<Step>& steps, Progress progress) {
  for (std::size_t at = 1; at < steps.size(); ++at) {
    const auto tried = co_await take_all(context, std::span(steps).subspan(at, 1), true, progress);
    // An admission webhook that cannot be tried is no reason against the write.
    const bool untried = !tried && tried.error().code == ErrorCode::bad_request &&
                         tried.error().message.find("does not support dry run") != std::string::npos;
    if (!tried && !untried) co_return tried.error();
  }
  co_return Result<void>();
}

}  // namespace quartermaster::api
