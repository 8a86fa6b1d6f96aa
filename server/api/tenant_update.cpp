// Updating tenants: one write after the other, or a dry run of them; the answer says what they change.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "server/api/handlers.hpp"
#include "server/api/pages.hpp"
#include "server/api/replies.hpp"
#include "server/api/require.hpp"
#include "server/api/tenant_run.hpp"
#include "server/api/tenant_write.hpp"
#include "server/api/versions.hpp"

namespace quartermaster::api {
namespace {

using Action = model::ObjectChange::Action;
using model::Kind;

bool has_step(const std::vector<Step>& steps, Action action, Kind kind) {
  return std::ranges::any_of(steps,
                             [action, kind](const Step& step) { return step.action == action && step.kind == kind; });
}

/// All of a kind in the tenant go to `objects`.
template <class T>
Task<Result<void>> read_all(Context& context, Kind kind, T (*read)(json::Value), std::vector<T>& objects) {
  auto all = co_await list_all(context.services.api, kind, context.at("tenantName"), {}, context.call, read);
  if (!all) co_return all.error();
  objects = std::move(all->objects);
  co_return Result<void>();
}

/// The quotas, and what of the rest the body is about.
Task<Result<TenantContents>> read_contents(Context& context, const TenantBody& body) {
  TenantContents contents;
  auto done = co_await read_all(context, Kind::resource_quota, model::resource_quota_from, contents.quotas);
  if (done && body.limits) {
    done = co_await read_all(context, Kind::limit_range, model::limit_range_from, contents.limits);
  }
  if (done && body.isolation) {
    done = co_await read_all(context, Kind::network_policy, model::network_policy_from, contents.policies);
  }
  if (done && body.members) {
    done = co_await read_all(context, Kind::role_binding, model::role_binding_from, contents.bindings);
  }
  if (!done) co_return done.error();
  co_return contents;
}

/// What the caller must be allowed beside what its route says at the head.
Task<Result<void>> check_access(Context& context, const std::vector<Step>& steps, const TenantBody& body) {
  if (has_step(steps, Action::create, Kind::resource_quota)) {
    const std::vector<std::string> nameless;
    const auto allowed = co_await require(context, Moment::new_quota, nameless);
    if (!allowed) co_return allowed.error();
  }
  co_return co_await may_take(context, steps, body);
}

/// The version that an update has made, of what reads of tenants are made of.
Task<std::string> version_made(Context& context, const std::vector<Step>& steps, const Progress& progress) {
  auto version = version_of(progress.ns, progress.quotas);
  if (!has_step(steps, Action::remove, Kind::resource_quota)) co_return version;
  co_return co_await version_after_deletes(context.services.api, Kind::resource_quota, context.at("tenantName"),
                                           std::move(version), context.call);
}

}  // namespace

Task<Result<http::Reply>> update_tenant(Context& context) {
  const auto& name = context.at("tenantName");
  const auto body = parse_tenant_body(context.body, name, true);
  if (!body) co_return body.error();
  auto ns = co_await find_tenant(context, name);
  if (!ns) co_return ns.error();
  if (ns->meta.terminating) co_return Error{ErrorCode::terminating, "tenant " + name + " is being deleted"};
  const auto contents = co_await read_contents(context, *body);
  if (!contents) co_return contents.error();
  const auto plan = plan_of(*body, *ns, *contents, context.query.boolean("prune"));
  const auto& steps = plan.steps;
  const auto allowed = co_await check_access(context, steps, *body);
  if (!allowed) co_return allowed.error();
  if (plan.obstacle) co_return *plan.obstacle;

  const bool dry_run = context.query.boolean("dryRun");
  Progress progress{.ns = std::move(*ns), .quotas = contents->quotas};
  Result<void> done;
  if (!dry_run) done = co_await try_others(context, steps, progress);
  if (done) done = co_await take_all(context, steps, dry_run, progress);
  if (!done) {
    auto error = done.error();
    const auto before = told(progress);
    error.message += before.empty() ? "; nothing was changed" : "; done before: " + before;
    co_return error;
  }
  std::string version;
  if (!dry_run) version = co_await version_made(context, steps, progress);
  std::string changes;
  json::Writer writer(changes);
  model::write_changes(writer, progress.changes);
  auto reply = tenant_reply(200, progress.ns, progress.quotas, version);
  append_member(reply.body, "changes", changes);
  co_return reply;
}

}  // namespace quartermaster::api
