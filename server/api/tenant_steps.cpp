// Compares what a body wants with what a namespace has.
#include "server/api/tenant_steps.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/api/tenant_write.hpp"

namespace quartermaster::api {
namespace {

using Action = model::ObjectChange::Action;
using model::Kind;
using Steps = std::vector<Step>;

void set_obstacle(TenantPlan& plan, ErrorCode code, std::string message) {
  if (!plan.obstacle) plan.obstacle = Error{code, std::move(message)};
}

std::string_view word_of(Kind kind) {
  switch (kind) {
    case Kind::namespace_:
      return "namespace";
    case Kind::resource_quota:
      return "resource quota";
    case Kind::limit_range:
      return "limit range";
    case Kind::network_policy:
      return "network policy";
    case Kind::role_binding:
      return "role binding";
    default:
      return model::info(kind).name;
  }
}

template <class T>
const T* named(const std::vector<T>& there, const std::string& name) {
  const auto found = std::ranges::find(there, name, [](const T& object) { return object.meta.name; });
  return found == there.end() ? nullptr : &*found;
}

/// A step on what is there.
template <class T>
Step step_on(const T& current, Action action, Kind kind, std::string patch = {}) {
  return {.action = action,
          .kind = kind,
          .name = current.meta.name,
          .body = std::move(patch),
          .meta = current.meta,
          .before = model::fields_of(current)};
}

/// A merge patch.
template <class... Arguments>
std::string patch_of(const Arguments&... arguments) {
  std::string text;
  json::Writer writer(text);
  model::write_patch(writer, arguments...);
  return text;
}

template <class Spec>
Step creation(Kind kind, const Spec& spec) {
  return {.action = Action::create, .kind = kind, .name = spec.name, .body = manifest_of(spec)};
}

/// What is not this service's own is not touched.
void must_be_ours(TenantPlan& plan, Kind kind, const model::ObjectMeta& meta) {
  if (model::is_managed(meta)) return;
  set_obstacle(
      plan, ErrorCode::conflict,
      std::string(word_of(kind)) + " " + meta.name + " exists and was not made by this service; nothing was changed");
}

/// Makes or changes an object that belongs to this service alone.
template <class T, class Spec>
void put(TenantPlan& plan, Kind kind, const std::vector<T>& there, const Spec& spec) {
  const auto* current = named(there, spec.name);
  if (current != nullptr) must_be_ours(plan, kind, current->meta);
  plan.steps.push_back(current == nullptr ? creation(kind, spec)
                                          : step_on(*current, Action::update, kind, patch_of(*current, spec)));
}

/// Deletes those of this service that are not wanted.
template <class T, class Spec>
void prune_all(Steps& steps, Kind kind, const std::vector<T>& there, const std::vector<Spec>& wanted) {
  for (const auto& object : there) {
    const bool is_wanted = std::ranges::find(wanted, object.meta.name, &Spec::name) != wanted.end();
    if (!is_wanted && model::is_managed(object.meta)) steps.push_back(step_on(object, Action::remove, kind));
  }
}

/// Quotas are changed whosesoever they are, in the quantities that are named.
void put_quotas(Steps& steps, const TenantBody& body, const TenantContents& contents) {
  for (const auto& spec : body.quotas) {
    const auto* current = named(contents.quotas, spec.name);
    steps.push_back(current == nullptr
                        ? creation(Kind::resource_quota, spec)
                        : step_on(*current, Action::update, Kind::resource_quota, patch_of(*current, spec.hard)));
  }
}

/// One object of a kind: made, changed or, unless it is wanted, deleted.
template <class T, class Spec>
void put_or_remove(TenantPlan& plan, Kind kind, const std::vector<T>& there, const Spec& spec, bool is_wanted) {
  if (is_wanted) return put(plan, kind, there, spec);
  const auto* current = named(there, spec.name);
  if (current == nullptr) return;
  must_be_ours(plan, kind, current->meta);
  plan.steps.push_back(step_on(*current, Action::remove, kind));
}

void put_members(TenantPlan& plan, const std::vector<model::RoleBindingSpec>& members,
                 const std::vector<model::RoleBinding>& there) {
  for (const auto& spec : members) {
    const auto* current = named(there, spec.name);
    if (current != nullptr && !model::binds_the_role_of(*current, spec)) {
      set_obstacle(plan, ErrorCode::immutable,
                   "role binding " + spec.name + " is of " + current->role_kind + " " + current->role_name +
                       ", which cannot be changed to " + spec.cluster_role +
                       ": take another bindingName; nothing was changed");
    }
    put(plan, Kind::role_binding, there, spec);
  }
}

}  // namespace

std::string name_of(const Step& step) { return std::string(word_of(step.kind)) + " " + step.name; }

TenantPlan plan_of(const TenantBody& body, const model::Namespace& ns, const TenantContents& contents, bool prune) {
  TenantPlan plan;
  auto& steps = plan.steps;
  if (!body.labels.empty() || !body.annotations.empty()) {
    const model::MetadataPatch patch{.labels = body.labels, .annotations = body.annotations};
    steps.push_back(step_on(ns, Action::update, Kind::namespace_, patch_of(ns, patch)));
  }
  put_quotas(steps, body, contents);
  if (body.limits) {
    put_or_remove(plan, Kind::limit_range, contents.limits, *body.limits, !body.limits->limits.empty());
  }
  if (body.isolation) {
    put_or_remove(plan, Kind::network_policy, contents.policies, body.isolation->spec, body.isolation->enabled);
  }
  if (body.members) put_members(plan, *body.members, contents.bindings);
  if (prune) prune_all(steps, Kind::resource_quota, contents.quotas, body.quotas);
  if (prune && body.members) prune_all(steps, Kind::role_binding, contents.bindings, *body.members);
  return plan;
}

}  // namespace quartermaster::api
