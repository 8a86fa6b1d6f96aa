// Pods: the DTO, and what use cases ask about a pod.
#include "model/pod.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

std::string dto(std::string_view raw, std::string_view now = "2019-07-05T04:17:59Z") {
  const Pod pod = from_json(raw, pod_from);
  return written([&](json::Writer& w) { write(w, pod, at(now)); });
}

TEST_CASE("A running pod's DTO") {
  CHECK(dto(R"({
      "kind": "Pod", "apiVersion": "v1",
      "metadata": {"name": "web-0", "namespace": "demo", "uid": "u1", "creationTimestamp": "2019-06-30T01:00:00Z",
                   "labels": {"tier": "front", "app": "web"}, "annotations": {"note": "\u00e9"}},
      "spec": {"nodeName": "node-1",
               "initContainers": [{"name": "setup", "image": "busybox:1.31"}],
               "containers": [{"name": "nginx", "image": "nginx:1.17"}, {"name": "side", "image": "side:2"}]},
      "status": {"phase": "Running", "hostIP": "10.0.0.1", "podIP": "10.1.0.7",
                 "conditions": [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True"}],
                 "initContainerStatuses": [
                   {"name": "setup", "ready": true, "restartCount": 0,
                    "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}],
                 "containerStatuses": [
                   {"name": "side", "image": "docker.io/side:2", "ready": true, "restartCount": 3,
                    "state": {"running": {"startedAt": "2019-07-01T00:00:00Z"}}},
                   {"name": "nginx", "ready": true, "restartCount": 0, "state": {"running": {}}}]}})") ==
        R"({"name":"web-0","namespace":"demo","kind":"Pod","state":{"status":"Ready","reason":"","message":""},)"
        R"("labels":{"app":"web","tier":"front"},"annotations":{"note":"é"},"hostIp":"10.0.0.1","podIp":"10.1.0.7",)"
        R"("containers":[)"
        R"({"name":"nginx","image":"nginx:1.17","ready":true,"restartCount":0,)"
        R"("state":{"status":"Running","reason":"","message":""}},)"
        R"({"name":"side","image":"side:2","ready":true,"restartCount":3,)"
        R"("state":{"status":"Running","reason":"","message":""}}],)"
        R"("age":"5d3h",)"
        R"("initContainers":[{"name":"setup","image":"busybox:1.31","ready":true,"restartCount":0,)"
        R"("state":{"status":"Terminated","reason":"Completed","message":""}}],)"
        R"("nodeName":"node-1"})");
}

TEST_CASE("An empty pod's DTO has every field") {
  const auto raw = GENERATE("{}", "null", "[{}]", R"({"metadata": 1, "spec": "x", "status": []})");
  CHECK(dto(raw) == R"({"name":"","namespace":"","kind":"Pod","state":{"status":"Unknown","reason":"","message":""},)"
                    R"("labels":{},"annotations":{},"hostIp":"","podIp":"","containers":[],"age":"",)"
                    R"("initContainers":[],"nodeName":""})");
}

TEST_CASE("A container's state") {
  const auto [status, expected] = GENERATE(table<std::string, State>({
      {R"({"name": "c", "state": {"running": {}}})", {"Running", "", ""}},
      {R"({"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}})",
       {"Waiting", "CrashLoopBackOff", "back-off 10s"}},
      {R"({"name": "c", "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": "m"}}})",
       {"Terminated", "OOMKilled", "m"}},
      {R"({"name": "c", "state": {}})", {"Waiting", "", ""}},
      {R"({"name": "c"})", {"Waiting", "", ""}},
      {R"({"name": "other", "state": {"running": {}}})", {"Waiting", "", ""}},
      {R"(null)", {"Waiting", "", ""}},
  }));
  const Pod pod = from_json(
      R"({"spec": {"containers": [{"name": "c"}]}, "status": {"containerStatuses": [)" + status + "]}}", pod_from);
  REQUIRE(pod.containers.size() == 1);
  CHECK(pod.containers[0].state == expected);
}

TEST_CASE("A pod's age") {
  const auto [created, expected] = GENERATE(table<std::string, std::string>({
      {"2019-07-05T04:17:00Z", "59s"},
      {"1700-01-01T00:00:00Z", "292y"},  // more than a duration can hold
      {"2019-07-05T05:00:00Z", "<invalid>"},
      {"yesterday", ""},
  }));
  const std::string raw = R"({"metadata": {"creationTimestamp": ")" + created + R"("}})";
  CHECK_THAT(dto(raw), Catch::Contains(R"("age":")" + expected + R"(",)"));
}

TEST_CASE("A pod uses the claims of its volumes") {
  const Pod pod = from_json(R"({"metadata": {"name": "web-0"}, "spec": {"volumes": [
      {"name": "tmp", "emptyDir": {}}, {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {}}},
      {"name": "b", "persistentVolumeClaim": {"claimName": "shared"}},
      {"name": "a", "persistentVolumeClaim": {"claimName": "data"}},
      {"name": "again", "persistentVolumeClaim": {"claimName": "data", "readOnly": true}},
      {"name": "none", "persistentVolumeClaim": {}}, {"name": "null", "persistentVolumeClaim": null}, null]}})",
                            pod_from);
  CHECK(pod.claims ==
        std::vector<ClaimMount>{{"data", "a"}, {"data", "again"}, {"shared", "b"}, {"web-0-scratch", "scratch", true}});
}

TEST_CASE("A pod is finished when its containers will not run again") {
  const auto [phase, finished] = GENERATE(table<std::string, bool>({{"Succeeded", true},
                                                                    {"Failed", true},
                                                                    {"Running", false},
                                                                    {"Pending", false},
                                                                    {"Unknown", false},
                                                                    {"", false}}));
  Pod pod;
  pod.phase = phase;
  CHECK(is_finished(pod) == finished);
}

TEST_CASE("A mirror pod is known by its annotation") {
  const Pod mirror = from_json(R"({"metadata": {"annotations": {"kubernetes.io/config.mirror": "0f1e2d"}}})", pod_from);
  CHECK(is_mirror(mirror));
  CHECK(mirror_hash(mirror) == "0f1e2d");
  CHECK_FALSE(is_mirror(Pod{}));
  CHECK(mirror_hash(Pod{}).empty());
}

Pod with_default_container(std::string_view name) {
  return from_json(R"({"metadata": {"annotations": {"kubectl.kubernetes.io/default-container": ")" + std::string(name) +
                       R"("}}, "spec": {"containers": [{"name": "a"}, {"name": "b"}],
                       "initContainers": [{"name": "i"}], "ephemeralContainers": [{"name": "e"}]}})",
                   pod_from);
}

TEST_CASE("The default container is the annotated one if there is one, else the first") {
  const auto [annotation, expected] =
      GENERATE(table<std::string, std::string>({{"b", "b"}, {"i", "i"}, {"e", "e"}, {"gone", "a"}, {"", "a"}}));
  const Pod pod = with_default_container(annotation);
  CHECK(default_container(pod) == expected);
  CHECK(default_container(Pod{}).empty());
}

TEST_CASE("Containers of all three sorts are named and found") {
  const Pod pod = with_default_container("");
  CHECK(container_names(pod) == std::vector<std::string>{"a", "b", "i", "e"});
  for (const std::string& name : container_names(pod)) {
    REQUIRE(find_container(pod, name) != nullptr);
    CHECK(find_container(pod, name)->name == name);
  }
  CHECK(find_container(pod, "c") == nullptr);
}

}  // namespace
}  // namespace quartermaster::model
