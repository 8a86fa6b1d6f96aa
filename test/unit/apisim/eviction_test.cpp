// Evictions and their budgets, and what workloads do that is new with them: rollouts, and telling why there is no pod.
#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

using test::poll_until;

const std::string kPods = "/api/v1/namespaces/demo/pods";

std::string eviction(const std::string& more = {}, const std::string& version = "policy/v1beta1") {
  return R"({"apiVersion": ")" + version + R"(", "kind": "Eviction", "metadata": {"name": "p", "namespace": "demo"})" +
         more + "}";
}

struct Running : DemoNamespace {
  Running() {
    server.put(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "demo", "uid": "u",
        "labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}, "status": {"phase": "Running"}})");
  }
  void budget(const std::string& name, int allowed, int observed = 1) {
    server.put(R"({"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": ")" + name +
               R"(", "namespace": "demo", "generation": 1}, "spec": {"selector": {"matchLabels": {"app": "a"}}},
        "status": {"observedGeneration": )" +
               std::to_string(observed) + R"(, "disruptionsAllowed": )" + std::to_string(allowed) +
               R"(, "currentHealthy": 2, "desiredHealthy": 2}})");
  }
  test::HttpAnswer evict(const std::string& more = {}, const std::string& query = {}) const {
    return call("POST", kPods + "/p/eviction" + query, eviction(more));
  }
};

TEST_CASE_METHOD(Running, "an eviction deletes, of its own version and by uid") {
  const auto newer = call("POST", kPods + "/p/eviction", eviction("", "policy/v1"));
  CHECK(newer.status == 400);
  CHECK(message_of(newer).find("no kind \"Eviction\" is registered for version \"policy/v1\"") != std::string::npos);
  CHECK(evict(R"(, "deleteOptions": {"preconditions": {"uid": "other"}})").status == 409);
  CHECK(evict("", "?dryRun=All").status == 201);
  CHECK(get(kPods + "/p").status == 200);
  CHECK(evict(R"(, "deleteOptions": {"preconditions": {"uid": "u"}})").status == 201);
  CHECK(get(kPods + "/p").status == 404);
  CHECK(evict().status == 404);
}

TEST_CASE_METHOD(Running, "a budget keeps a pod, or lets it go and counts") {
  budget("b", 0);
  const auto kept = evict();
  CHECK(kept.status == 429);
  CHECK(message_of(kept) == "Cannot evict pod as it would violate the pod's disruption budget.");
  CHECK(test::text_at(kept.json(), "/details/causes/0/message") ==
        "The disruption budget b needs 2 healthy pods and has 2 currently");
  budget("b", 5, 0);
  CHECK(test::text_at(evict().json(), "/details/causes/0/message") ==
        "The disruption budget b is still being processed by the server.");
  budget("b", 1);
  budget("c", 1);
  CHECK(evict().status == 500);
  server.remove("PodDisruptionBudget", "demo", "c");
  CHECK(evict("", "?dryRun=All").status == 201);
  CHECK(evict().status == 201);
  const auto after = get("/apis/policy/v1beta1/namespaces/demo/poddisruptionbudgets/b").json();
  CHECK(test::at(after, "/status/disruptionsAllowed") == json::value(0));
}

TEST_CASE("a stateful set rolls out, and tells when a quota keeps its pod away") {
  DemoNamespace sim({.workloads = true, .workload_delay = std::chrono::milliseconds(1)});
  const std::string sets = "/apis/apps/v1/namespaces/demo/statefulsets";
  REQUIRE(sim.call("POST", sets,
                   R"({"metadata": {"name": "s"}, "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}},
      "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}})")
              .status == 201);
  const auto running = [&] {
    const auto pod = sim.get(kPods + "/s-0");
    return pod.status == 200 && test::text_at(pod.json(), "/status/phase") == "Running";
  };
  REQUIRE(poll_until(running));
  const auto uid = test::text_at(sim.get(kPods + "/s-0").json(), "/metadata/uid");
  sim.merge(sets + "/s", R"({"spec": {"template": {"metadata": {"annotations": {"restarted": "yes"}}}}})");
  CHECK(poll_until([&] {
    const auto pod = sim.get(kPods + "/s-0");
    return pod.status == 200 && test::text_at(pod.json(), "/metadata/uid") != uid;
  }));
  REQUIRE(poll_until(running));
  sim.call("POST", "/api/v1/namespaces/demo/resourcequotas",
           R"({"metadata": {"name": "q"}, "spec": {"hard": {"pods": "0"}}})");
  sim.call("DELETE", kPods + "/s-0");
  REQUIRE(poll_until([&] { return !sim.server.list("Event", "demo").empty(); }));
  const auto event = sim.server.list("Event", "demo").front();
  CHECK(test::text_at(event, "/reason") == "FailedCreate");
  CHECK(
      test::text_at(event, "/message") ==
      "create Pod s-0 in StatefulSet s failed error: pods \"s-0\" is forbidden: exceeded quota: q, requested: pods=1, "
      "used: pods=0, limited: pods=0");
}

}  // namespace
}  // namespace quartermaster::apisim
