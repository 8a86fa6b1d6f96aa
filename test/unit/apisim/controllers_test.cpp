// What the controllers do: namespaces that go, claims in use, quotas, limit ranges, dependents, workloads.
#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

using test::poll_until;

const std::string kPods = "/api/v1/namespaces/demo/pods";
const std::string kClaims = "/api/v1/namespaces/demo/persistentvolumeclaims";

std::string pod_text(const std::string& name, const std::string& more = {}) {
  return R"({"metadata": {"name": ")" + name + R"("}, "spec": {"containers": [{"name": "c", "image": "i"}])" + more +
         "}}";
}

void make_claim(const Fixture& sim, const std::string& name, const std::string& size = "1Gi") {
  REQUIRE(sim.call("POST", kClaims,
                   R"({"metadata": {"name": ")" + name + R"("}, "spec": {"accessModes": ["ReadWriteOnce"],
      "resources": {"requests": {"storage": ")" +
                       size + "\"}}}}")
              .status == 201);
}

TEST_CASE("a deleted namespace goes with all that is in it") {
  DemoNamespace sim;
  sim.make_config_map("a");
  CHECK(test::text_at(sim.call("DELETE", "/api/v1/namespaces/demo").json(), "/status/phase") == "Terminating");
  CHECK(poll_until([&] { return sim.get("/api/v1/namespaces/demo").status == 404; }));
  CHECK(sim.server.list("ConfigMap").empty());
}

TEST_CASE("a namespace that is held says by what, and takes nothing new") {
  DemoNamespace sim;
  sim.make_config_map("a", R"(, "finalizers": ["example.com/hold"])");
  sim.call("DELETE", "/api/v1/namespaces/demo");
  REQUIRE(poll_until(
      [&] { return test::find(sim.get("/api/v1/namespaces/demo").json(), "/status/conditions/4") != nullptr; }));
  CHECK(test::text_at(sim.get("/api/v1/namespaces/demo").json(), "/status/conditions/4/message") ==
        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances");
  const auto refused = sim.call("POST", "/api/v1/namespaces/demo/secrets", R"({"metadata": {"name": "late"}})");
  CHECK(refused.status == 403);
  CHECK(message_of(refused) ==
        "secrets \"late\" is forbidden: unable to create new content in namespace demo because it is being terminated");
  CHECK(test::text_at(refused.json(), "/details/causes/0/reason") == "NamespaceTerminating");
  CHECK(message_of(sim.call("POST", "/api/v1/namespaces", R"({"metadata": {"name": "demo"}})")) ==
        "object is being deleted: namespaces \"demo\" already exists");
  sim.merge("/api/v1/namespaces/demo/configmaps/a", R"({"metadata": {"finalizers": null}})");
  CHECK(poll_until([&] { return sim.get("/api/v1/namespaces/demo").status == 404; }));
}

TEST_CASE("a claim stays while a pod uses it") {
  DemoNamespace sim;
  make_claim(sim, "data");
  sim.call("POST", kPods,
           pod_text("p", R"(, "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}])"));
  CHECK(sim.call("DELETE", kClaims + "/data").status == 200);
  make_claim(sim, "unused");
  sim.call("DELETE", kClaims + "/unused");
  REQUIRE(poll_until([&] { return sim.get(kClaims + "/unused").status == 404; }));
  CHECK(sim.get(kClaims + "/data").status == 200);
  sim.call("DELETE", kPods + "/p");
  CHECK(poll_until([&] { return sim.get(kClaims + "/data").status == 404; }));
}

TEST_CASE("where workloads live, a claim gets its volume, which goes with it") {
  DemoNamespace sim({.workloads = true});
  sim.server.create(R"({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "old",
      "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "x"})");
  make_claim(sim, "data");
  REQUIRE(poll_until([&] { return test::text_at(sim.get(kClaims + "/data").json(), "/status/phase") == "Bound"; }));
  CHECK(test::text_at(sim.get(kClaims + "/data").json(), "/spec/storageClassName") == "old");
  REQUIRE(sim.server.list("PersistentVolume").size() == 1);
  sim.call("DELETE", kClaims + "/data");
  CHECK(poll_until([&] { return sim.server.list("PersistentVolume").empty(); }));
}

TEST_CASE("a quota counts and refuses") {
  DemoNamespace sim;
  const std::string quotas = "/api/v1/namespaces/demo/resourcequotas";
  REQUIRE(
      sim.call(
             "POST", quotas,
             R"({"metadata": {"name": "q"}, "spec": {"hard": {"limits.cpu": "1500m", "requests.storage": "1.5Gi", "pods": "2"}}})")
          .status == 201);
  make_claim(sim, "data");
  const auto used = [&](const char* key) {
    return test::text_at(sim.get(quotas + "/q").json(), "/status/used/" + std::string(key));
  };
  CHECK(poll_until([&] {
    return test::find(sim.get(quotas + "/q").json(), "/status/used") != nullptr && used("requests.storage") == "1Gi";
  }));
  CHECK(test::text_at(sim.get(quotas + "/q").json(), "/status/hard/requests.storage") == "1536Mi");
  const auto claim =
      sim.call("POST", kClaims, R"({"metadata": {"name": "more"}, "spec": {"accessModes": ["ReadWriteOnce"],
      "resources": {"requests": {"storage": "1Gi"}}}})");
  CHECK(claim.status == 403);
  CHECK(message_of(claim) ==
        "persistentvolumeclaims \"more\" is forbidden: exceeded quota: q, requested: requests.storage=1Gi, used: "
        "requests.storage=1Gi, limited: requests.storage=1536Mi");
  CHECK(message_of(sim.call("POST", kPods, pod_text("p"))) ==
        "pods \"p\" is forbidden: failed quota: q: must specify limits.cpu");
  sim.call("POST", "/api/v1/namespaces/demo/limitranges",
           R"({"metadata": {"name": "l"}, "spec": {"limits": [{"type": "Container", "default": {"cpu": "0.7"}}]}})");
  const auto pod = sim.call("POST", kPods, pod_text("p"));
  REQUIRE(pod.status == 201);
  CHECK(test::text_at(pod.json(), "/spec/containers/0/resources/limits/cpu") == "700m");
  CHECK(poll_until([&] { return used("limits.cpu") == "700m" && used("pods") == "1"; }));
}

