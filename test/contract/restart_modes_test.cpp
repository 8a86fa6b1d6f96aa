// Restarting a pod by eviction, and by a rollout of what it belongs to.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::string restart_target(const Namespace& ns, const std::string& pod, const std::string& query) {
  return "/api/v1/pod/" + ns.name() + "/name/" + pod + "/restart?" + query;
}

bool is_deleted(const Namespace& ns, const std::string& name) {
  const HttpAnswer answer = cluster().raw("GET", ns.path("pods", name));
  return answer.status == 404 || find(answer.json(), "/metadata/deletionTimestamp") != nullptr;
}

/// The pod web-0 of the stateful set web, running.
void create_web(const Namespace& ns) {
  // In this order, as a controller, where there is one, makes the pod that it misses.
  create_running_pod(cluster(), ns, "web-0", {"main"}, {{"metadata", {{"labels", {{"app", "web"}}}}}});
  const json::value set = ns.create("statefulsets", stateful_set("web", {}, 1));
  cluster().patch(ns.path("pods", "web-0"),
                  {{"metadata", {{"ownerReferences", json::array{owner_reference(set, "apps/v1", "StatefulSet")}}}}});
}

std::string create_budget(const Namespace& ns, const std::string& name) {
  ns.create("poddisruptionbudgets",
            {{"metadata", {{"name", name}}},
             {"spec", {{"minAvailable", 2}, {"selector", {{"matchLabels", {{"app", "web"}}}}}}}});
  return ns.path("poddisruptionbudgets", name);
}

void count(const std::string& budget, int allowed) {
  set_status(cluster(), budget,
             {{"observedGeneration", 1},
              {"disruptionsAllowed", allowed},
              {"currentHealthy", 2 + allowed},
              {"desiredHealthy", 2},
              {"expectedPods", 3}});
}

json::value cause(const std::string& budget, const std::string& message) {
  return {{"field", budget}, {"reason", "DisruptionBudget"}, {"message", message}};
}

json::object workload(const std::string& name, const json::object& extra = {}) {
  const json::object labels = {{"app", name}};
  return merged({{"metadata", {{"name", name}}},
                 {"spec",
                  {{"selector", {{"matchLabels", labels}}},
                   {"template",
                    {{"metadata", {{"labels", labels}}},
                     {"spec", {{"containers", {{{"name", "main"}, {"image", "registry.example/main:1"}}}}}}}}}}},
                {{"spec", extra}});
}

const json::object kContainers = {{"containers", {{{"name", "main"}, {"image", "registry.example/main:1"}}}}};

std::string restarted_at(const Namespace& ns, const std::string& plural, const std::string& name) {
  const json::value object = cluster().get(ns.path(plural, name));
  const auto* const annotations = find(object, "/spec/template/metadata/annotations");
  if (annotations == nullptr || !annotations->is_object()) return "";
  const auto* const found = annotations->as_object().if_contains("kubectl.kubernetes.io/restartedAt");
  return found == nullptr ? "" : std::string(found->as_string());
}

}  // namespace

TEST_CASE("an eviction restarts a pod, unless a budget keeps it: 409 with the budget and what it allows") {
  const Namespace ns(cluster());
  create_web(ns);
  const std::string target = restart_target(ns, "web-0", "mode=evict");
  const std::string budget = create_budget(ns, "web");

  const HttpAnswer uncounted = service().post(target, "");
  CHECK(outcome(uncounted) == "409 Conflict");
  CHECK(at(uncounted.json(), "/details/causes").as_array() ==
        json::array{cause("web", "allows 0 disruptions: it is still being processed by the server.")});
  count(budget, 0);
  const HttpAnswer kept = service().post(target, "");
  CHECK(outcome(kept) == "409 Conflict");
  CHECK(text_at(kept.json(), "/errMessage") == "pod " + ns.name() +
                                                   "/web-0 may not be evicted: the disruption budget web allows 0 "
                                                   "disruptions: it needs 2 healthy pods and has 2 currently");
  CHECK(at(kept.json(), "/details/causes").as_array() ==
        json::array{cause("web", "allows 0 disruptions: it needs 2 healthy pods and has 2 currently")});

  const std::string second = create_budget(ns, "web-too");
  count(second, 1);
  const HttpAnswer several = service().post(target, "");
  CHECK(outcome(several) == "409 Conflict");
  CHECK(text_at(several.json(), "/details/causes/0/reason") == "DisruptionBudget");
  CHECK_FALSE(is_deleted(ns, "web-0"));
  cluster().remove(second);

  count(budget, 1);
  CHECK(service().post(target + "&dryRun=true", "").status == 200);
  CHECK_FALSE(is_deleted(ns, "web-0"));
  const HttpAnswer evicted = service().post(target, "");
  CHECK(evicted.status == 200);
  CHECK(text_at(evicted.json(), "/controller/name") == "web");
  CHECK_FALSE(evicted.header("X-Resource-Version").empty());
  CHECK(is_deleted(ns, "web-0"));
}

TEST_CASE("an eviction is refused as a delete is: unmanaged, not there") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "p");
  CHECK(outcome(service().post(restart_target(ns, "p", "mode=evict"), "")) == "409 Unmanaged");
  CHECK(outcome(service().post(restart_target(ns, "never", "mode=evict"), "")) == "404 NotFound");
  CHECK_FALSE(is_deleted(ns, "p"));
  CHECK(service().post(restart_target(ns, "p", "mode=evict&force=true"), "").status == 200);
  CHECK(is_deleted(ns, "p"));
}

