// Create, read, update, patch and delete: versions, defaults, preconditions, finalizers, dry run.
#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

const std::string kMaps = "/api/v1/namespaces/demo/configmaps";

std::string version_of(const test::HttpAnswer& answer) {
  return test::text_at(answer.json(), "/metadata/resourceVersion");
}

TEST_CASE("a created object gets identity and defaults") {
  DemoNamespace sim;
  const auto answer =
      sim.call("POST", "/api/v1/namespaces/demo/secrets",
               R"({"metadata": {"generateName": "s-"}, "data": {"a": "YQ=="}, "stringData": {"b": "text"}})");
  REQUIRE(answer.status == 201);
  const auto secret = answer.json();
  CHECK(test::text_at(secret, "/kind") == "Secret");
  CHECK(test::text_at(secret, "/metadata/name").size() == 7);
  CHECK(test::text_at(secret, "/metadata/uid").size() == 36);
  CHECK(test::text_at(secret, "/type") == "Opaque");
  CHECK(test::at(secret, "/data") == test::parse_json(R"({"a": "YQ==", "b": "dGV4dA=="})"));
  CHECK(test::find(secret, "/stringData") == nullptr);
  CHECK(sim.get("/api/v1/namespaces/demo/secrets/" + test::text_at(secret, "/metadata/name")).json() == secret);
}

TEST_CASE("every change makes a new version, no change makes none") {
  DemoNamespace sim;
  sim.make_config_map("a");
  const auto first = version_of(sim.get(kMaps + "/a"));
  CHECK(version_of(sim.merge(kMaps + "/a", R"({"data": {}})")) != first);
  const auto second = version_of(sim.merge(kMaps + "/a", R"({"data": {"k": "v"}})"));
  CHECK(version_of(sim.merge(kMaps + "/a", R"({"data": {"k": "v"}})")) == second);
  const auto stale =
      sim.merge(kMaps + "/a", R"({"metadata": {"resourceVersion": ")" + first + R"("}, "data": {"k": "w"}})");
  CHECK(stale.status == 409);
  CHECK(
      sim.merge(kMaps + "/a", R"({"metadata": {"resourceVersion": ")" + second + R"("}, "data": {"k": "w"}})").status ==
      200);
}

TEST_CASE("the patches of each type") {
  DemoNamespace sim;
  sim.make_config_map("a", R"(, "labels": {"x": "1", "y": "2"}, "finalizers": ["example.com/a"])");
  struct Case {
    const char* type;
    const char* patch;
    unsigned status;
    const char* labels;
  };
  const auto c = GENERATE(
      Case{"merge-patch", R"({"metadata": {"labels": {"x": null, "z": "3"}}})", 200, R"({"y": "2", "z": "3"})"},
      Case{"strategic-merge-patch", R"({"metadata": {"labels": {"x": null}, "finalizers": ["example.com/b"]}})", 200,
           R"({"y": "2"})"},
      Case{
          "json-patch",
          R"([{"op": "test", "path": "/metadata/labels/x", "value": "1"}, {"op": "remove", "path": "/metadata/labels/x"},
           {"op": "add", "path": "/metadata/labels/a~1b", "value": "4"}])",
          200, R"({"y": "2", "a/b": "4"})"},
      Case{"json-patch", R"([{"op": "test", "path": "/metadata/labels/x", "value": "9"}])", 422,
           R"({"x": "1", "y": "2"})"},
      Case{"apply-patch", "{}", 415, R"({"x": "1", "y": "2"})"});
  INFO(c.patch);
  CHECK(sim.call("PATCH", kMaps + "/a", c.patch, "application/" + std::string(c.type) + "+json").status == c.status);
  const auto now = sim.get(kMaps + "/a").json();
  CHECK(test::at(now, "/metadata/labels") == test::parse_json(c.labels));
  const auto finalizers = std::string(c.type) == "strategic-merge-patch" ? 2U : 1U;
  CHECK(test::at(now, "/metadata/finalizers").get_array().size() == finalizers);
}

