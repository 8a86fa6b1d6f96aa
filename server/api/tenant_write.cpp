// Tenants: create, update, delete.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "model/limit_range.hpp"
#include "model/resource_version.hpp"
#include "model/tenant.hpp"
#include "server/api/checks.hpp"
#include "server/api/handlers.hpp"
#include "server/api/pages.hpp"
#include "server/api/replies.hpp"
#include "server/api/require.hpp"
#include "server/api/tenant_body.hpp"
#include "server/api/versions.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

constexpr auto kUndoTime = std::chrono::seconds(10);

template <class T>
std::string manifest_of(const T& spec) {
  std::string text;
  json::Writer writer(text);
  model::write_manifest(writer, spec);
  return text;
}

Error reserved(const std::string& name) {
  return Error{ErrorCode::not_tenant,
               "namespace " + name + " belongs to the cluster or to this service: it is never a tenant"};
}

/// "creating resource quota q: <why>"
Error failed_step(const std::string& step, Error error, const std::string& consequence) {
  error.message = step + ": " + error.message + consequence;
  return error;
}

/// The namespace, if it may be changed as a tenant.
Task<Result<model::Namespace>> find_tenant(Context& context, const std::string& name) {
  if (model::is_reserved_namespace(name, context.services.settings.own_namespace)) co_return reserved(name);
  const auto raw = co_await context.services.api.get(Kind::namespace_, "", name, {}, context.call);
  if (!raw) co_return about(raw.error(), "tenant", "", name);
  auto ns = model::namespace_from(raw->root());
  if (!model::is_tenant(ns)) {
    co_return Error{ErrorCode::not_tenant,
                    "namespace " + name + " is not a tenant: it has no label " + std::string(model::kTenantLabel)};
  }
  co_return ns;
}

/// The newest of what a tenant is made of.
std::string version_of(const model::Namespace& ns, const std::vector<model::ResourceQuota>& quotas) {
  auto version = ns.meta.resource_version;
  for (const auto& quota : quotas) version = model::newer_of(version, quota.meta.resource_version);
  return version;
}

/// `version` is what the write has made; "": none is told.
http::Reply tenant_reply(unsigned status, const model::Namespace& ns, const std::vector<model::ResourceQuota>& quotas,
                         std::string_view version) {
  std::string body;
  json::Writer writer(body);
  model::write_tenant(writer, ns, quotas);
  auto reply = json_reply(status, std::move(body));
  set_version(reply, version);
  return reply;
}

/// The namespace's name is taken: by one that is going away, or by one that stays?
Task<Error> name_taken(kubeapi::Api& api, std::string name, Call call) {
  const auto raw = co_await api.get(Kind::namespace_, "", name, {}, std::move(call));
  if (raw && model::namespace_from(raw->root()).meta.terminating) {
    co_return Error{ErrorCode::terminating, "namespace " + name + " is still being deleted"};
  }
  co_return Error{ErrorCode::already_exists, "namespace " + name + " exists already"};
}

/// What goes into a new tenant's namespace, as far as it got.
struct Contents {
  std::vector<model::ResourceQuota> quotas;
  std::string failed_step;  // "" if all went well
  Error error = {};
};

Task<Contents> fill_namespace(Context& context, const std::string& name, const TenantBody& body) {
  auto& api = context.services.api;
  const auto& settings = context.services.settings;
  Contents made;
  for (const auto& quota : body.quotas) {
    const auto created = co_await api.create(Kind::resource_quota, name, manifest_of(quota), {}, context.call);
    if (!created) {
      made.failed_step = "creating resource quota " + quota.name;
      made.error = created.error();
      co_return made;
    }
    made.quotas.push_back(model::resource_quota_from(created->root()));
  }
  if (!settings.tenant_limit_range) co_return made;
  const model::LimitRangeSpec limits{.cpu = settings.tenant_limit_cpu, .memory = settings.tenant_limit_memory};
  const auto created = co_await api.create(Kind::limit_range, name, manifest_of(limits), {}, context.call);
  if (!created) {
    made.failed_step = "creating limit range " + limits.name;
    made.error = created.error();
  }
  co_return made;
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

/// Creates or patches one quota of an update.
Task<Result<json::Document>> put_quota(Context& context, const std::string& tenant,
                                       const model::ResourceQuotaSpec& spec, const model::ResourceQuota* current,
                                       bool dry_run) {
  auto& api = context.services.api;
  if (current == nullptr) {
    co_return co_await api.create(Kind::resource_quota, tenant, manifest_of(spec), {.dry_run = dry_run}, context.call);
  }
  std::string patch;
  json::Writer writer(patch);
  model::write_patch(writer, *current, spec.hard);
  co_return co_await api.patch(Kind::resource_quota, tenant, spec.name, std::move(patch), {.dry_run = dry_run},
                               context.call);
}

bool all_are_there(const std::vector<model::ResourceQuotaSpec>& wanted,
                   const std::vector<model::ResourceQuota>& there) {
  return std::ranges::all_of(wanted, [&there](const auto& spec) {
    return std::ranges::find(there, spec.name, [](const auto& quota) { return quota.meta.name; }) != there.end();
  });
}

/// Adds the quota to those of the answer, in place of an older version.
void replace_quota(std::vector<model::ResourceQuota>& quotas, model::ResourceQuota quota) {
  std::erase_if(quotas, [&quota](const auto& other) { return other.meta.name == quota.meta.name; });
  quotas.push_back(std::move(quota));
}

}  // namespace

