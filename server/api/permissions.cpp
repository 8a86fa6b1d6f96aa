// The table of features, and its form in the chart.
#include "server/api/permissions.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

/// All kinds that are cached.
std::vector<Permission> cache_permissions() {
  std::vector<Permission> all;
  for (const auto& kind : model::kKinds) {
    if (kind.record != nullptr) all.push_back({kind.kind, "", {"list", "watch"}});
  }
  return all;
}

void append_list(std::string& text, const std::vector<std::string_view>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) text.append(i == 0 ? "[" : ", ").append(items[i]);
  text += "]";
}

}  // namespace

// After a delete the service lists one object, for the version that it answers with.
std::vector<Feature> features() {
  return {
      {"cache", {}, cache_permissions()},
      {"pods",
       {"GET /api/v1/pod/{namespace}", "GET /api/v1/pod/{namespace}/name/{pod}",
        "GET /api/v1/pod/{namespace}/name/{pod}/events", "GET /api/v1/pod/{namespace}/name/{pod}/logs",
        "GET /api/v1/pod/{namespace}/name/{pod}/timeline", "GET /api/v1/pod/{namespace}/logs"},
       {{Kind::pod, "", {"get", "list"}},
        {Kind::pod, "log", {"get"}},
        {Kind::event, "", {"list", "watch"}},
        {Kind::replica_set, "", {"get"}}}},
      // With a wait, who makes the new one and what goes wrong.
      {"podRestart",
       {"POST /api/v1/pod/{namespace}/name/{pod}/restart"},
       {{Kind::pod, "", {"delete", "get", "list"}},
        {Kind::pod, "eviction", {"create"}},
        {Kind::event, "", {"list"}},
        {Kind::replica_set, "", {"get", "list"}},
        {Kind::deployment, "", {"get"}},
        {Kind::stateful_set, "", {"get"}},
        {Kind::daemon_set, "", {"get"}}}},
      // What a restart does with mode=rollout.
      {"podRollout",
       {},
       {{Kind::pod, "", {"get"}},
        {Kind::replica_set, "", {"get"}},
        {Kind::deployment, "", {"get", "patch"}},
        {Kind::stateful_set, "", {"get", "patch"}},
        {Kind::daemon_set, "", {"get", "patch"}}}},
      {"claims",
       {"GET /api/v1/pvc/{namespace}", "GET /api/v1/pvc/{namespace}/name/{pvcname}"},
       {{Kind::pvc, "", {"get", "list"}}}},
      {"claimUsage",
       {"GET /api/v1/pvc/{namespace}/name/{pvcname}/usage"},
       {{Kind::pvc, "", {"get"}}, {Kind::pod, "", {"list"}}, {Kind::stateful_set, "", {"list"}}}},
      // Beside its routes: how full a claim is, for its usage; and what becomes of its volume, for a plan.
      {"nodeStats", {}, {{Kind::node, "proxy", {"get"}}}},
      {"volumes", {}, {{Kind::persistent_volume, "", {"get"}}}},
      // Who uses a claim is asked of the API server before each.
      {"claimDeletion",
       {"DELETE /api/v1/pvc/{namespace}", "DELETE /api/v1/pvc/{namespace}/name/{pvcname}"},
       {{Kind::pvc, "", {"delete", "get", "list"}},
        {Kind::pod, "", {"get", "list"}},
        {Kind::stateful_set, "", {"get", "list"}}}},
      {"secrets",
       {"GET /api/v1/secret/{namespace}", "GET /api/v1/secret/{namespace}/name/{secretname}"},
       {{Kind::secret, "", {"get", "list"}}}},
      {"secretUsage",
       {"GET /api/v1/secret/{namespace}/name/{secretname}/usage"},
       {{Kind::secret, "", {"get"}},
        {Kind::pod, "", {"list"}},
        {Kind::service_account, "", {"list"}},
        {Kind::ingress, "", {"list"}}}},
      {"secretWrites",
       {"POST /api/v1/secret/{namespace}", "PUT /api/v1/secret/{namespace}",
        "PATCH /api/v1/secret/{namespace}/name/{secretname}", "DELETE /api/v1/secret/{namespace}",
        "DELETE /api/v1/secret/{namespace}/name/{secretname}"},
       {{Kind::secret, "", {"create", "delete", "get", "list", "patch"}}}},
      // What updates of secrets do with restartConsumers=true.
      {"consumerRestart",
       {},
       {{Kind::pod, "", {"list"}},
        {Kind::replica_set, "", {"get"}},
        {Kind::deployment, "", {"get", "patch"}},
        {Kind::stateful_set, "", {"get", "patch"}},
        {Kind::daemon_set, "", {"get", "patch"}}}},
      {"storageClasses",
       {"GET /api/v1/storageclass", "GET /api/v1/storageclass/{name}"},
       {{Kind::storage_class, "", {"get", "list"}}}},
      {"tenants",
       {"GET /api/v1/tenant", "GET /api/v1/tenant/{tenantName}"},
       {{Kind::namespace_, "", {"get", "list"}}, {Kind::resource_quota, "", {"list"}}}},
      {"tenantFits",
       {"POST /api/v1/tenant/{tenantName}/fits"},
       {{Kind::namespace_, "", {"get"}},
        {Kind::resource_quota, "", {"list"}},
        {Kind::limit_range, "", {"list"}},
        {Kind::storage_class, "", {"list"}}}},
      {"tenantWrites",
       {"POST /api/v1/tenant/{tenantName}", "PUT /api/v1/tenant/{tenantName}", "DELETE /api/v1/tenant/{tenantName}"},
       {{Kind::namespace_, "", {"create", "delete", "get", "list", "patch"}},
        {Kind::resource_quota, "", {"create", "delete", "list", "patch"}},
        {Kind::limit_range, "", {"create", "delete", "list", "patch"}},
        {Kind::network_policy, "", {"create", "delete", "list", "patch"}}}},
      // Members of tenants. Which cluster roles it may bind, the chart says by name.
      {"tenantMembers", {}, {{Kind::role_binding, "", {"create", "delete", "list", "patch"}}}},
  };
}

std::string rules_yaml() {
  std::string text =
      "# Generated from server/api/permissions.cpp; a unit test compares, and says how to make it anew.\n";
  for (const auto& feature : features()) {
    text.append(feature.name).append(":\n");
    for (const auto& permission : feature.permissions) {
      const auto& kind = model::info(permission.kind);
      text.append("  - apiGroups: [\"").append(kind.group).append("\"]\n    resources: [").append(kind.resource);
      if (!permission.subresource.empty()) text.append("/").append(permission.subresource);
      text += "]\n    verbs: ";
      append_list(text, permission.verbs);
      text += "\n";
    }
  }
  return text;
}

}  // namespace quartermaster::api