TEST_CASE("status is written through its subresource alone") {
  DemoNamespace sim;
  const std::string claims = "/api/v1/namespaces/demo/persistentvolumeclaims";
  REQUIRE(sim.call("POST", claims, R"({"metadata": {"name": "c"}, "status": {"phase": "Bound"},
      "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}}})")
              .status == 201);
  CHECK(test::text_at(sim.get(claims + "/c").json(), "/status/phase") == "Pending");
  CHECK(test::text_at(sim.get(claims + "/c").json(), "/spec/resources/requests/storage") == "1Gi");
  sim.merge(claims + "/c", R"({"status": {"phase": "Bound"}})");
  CHECK(test::text_at(sim.get(claims + "/c").json(), "/status/phase") == "Pending");
  sim.merge(claims + "/c/status", R"({"status": {"phase": "Bound"}, "spec": {"volumeName": "v"}})");
  CHECK(test::text_at(sim.get(claims + "/c").json(), "/status/phase") == "Bound");
  CHECK(test::find(sim.get(claims + "/c").json(), "/spec/volumeName") == nullptr);
  CHECK(sim.merge(claims + "/c", R"({"spec": {"accessModes": ["ReadWriteMany"]}})").status == 422);
}

TEST_CASE("generation counts changes of the spec") {
  DemoNamespace sim;
  const std::string sets = "/apis/apps/v1/namespaces/demo/statefulsets";
  REQUIRE(sim.call("POST", sets, R"({"metadata": {"name": "s"}, "spec": {"selector": {"matchLabels": {"a": "b"}},
      "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}})")
              .status == 201);
  sim.merge(sets + "/s", R"({"metadata": {"labels": {"x": "y"}}})");
  CHECK(test::at(sim.get(sets + "/s").json(), "/metadata/generation") == json::value(1));
  sim.merge(sets + "/s", R"({"spec": {"replicas": 0}})");
  CHECK(test::at(sim.get(sets + "/s").json(), "/metadata/generation") == json::value(2));
}

TEST_CASE("a delete holds to its preconditions") {
  DemoNamespace sim;
  sim.make_config_map("a");
  const auto uid = test::text_at(sim.get(kMaps + "/a").json(), "/metadata/uid");
  const auto other = sim.call("DELETE", kMaps + "/a", R"({"preconditions": {"uid": "other"}})");
  CHECK(other.status == 409);
  CHECK(message_of(other) ==
        "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does not match "
        "the UID in record (" +
            uid + "). The object might have been deleted and then recreated");
  CHECK(sim.call("DELETE", kMaps + "/a", R"({"preconditions": {"resourceVersion": "1"}})").status == 409);
  CHECK(sim.call("DELETE", kMaps + "/a?dryRun=All").status == 200);
  CHECK(sim.get(kMaps + "/a").status == 200);
  const auto done = sim.call("DELETE", kMaps + "/a", R"({"preconditions": {"uid": ")" + uid + "\"}}");
  CHECK(done.status == 200);
  CHECK(test::text_at(done.json(), "/details/uid") == uid);
  CHECK(sim.get(kMaps + "/a").status == 404);
}

TEST_CASE("a finalizer holds a deleted object until it is taken away") {
  DemoNamespace sim;
  sim.make_config_map("a", R"(, "finalizers": ["example.com/hold"])");
  const auto deleted = sim.call("DELETE", kMaps + "/a");
  CHECK(deleted.status == 200);
  CHECK_FALSE(test::text_at(deleted.json(), "/metadata/deletionTimestamp").empty());
  CHECK(sim.merge(kMaps + "/a", R"({"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}})").status ==
        422);
  CHECK(sim.merge(kMaps + "/a", R"({"metadata": {"finalizers": []}})").status == 200);
  CHECK(sim.get(kMaps + "/a").status == 404);
}