Task<Result<http::Reply>> create_tenant(Context& context) {
  auto& api = context.services.api;
  const auto& name = context.at("tenantName");
  if (model::is_reserved_namespace(name, context.services.settings.own_namespace)) co_return reserved(name);
  const auto label = model::tenant_label_value(name);
  if (label.size() > 63) {
    co_return Error{ErrorCode::bad_request,
                    "tenantName: too long: its label's value, " + label + ", would have more than 63 characters"};
  }
  auto body = parse_tenant_body(context.body, name, false);
  if (!body) co_return body.error();

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
  auto made = co_await fill_namespace(context, name, *body);
  if (!made.failed_step.empty()) {
    const auto undone = co_await undo(context, ns);
    co_return failed_step(made.failed_step, std::move(made.error), undone);
  }
  co_return tenant_reply(201, ns, made.quotas, version_of(ns, made.quotas));
}

Task<Result<http::Reply>> update_tenant(Context& context) {
  auto& api = context.services.api;
  const auto& name = context.at("tenantName");
  const bool dry_run = context.query.boolean("dryRun");
  auto body = parse_tenant_body(context.body, name, true);
  if (!body) co_return body.error();
  auto ns = co_await find_tenant(context, name);
  if (!ns) co_return ns.error();
  if (ns->meta.terminating) co_return Error{ErrorCode::terminating, "tenant " + name + " is being deleted"};
  const auto listed = co_await list_all(api, Kind::resource_quota, name, {}, context.call, model::resource_quota_from);
  if (!listed) co_return listed.error();
  auto quotas = listed->objects;
  if (!all_are_there(body->quotas, quotas)) {
    const std::vector<std::string> nameless;
    const auto allowed = co_await require(context, Moment::new_quota, nameless);
    if (!allowed) co_return allowed.error();
  }

  std::string done;  // for the message of a step that fails after others
  const auto consequence = [&done] {
    return done.empty() ? std::string("; nothing was changed") : "; done before: " + done;
  };
  if (!body->labels.empty() || !body->annotations.empty()) {
    std::string patch;
    json::Writer writer(patch);
    model::write_patch(writer, *ns, {.labels = body->labels, .annotations = body->annotations});
    const auto patched =
        co_await api.patch(Kind::namespace_, "", name, std::move(patch), {.dry_run = dry_run}, context.call);
    if (!patched) co_return failed_step("updating namespace " + name, patched.error(), consequence());
    ns = model::namespace_from(patched->root());
    done = "labels and annotations";
  }
  const auto& before = listed->objects;
  for (const auto& spec : body->quotas) {
    const auto current = std::ranges::find(before, spec.name, [](const auto& quota) { return quota.meta.name; });
    const auto written =
        co_await put_quota(context, name, spec, current == before.end() ? nullptr : &*current, dry_run);
    if (!written) co_return failed_step("updating resource quota " + spec.name, written.error(), consequence());
    replace_quota(quotas, model::resource_quota_from(written->root()));
    done += (done.empty() ? "quota " : ", quota ") + spec.name;
  }
  bool pruned = false;
  if (context.query.boolean("prune")) {
    for (const auto& quota : before) {
      const bool named =
          std::ranges::find(body->quotas, quota.meta.name, &model::ResourceQuotaSpec::name) != body->quotas.end();
      if (named || !model::is_managed(quota.meta)) continue;
      const auto options = delete_by_uid(context, quota.meta);
      const auto removed = co_await api.remove(Kind::resource_quota, name, quota.meta.name, options, context.call);
      if (!removed && removed.error().code != ErrorCode::not_found) {
        co_return failed_step("deleting resource quota " + quota.meta.name, removed.error(), consequence());
      }
      std::erase_if(quotas, [&quota](const auto& other) { return other.meta.name == quota.meta.name; });
      pruned = true;
      done += (done.empty() ? "deleted quota " : ", deleted quota ") + quota.meta.name;
    }
  }
  if (dry_run) co_return tenant_reply(200, *ns, quotas, "");
  auto version = version_of(*ns, quotas);
  if (pruned) {
    version = co_await version_after_deletes(api, Kind::resource_quota, name, std::move(version), context.call);
  }
  co_return tenant_reply(200, *ns, quotas, version);
}

Task<Result<http::Reply>> delete_tenant(Context& context) {
  const auto& name = context.at("tenantName");
  const auto ns = co_await find_tenant(context, name);
  if (!ns) co_return not_deleted(context, ns.error(), "tenant", "", name);
  const auto options = delete_by_uid(context, ns->meta);
  const auto removed = co_await context.services.api.remove(Kind::namespace_, "", name, options, context.call);
  if (!removed) co_return not_deleted(context, removed.error(), "tenant", "", name);
  // A namespace is never gone at once, whatever the answer looks like.
  co_return deleted_reply(name, false, options.dry_run ? "" : removed->resource_version);
}

}  // namespace quartermaster::api
