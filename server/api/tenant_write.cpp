// Tenants: create, delete, and what all writes of them share.
#include "server/api/tenant_write.hpp"

#include <string>
#include <utility>
#include <vector>

#include "model/limit_range.hpp"
#include "model/resource_version.hpp"
#include "model/tenant.hpp"
#include "server/api/checks.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/api/tenant_run.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

constexpr auto kUndoTime = std::chrono::seconds(10);

/// The namespace's name is taken: by one that is going away, or by one that stays?
Task<Error> name_taken(kubeapi::Api& api, std::string name, Call call) {
  const auto raw = co_await api.get(Kind::namespace_, "", name, {}, std::move(call));
  if (raw && model::namespace_from(raw->root()).meta.terminating) {
    co_return Error{ErrorCode::terminating, "namespace " + name + " is still being deleted"};
  }
  co_return Error{ErrorCode::already_exists, "namespace " + name + " exists already"};
}

/// What a new tenant is to have: default limits, where the body names none.
TenantBody with_defaults(TenantBody body, const Settings& settings) {
  if (!body.limits && settings.tenant_limit_range) {
    body.limits = model::default_limits(settings.tenant_limit_cpu, settings.tenant_limit_memory);
  }
  // They are in the namespace's manifest.
  body.labels.clear();
  body.annotations.clear();
  return body;
}

/// Deletes the namespace that this request made, and with it all that is in it. Has time of its own: the request's may
/// be over. Answers what became of it, for the message.
Task<std::string> undo(Context& context, const model::Namespace& ns) {
  const Call call{.deadline = Clock::now() + kUndoTime, .request_id = context.call.request_id};
  kubeapi::DeleteOptions options;
  options.by_uid = true;
  options.uid = ns.meta.uid;
  const auto removed = co_await context.services.api.remove(Kind::namespace_, "", ns.meta.name, options, call);
  if (removed || removed.error().code == ErrorCode::not_found)
    co_return "; what this request had made was deleted again";
  co_return "; namespace " + ns.meta.name + " was made and could not be deleted again: " + removed.error().message;
}

}  // namespace

Error reserved_namespace(const std::string& name) {
  return Error{ErrorCode::not_tenant,
               "namespace " + name + " belongs to the cluster or to this service: it is never a tenant"};
}

Error failed_step(const std::string& step, Error error, const std::string& consequence) {
  error.message = step + ": " + error.message + consequence;
  return error;
}

Task<Result<model::Namespace>> find_tenant(Context& context, const std::string& name) {
  if (model::is_reserved_namespace(name, context.services.settings.own_namespace)) co_return reserved_namespace(name);
  const auto raw = co_await context.services.api.get(Kind::namespace_, "", name, {}, context.call);
  if (!raw) co_return about(raw.error(), "tenant", "", name);
  auto ns = model::namespace_from(raw->root());
  if (!model::is_tenant(ns)) {
    co_return Error{ErrorCode::not_tenant,
                    "namespace " + name + " is not a tenant: it has no label " + std::string(model::kTenantLabel)};
  }
  co_return ns;
}

std::string version_of(const model::Namespace& ns, const std::vector<model::ResourceQuota>& quotas) {
  auto version = ns.meta.resource_version;
  for (const auto& quota : quotas) version = model::newer_of(version, quota.meta.resource_version);
  return version;
}

http::Reply tenant_reply(unsigned status, const model::Namespace& ns, const std::vector<model::ResourceQuota>& quotas,
                         std::string_view version) {
  std::string body;
  json::Writer writer(body);
  model::write_tenant(writer, ns, quotas);
  auto reply = json_reply(status, std::move(body));
  set_version(reply, version);
  return reply;
}

Task<Result<http::Reply>> create_tenant(Context& context) {
  auto& api = context.services.api;
  const auto& name = context.at("tenantName");
  if (model::is_reserved_namespace(name, context.services.settings.own_namespace)) co_return reserved_namespace(name);
  const auto label = model::tenant_label_value(name);
  if (label.size() > 63) {
    co_return Error{ErrorCode::bad_request,
                    "tenantName: too long: its label's value, " + label + ", would have more than 63 characters"};
  }
  auto body = parse_tenant_body(context.body, name, false);
  if (!body) co_return body.error();

  // Refused before anything is made. The default limits are the service's own.
  const auto asked = plan_of(*body, {}, {}, false);
  const auto allowed = co_await may_take(context, asked.steps, *body);
  if (!allowed) co_return allowed.error();

  auto labels = values_of(body->labels);
  labels[std::string(model::kTenantLabel)] = label;
  std::string manifest;
  json::Writer writer(manifest);
  model::write_namespace_manifest(writer, name, labels, values_of(body->annotations));
  const bool dry_run = context.query.boolean("dryRun");
  const auto created =
      co_await api.create(Kind::namespace_, "", std::move(manifest), {.dry_run = dry_run}, context.call);
  if (!created) {
    if (created.error().code == ErrorCode::already_exists) co_return co_await name_taken(api, name, context.call);
    // Without an answer nobody knows whether it was made.
    const auto code = created.error().code;
    const bool unknown = code == ErrorCode::timeout || code == ErrorCode::unavailable || code == ErrorCode::bad_gateway;
    co_return failed_step("creating namespace " + name, created.error(), unknown ? "; it may have been made" : "");
  }
  const auto ns = model::namespace_from(created->root());
  if (dry_run) {
    // The API server dry-runs nothing in a namespace that is not there: the quotas are as they would be made.
    std::vector<model::ResourceQuota> quotas;
    for (const auto& spec : body->quotas) {
      model::ResourceQuota quota;
      quota.meta.name = spec.name;
      quota.hard = spec.hard;
      quotas.push_back(std::move(quota));
    }
    co_return tenant_reply(201, ns, quotas, "");
  }
  const auto plan = plan_of(with_defaults(*body, context.services.settings), ns, {}, false);
  Progress progress{.ns = ns};
  const auto done = co_await take_all(context, plan.steps, false, progress);
  if (!done) {
    const auto undone = co_await undo(context, ns);
    auto error = done.error();
    error.message += undone;
    co_return error;
  }
  co_return tenant_reply(201, ns, progress.quotas, version_of(ns, progress.quotas));
}

Task<Result<http::Reply>> delete_tenant(Context& context) {
  const auto& name = context.at("tenantName");
  const auto ns = co_await find_tenant(context, name);
  if (!ns) co_return not_deleted(context, ns.error(), "tenant", "", name);
  const auto options = delete_by_uid(context, ns->meta);
  const auto removed = co_await context.services.api.remove(Kind::namespace_, "", name, options, context.call);
  if (!removed) co_return not_deleted(context, removed.error(), "tenant", "", name);
  // A namespace is never gone at once, whatever the answer looks like. What is left is known from the second time on.
  auto reply = deleted_reply(name, false, options.dry_run ? "" : removed->resource_version);
  std::string deletion;
  json::Writer writer(deletion);
  model::write(writer, model::deletion_progress(*ns));
  append_member(reply.body, "deletion", deletion);
  co_return reply;
}

}  // namespace quartermaster::api
