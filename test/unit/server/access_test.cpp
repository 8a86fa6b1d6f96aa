// What each route requires of its caller: api.md's table of section 8, written out.
#include "server/api/access.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "server/api/route.hpp"

namespace quartermaster::test {
namespace {

using List = std::vector<std::string>;

std::string word(const api::Requirement& requirement) {
  const auto& kind = model::info(requirement.kind);
  std::string text(requirement.verb);
  text.append(" ").append(kind.resource);
  if (!kind.group.empty()) text.append(".").append(kind.group);
  if (!requirement.subresource.empty()) text.append("/").append(requirement.subresource);
  if (!requirement.ns.empty()) text.append(" in ").append(requirement.ns);
  if (!requirement.name.empty()) text.append(" named ").append(requirement.name);
  switch (requirement.moment) {
    case api::Moment::head:
      break;
    case api::Moment::prune:
      text += " (prune)";
      break;
    case api::Moment::restart:
      text += " (restart)";
      break;
    case api::Moment::mode_delete:
      text += " (delete)";
      break;
    case api::Moment::mode_evict:
      text += " (evict)";
      break;
    case api::Moment::mode_rollout:
      text += " (rollout)";
      break;
    case api::Moment::wait:
      text += " (wait)";
      break;
    case api::Moment::follow:
      text += " (follow)";
      break;
    case api::Moment::workload:
      text += " (workload)";
      break;
    case api::Moment::stream:
      text += " (stream)";
      break;
    case api::Moment::part:
      text += " (part)";
      break;
    case api::Moment::consumer:
      text += " (consumer)";
      break;
    case api::Moment::name:
      text += " (name)";
      break;
    case api::Moment::kept_data:
      text += " (name, no data)";
      break;
    case api::Moment::each_selected:
      text += " (each)";
      break;
    case api::Moment::new_quota:
      text += " (new quota)";
      break;
    case api::Moment::contents:
      text += " (contents)";
      break;
    case api::Moment::default_class:
      text += " (default class)";
      break;
    case api::Moment::told:
      text += " (optional: told)";
      break;
    case api::Moment::volume:
      text += " (optional: volume)";
      break;
    case api::Moment::node_stats:
    case api::Moment::node_proxy:
      text += " (optional: node)";
      break;
  }
  return text;
}

List required(const api::Route& route) {
  using Who = api::Access::Who;
  if (route.access.who() == Who::anyone) return {"anyone"};
  if (route.access.who() == Who::path) return {"get " + std::string(route.pattern)};
  List all;
  for (const auto& requirement : route.access.requirements()) all.push_back(word(requirement));
  return all;
}

std::string name_of(const api::Route& route) {
  const auto method = boost::beast::http::to_string(route.method);
  return std::string(method.data(), method.size()) + " " + std::string(route.pattern);
}

const std::map<std::string, List> kTable = {
    {"GET /api/v1/pod/{namespace}", {"list pods in namespace", "watch pods in namespace (stream)"}},
    {"GET /api/v1/pod/{namespace}/name/{pod}", {"get pods in namespace named pod"}},
    {"GET /api/v1/pod/{namespace}/name/{pod}/events", {"get pods in namespace named pod", "list events in namespace"}},
    {"GET /api/v1/pod/{namespace}/name/{pod}/logs", {"get pods/log in namespace named pod"}},
    {"GET /api/v1/pod/{namespace}/logs", {"list pods in namespace", "get pods/log in namespace"}},
    {"GET /api/v1/pod/{namespace}/name/{pod}/timeline",
     {"get pods in namespace named pod", "list events in namespace", "watch events in namespace (follow)",
      "list events (part)"}},
    {"POST /api/v1/pod/{namespace}/name/{pod}/restart",
     {"delete pods in namespace named pod (delete)", "create pods/eviction in namespace named pod (evict)",
      "get pods in namespace named pod (rollout)", "patch deployments.apps in namespace (workload)",
      "patch statefulsets.apps in namespace (workload)", "patch daemonsets.apps in namespace (workload)",
      "list pods in namespace (wait)", "list events in namespace (part)"}},
    {"GET /api/v1/pvc/{namespace}",
     {"list persistentvolumeclaims in namespace", "watch persistentvolumeclaims in namespace (stream)"}},
    {"DELETE /api/v1/pvc/{namespace}",
     {"delete persistentvolumeclaims in namespace (each)", "list persistentvolumeclaims in namespace (optional: told)",
      "get persistentvolumes (optional: volume)"}},
    {"GET /api/v1/pvc/{namespace}/name/{pvcname}", {"get persistentvolumeclaims in namespace named pvcname"}},
    {"DELETE /api/v1/pvc/{namespace}/name/{pvcname}",
     {"delete persistentvolumeclaims in namespace named pvcname", "get persistentvolumes (optional: volume)"}},
    {"GET /api/v1/pvc/{namespace}/name/{pvcname}/usage",
     {"get persistentvolumeclaims in namespace named pvcname", "list pods in namespace",
      "list statefulsets.apps in namespace", "get nodes/stats (optional: node)", "get nodes/proxy (optional: node)"}},
    {"GET /api/v1/secret/{namespace}", {"list secrets in namespace"}},
    {"POST /api/v1/secret/{namespace}", {"create secrets in namespace"}},
    // The answer to an update without data shows what the secret has: that is a read.
    {"PUT /api/v1/secret/{namespace}",
     {"update secrets in namespace (name)", "get secrets in namespace (name, no data)",
      "list pods in namespace (restart)", "patch deployments.apps in namespace (consumer)",
      "patch statefulsets.apps in namespace (consumer)", "patch daemonsets.apps in namespace (consumer)"}},
    {"DELETE /api/v1/secret/{namespace}", {"delete secrets in namespace (name)"}},
    {"GET /api/v1/secret/{namespace}/name/{secretname}", {"get secrets in namespace named secretname"}},
    {"PATCH /api/v1/secret/{namespace}/name/{secretname}",
     {"patch secrets in namespace named secretname", "get secrets in namespace named secretname",
      "list pods in namespace (restart)", "patch deployments.apps in namespace (consumer)",
      "patch statefulsets.apps in namespace (consumer)", "patch daemonsets.apps in namespace (consumer)"}},
    {"GET /api/v1/secret/{namespace}/name/{secretname}/usage",
     {"list pods in namespace (part)", "list serviceaccounts in namespace (part)",
      "list ingresses.networking.k8s.io in namespace (part)", "get secrets in namespace named secretname"}},
    {"DELETE /api/v1/secret/{namespace}/name/{secretname}", {"delete secrets in namespace named secretname"}},
    {"GET /api/v1/storageclass",
     {"list storageclasses.storage.k8s.io", "watch storageclasses.storage.k8s.io (stream)"}},
    {"GET /api/v1/storageclass/{name}", {"get storageclasses.storage.k8s.io named name"}},
    {"GET /api/v1/tenant",
     {"list namespaces", "list resourcequotas", "watch namespaces (stream)", "watch resourcequotas (stream)"}},
    {"GET /api/v1/tenant/{tenantName}",
     {"get namespaces in tenantName named tenantName", "list resourcequotas in tenantName"}},
    {"POST /api/v1/tenant/{tenantName}",
     {"create namespaces", "create resourcequotas in tenantName", "create limitranges in tenantName (contents)",
      "create networkpolicies.networking.k8s.io in tenantName (contents)",
      "create rolebindings.rbac.authorization.k8s.io in tenantName (contents)",
      "bind clusterroles.rbac.authorization.k8s.io in tenantName (contents)"}},
    {"POST /api/v1/tenant/{tenantName}/fits",
     {"get namespaces in tenantName named tenantName", "list resourcequotas in tenantName",
      "list limitranges in tenantName", "list storageclasses.storage.k8s.io (default class)"}},
    {"PUT /api/v1/tenant/{tenantName}",
     {"update namespaces in tenantName named tenantName", "update resourcequotas in tenantName",
      "delete resourcequotas in tenantName (prune)", "create resourcequotas in tenantName (new quota)",
      "create limitranges in tenantName (contents)", "update limitranges in tenantName (contents)",
      "delete limitranges in tenantName (contents)",
      "create networkpolicies.networking.k8s.io in tenantName (contents)",
      "update networkpolicies.networking.k8s.io in tenantName (contents)",
      "delete networkpolicies.networking.k8s.io in tenantName (contents)",
      "create rolebindings.rbac.authorization.k8s.io in tenantName (contents)",
      "update rolebindings.rbac.authorization.k8s.io in tenantName (contents)",
      "delete rolebindings.rbac.authorization.k8s.io in tenantName (contents)",
      "bind clusterroles.rbac.authorization.k8s.io in tenantName (contents)"}},
    {"DELETE /api/v1/tenant/{tenantName}",
     {"delete namespaces in tenantName named tenantName", "delete resourcequotas in tenantName"}},
    {"GET /liveniess", {"anyone"}},
    {"GET /liveness", {"anyone"}},
    {"GET /livez", {"anyone"}},
    {"GET /readiness", {"anyone"}},
    {"GET /readyz", {"anyone"}},
    {"GET /stats", {"get /stats"}},
    {"GET /metrics", {"get /metrics"}},
    {"GET /version", {"anyone"}},
    {"GET /openapi.json", {"anyone"}},
    {"GET /docs", {"anyone"}},
    {"GET /docs/rapidoc.js", {"anyone"}},
};

TEST_CASE("Every route requires what the contract says") {
  std::map<std::string, List> declared;
  for (const auto& route : api::routes()) declared.emplace(name_of(route), required(route));
  for (const auto& [route, needs] : declared) {
    CAPTURE(route);
    REQUIRE(kTable.contains(route));
    CHECK(needs == kTable.at(route));
  }
  CHECK(declared.size() == kTable.size());
}

TEST_CASE("What a requirement names is a parameter of its route") {
  for (const auto& route : api::routes()) {
    CAPTURE(name_of(route));
    for (const auto& requirement : route.access.requirements()) {
      for (const auto parameter : {requirement.ns, requirement.name}) {
        if (!parameter.empty()) CHECK(route.pattern.find("{" + std::string(parameter) + "}") != std::string_view::npos);
      }
      if (requirement.moment == api::Moment::prune)
        CHECK(std::ranges::find(route.query, "prune", &api::Parameter::name) != route.query.end());
      if (requirement.moment == api::Moment::restart || requirement.moment == api::Moment::consumer)
        CHECK(std::ranges::find(route.query, "restartConsumers", &api::Parameter::name) != route.query.end());
    }
  }
}

TEST_CASE("An earlier yes serves reads from the cache only, and no secrets, events or logs") {
  for (const auto& route : api::routes()) {
    if (!route.access.cached()) continue;
    CAPTURE(name_of(route));
    CHECK(route.method == http::Verb::get);
    for (const auto& requirement : route.access.requirements()) {
      CHECK(model::info(requirement.kind).record != nullptr);  // the kind is cached
      CHECK(requirement.subresource.empty());
    }
  }
}

TEST_CASE("A restart requires at its head what its mode does, and what its wait does") {
  const auto route = std::ranges::find(api::routes(), std::string_view("/api/v1/pod/{namespace}/name/{pod}/restart"),
                                       &api::Route::pattern);
  const api::PathParameters path = {{"namespace", "demo"}, {"pod", "p"}};
  const auto needs = [&](const std::string& query) {
    const auto target = http::parse_target("/x" + query);
    const auto parsed = api::Query::parse(*target, route->query, true);
    REQUIRE(parsed.has_value());
    List all;
    for (const auto& action : api::actions_at_head(route->access, route->pattern, path, *parsed)) {
      std::string text(action.verb);
      text.append(" ").append(action.resource).append(action.subresource.empty() ? "" : "/").append(action.subresource);
      all.push_back(text + " " + std::string(action.name));
    }
    return all;
  };
  CHECK(needs("") == List{"delete pods p"});
  CHECK(needs("?mode=delete") == List{"delete pods p"});
  CHECK(needs("?mode=evict") == List{"create pods/eviction p"});
  CHECK(needs("?mode=rollout") == List{"get pods p"});
  CHECK(needs("?wait=5s") == List{"delete pods p", "list pods "});
}

TEST_CASE("Parts of the path become attributes") {
  const auto route =
      std::ranges::find(api::routes(), std::string_view("/api/v1/tenant/{tenantName}"), &api::Route::pattern);
  const api::PathParameters path = {{"tenantName", "green"}};
  const auto actions = api::actions_at_head(route->access, route->pattern, path, {});
  REQUIRE(actions.size() == 2);
  CHECK(actions[0].verb == "get");
  CHECK(actions[0].resource == "namespaces");
  CHECK(actions[0].ns == "green");
  CHECK(actions[0].name == "green");
  CHECK(actions[1].resource == "resourcequotas");
  CHECK(actions[1].ns == "green");
  CHECK(actions[1].name.empty());
}

}  // namespace
}  // namespace quartermaster::test