TEST_CASE("pods on a node end gracefully, others at once") {
  DemoNamespace sim;
  const std::string pods = "/api/v1/namespaces/demo/pods";
  const auto spec = std::string(R"("containers": [{"name": "c", "image": "i"}])");
  sim.call("POST", pods, R"({"metadata": {"name": "free"}, "spec": {)" + spec + "}}");
  sim.call("POST", pods, R"({"metadata": {"name": "bound"}, "spec": {"nodeName": "n", )" + spec + "}}");
  CHECK(sim.call("DELETE", pods + "/free").status == 200);
  CHECK(sim.get(pods + "/free").status == 404);
  CHECK(test::at(sim.call("DELETE", pods + "/bound").json(), "/metadata/deletionGracePeriodSeconds") ==
        json::value(30));
  CHECK(sim.get(pods + "/bound").status == 200);
  CHECK(sim.call("DELETE", pods + "/bound?gracePeriodSeconds=0").status == 200);
  CHECK(sim.get(pods + "/bound").status == 404);
}

TEST_CASE("a dry run changes nothing") {
  DemoNamespace sim;
  const auto before = sim.server.resource_version();
  const auto answer = sim.call("POST", kMaps + "?dryRun=All", R"({"metadata": {"name": "a"}})");
  CHECK(answer.status == 201);
  CHECK(test::find(answer.json(), "/metadata/resourceVersion") == nullptr);
  CHECK(sim.get(kMaps + "/a").status == 404);
  CHECK(sim.server.resource_version() == before);
}

TEST_CASE("deletecollection deletes what matches") {
  DemoNamespace sim;
  sim.make_config_map("a", R"(, "labels": {"x": "1"})");
  sim.make_config_map("b");
  CHECK(sim.call("DELETE", kMaps + "?labelSelector=x").status == 200);
  CHECK(sim.get(kMaps + "/a").status == 404);
  CHECK(sim.get(kMaps + "/b").status == 200);
}

TEST_CASE("kubectl's protobuf is understood") {
  DemoNamespace sim;
  const auto field = [](char number, const std::string& bytes) {
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
  };
  const auto secret = field(1, field(1, "s") + field(2, "") + field(11, field(1, "app") + field(2, "web"))) +
                      field(2, field(1, "k") + field(2, std::string("\0\xff", 2)));
  const auto body = std::string("k8s\0", 4) + field(1, field(1, "v1") + field(2, "Secret")) + field(2, secret);
  const auto post = [&](const std::string& bytes) {
    return sim.call("POST", "/api/v1/namespaces/demo/secrets", bytes, "application/vnd.kubernetes.protobuf");
  };
  REQUIRE(post(body).status == 201);
  const auto stored = sim.get("/api/v1/namespaces/demo/secrets/s").json();
  CHECK(test::text_at(stored, "/metadata/labels/app") == "web");
  CHECK(test::text_at(stored, "/data/k") == "AP8=");
  CHECK(post(body.substr(0, body.size() - 1)).status == 415);
}

TEST_CASE("an event can be read in both of its forms") {
  DemoNamespace sim;
  REQUIRE(
      sim.call(
             "POST", "/apis/events.k8s.io/v1/namespaces/demo/events",
             R"({"metadata": {"name": "e"}, "regarding": {"kind": "Pod", "namespace": "demo", "name": "p"}, "reason": "R", "note": "n",
                       "type": "Normal", "action": "A", "eventTime": "2020-01-01T00:00:00.123456Z", "reportingController": "x.io/c",
                       "reportingInstance": "i"})")
          .status == 201);
  const auto old = sim.get("/api/v1/namespaces/demo/events/e").json();
  CHECK(test::text_at(old, "/message") == "n");
  CHECK(test::text_at(old, "/involvedObject/name") == "p");
  CHECK(test::at(old, "/lastTimestamp").is_null());
  CHECK(test::text_at(sim.get("/apis/events.k8s.io/v1/namespaces/demo/events/e").json(), "/note") == "n");
}

}  // namespace
}  // namespace quartermaster::apisim