TEST_CASE("dependents go with their owner, unless they are orphaned") {
  DemoNamespace sim;
  const auto make = [&](const char* owner, const char* dependent) {
    sim.make_config_map(owner);
    const auto uid =
        test::text_at(sim.get("/api/v1/namespaces/demo/configmaps/" + std::string(owner)).json(), "/metadata/uid");
    sim.make_config_map(dependent, R"(, "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": ")" +
                                       std::string(owner) + R"(", "uid": ")" + uid + "\"}]");
  };
  make("a", "of-a");
  make("b", "of-b");
  sim.call("DELETE", "/api/v1/namespaces/demo/configmaps/b?propagationPolicy=Orphan");
  sim.call("DELETE", "/api/v1/namespaces/demo/configmaps/a");
  CHECK(poll_until([&] { return sim.get("/api/v1/namespaces/demo/configmaps/of-a").status == 404; }));
  CHECK(sim.get("/api/v1/namespaces/demo/configmaps/of-b").status == 200);
}

TEST_CASE("workloads get their pods, and get them again") {
  DemoNamespace sim({.workloads = true, .workload_delay = std::chrono::milliseconds(1)});
  const auto pods = [&](const char* phase) {
    std::vector<std::string> names;
    for (const auto& pod : sim.server.list("Pod", "demo")) {
      if (test::text_at(pod, "/status/phase") == phase) names.push_back(test::text_at(pod, "/metadata/name"));
    }
    return names;
  };
  const std::string spec = R"("selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}},
      "spec": {"containers": [{"name": "c", "image": "i"}]}})";
  SECTION("a deployment's come back under another name") {
    REQUIRE(sim.call("POST", "/apis/apps/v1/namespaces/demo/deployments",
                     R"({"metadata": {"name": "d"}, "spec": {"replicas": 2, )" + spec + "}}")
                .status == 201);
    REQUIRE(poll_until([&] { return pods("Running").size() == 2; }));
    const auto first = pods("Running")[0];
    CHECK(sim.get(kPods + "/" + first + "/log").body == "c of " + first + " started\n");
    CHECK(sim.call("DELETE", kPods + "/" + first).status == 200);
    CHECK(poll_until([&] {
      const auto now = pods("Running");
      return now.size() == 2 && std::find(now.begin(), now.end(), first) == now.end();
    }));
    sim.call("DELETE", "/apis/apps/v1/namespaces/demo/deployments/d");
    CHECK(poll_until(
        [&] { return sim.server.list("Pod", "demo").empty() && sim.server.list("ReplicaSet", "demo").empty(); }));
  }
  SECTION("a stateful set's come back under the same name, with their claims") {
    REQUIRE(
        sim.call(
               "POST", "/apis/apps/v1/namespaces/demo/statefulsets",
               R"({"metadata": {"name": "s"}, "spec": {"replicas": 1, "volumeClaimTemplates": [{"metadata": {"name": "data"},
                        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}], )" +
                   spec + "}}")
            .status == 201);
    REQUIRE(poll_until([&] { return pods("Running") == std::vector<std::string>{"s-0"}; }));
    CHECK(sim.get(kClaims + "/data-s-0").status == 200);
    const auto uid = test::text_at(sim.get(kPods + "/s-0").json(), "/metadata/uid");
    sim.call("DELETE", kPods + "/s-0");
    CHECK(poll_until([&] {
      const auto pod = sim.get(kPods + "/s-0");
      return pod.status == 200 && test::text_at(pod.json(), "/metadata/uid") != uid;
    }));
  }
}

}  // namespace
}  // namespace quartermaster::apisim