TEST_CASE("a mode or a wait that is none is 400") {
  const Namespace ns(cluster());
  create_web(ns);
  for (const std::string query : {"mode=", "mode=kill", "mode=Evict", "wait=", "wait=0s", "wait=61s", "wait=soon",
                                  "wait=1s&dryRun=true", "mode=evict&mode=delete"}) {
    INFO(query);
    CHECK(outcome(service().post(restart_target(ns, "web-0", query), "")) == "400 BadRequest");
  }
  CHECK_FALSE(is_deleted(ns, "web-0"));
}

TEST_CASE("a rollout restarts the stateful set or daemon set of a pod, and says which") {
  const Namespace ns(cluster());
  create_web(ns);
  const json::value agent = ns.create("daemonsets", workload("agent"));
  create_pod_of(cluster(), ns, agent, "agent-0", kContainers);

  CHECK(service().post(restart_target(ns, "web-0", "mode=rollout&dryRun=true"), "").status == 200);
  CHECK(restarted_at(ns, "statefulsets", "web").empty());
  const HttpAnswer answer = service().post(restart_target(ns, "web-0", "mode=rollout"), "");
  REQUIRE(answer.status == 200);
  CHECK(text_at(answer.json(), "/pod/name") == "web-0");
  CHECK(at(answer.json(), "/workload") == json::value{{"kind", "StatefulSet"}, {"name", "web"}, {"message", ""}});
  CHECK_THAT(restarted_at(ns, "statefulsets", "web"), Catch::Matches("20\\d\\d-\\d\\d-\\d\\dT[0-9:.]+Z"));
  CHECK_FALSE(answer.header("X-Resource-Version").empty());
  CHECK(service().post(restart_target(ns, "agent-0", "mode=rollout"), "").status == 200);
  CHECK_FALSE(restarted_at(ns, "daemonsets", "agent").empty());
}

TEST_CASE("a rollout restarts a deployment by way of its replica set, unless it is paused") {
  NEEDS_CONTROLLERS();
  const Namespace ns(cluster());
  ns.create("deployments", workload("web", {{"replicas", 1}}));
  const auto pods = [&] { return item_names(service().get("/api/v1/pod/" + ns.name() + "?labelselector=app%3Dweb")); };
  REQUIRE(poll_until([&] { return pods().size() == 1; }));
  const std::string first = pods().front();
  const std::string path = ns.path("deployments", "web");

  cluster().patch(path, {{"spec", {{"paused", true}}}});
  const HttpAnswer paused = service().post(restart_target(ns, first, "mode=rollout"), "");
  CHECK(outcome(paused) == "409 Conflict");
  CHECK(text_at(paused.json(), "/details/causes/0/field") == "Deployment/web");
  CHECK(text_at(paused.json(), "/details/causes/0/reason") == "Paused");
  CHECK_THAT(text_at(paused.json(), "/errMessage"),
             Catch::Contains("Deployment " + ns.name() + "/web is not restarted: it is paused"));
  CHECK(restarted_at(ns, "deployments", "web").empty());

  cluster().patch(path, {{"spec", {{"paused", false}}}});
  const HttpAnswer answer = service().post(restart_target(ns, first, "mode=rollout"), "");
  REQUIRE(answer.status == 200);
  CHECK(text_at(answer.json(), "/controller/kind") == "ReplicaSet");
  CHECK(at(answer.json(), "/workload") == json::value{{"kind", "Deployment"}, {"name", "web"}, {"message", ""}});
  CHECK(poll_until([&] { return pods() != std::vector<std::string>{first}; }));
}

TEST_CASE("what does not roll out is refused, with the reason") {
  const Namespace ns(cluster());
  ns.create("pods", pod("bare"));
  const json::value manual = ns.create(
      "statefulsets", workload("manual", {{"serviceName", "manual"}, {"updateStrategy", {{"type", "OnDelete"}}}}));
  create_pod_of(cluster(), ns, manual, "manual-0", kContainers);
  const json::value job =
      ns.create("jobs", {{"metadata", {{"name", "import"}}},
                         {"spec", {{"template", {{"spec", merged(kContainers, {{"restartPolicy", "Never"}})}}}}}});
  create_pod_of(cluster(), ns, job, "import-x", kContainers);
  const json::value set = ns.create("replicasets", workload("lonely", {{"replicas", 1}}));
  create_pod_of(cluster(), ns, set, "lonely-x", kContainers);

  const auto refused = [&](const std::string& name) {
    const HttpAnswer answer = service().post(restart_target(ns, name, "mode=rollout&force=true"), "");
    return outcome(answer) + " " + text_at(answer.json(), "/errMessage");
  };
  CHECK_THAT(refused("bare"), Catch::StartsWith("409 Unmanaged"));
  CHECK_THAT(refused("import-x"), Catch::StartsWith("409 Unmanaged") && Catch::Contains("run to their end"));
  CHECK_THAT(refused("manual-0"), Catch::StartsWith("409 Conflict") && Catch::Contains("OnDelete"));
  CHECK(restarted_at(ns, "statefulsets", "manual").empty());
  // Its controller, where there is one, may have been faster, and taken the one too many away.
  if (cluster().exists(ns.path("pods", "lonely-x")))
    CHECK_THAT(refused("lonely-x"), Catch::StartsWith("409 Unmanaged") && Catch::Contains("no deployment"));
}

}  // namespace quartermaster::test
