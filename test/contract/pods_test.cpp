// Pods: list and detail.
#include <regex>

#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

json::value pod_detail(const Namespace& ns, const std::string& name) {
  const HttpAnswer answer = service().get("/api/v1/pod/" + ns.name() + "/name/" + name);
  REQUIRE(answer.status == 200);
  return answer.json();
}

}  // namespace

TEST_CASE("a pod shows all its fields, in the list as in the detail") {
  const Namespace ns(cluster());
  const json::object extra = parse_json(R"({
    "metadata": {"labels": {"app": "web"}, "annotations": {"note": "x"}},
    "spec": {"initContainers": [{"name": "init", "image": "registry.example/init:2"}]}
  })")
                                 .as_object();
  create_running_pod(cluster(), ns, "web", {"main", "side"}, extra);
  set_status(cluster(), ns.path("pods", "web"),
             parse_json(R"({
    "initContainerStatuses": [{"name": "init", "image": "registry.example/init:2", "imageID": "", "ready": true,
      "restartCount": 1, "lastState": {}, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}]
  })")
                 .as_object());

  const json::value body = pod_detail(ns, "web");
  CHECK(text_at(body, "/name") == "web");
  CHECK(text_at(body, "/namespace") == ns.name());
  CHECK(text_at(body, "/kind") == "Pod");
  CHECK(at(body, "/state") == parse_json(R"({"status": "Ready", "reason": "", "message": ""})"));
  CHECK(at(body, "/labels") == parse_json(R"({"app": "web"})"));
  CHECK(at(body, "/annotations") == parse_json(R"({"note": "x"})"));
  CHECK(text_at(body, "/hostIp") == "127.0.0.1");
  CHECK(text_at(body, "/podIp") == "10.1.2.3");
  CHECK(std::regex_match(text_at(body, "/age"), std::regex("([0-9]+[smhdy])+")));
  CHECK(at(body, "/containers").as_array().size() == 2);
  CHECK(at(body, "/containers/0") == parse_json(R"({"name": "main", "image": "registry.example/main:1", "ready": true,
    "restartCount": 0, "state": {"status": "Running", "reason": "", "message": ""}})"));
  CHECK(text_at(body, "/containers/1/name") == "side");
  CHECK(at(body, "/initContainers") ==
        parse_json(R"([{"name": "init", "image": "registry.example/init:2", "ready": true,
    "restartCount": 1, "state": {"status": "Terminated", "reason": "Completed", "message": ""}}])"));

  const json::value list = service().get("/api/v1/pod/" + ns.name()).json();
  CHECK(at(list, "/num") == json::value(1));
  json::value listed = at(list, "/items/0");
  json::value detail = body;
  // The one field that a clock changes.
  listed.as_object().erase("age");
  detail.as_object().erase("age");
  CHECK(listed == detail);
}

TEST_CASE("what a pod does not have is empty, and not missing") {
  const Namespace ns(cluster());
  ns.create("pods", pod("bare"));
  const json::value body = pod_detail(ns, "bare");
  CHECK(at(body, "/labels") == json::value(json::object{}));
  CHECK(at(body, "/annotations") == json::value(json::object{}));
  CHECK(at(body, "/initContainers") == json::value(json::array{}));
  CHECK(text_at(body, "/hostIp").empty());
  CHECK(text_at(body, "/podIp").empty());
  CHECK(text_at(body, "/containers/0/name") == "main");
  CHECK(text_at(body, "/state/status") == "Pending");
}

TEST_CASE("a pod's state explains itself") {
  struct Row {
    const char* name;
    const char* status;
    const char* state;
  };
  const std::vector<Row> rows = {
      {"not-scheduled",
       R"({"phase": "Pending", "conditions": [
         {"type": "Initialized", "status": "False", "reason": "Later", "message": "not this one"},
         {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}]})",
       R"({"status": "Pending", "reason": "Unschedulable", "message": "0/3 nodes are available"})"},
      {"not-initialized",
       R"({"phase": "Pending", "conditions": [
         {"type": "Initialized", "status": "False", "reason": "ContainersNotInitialized", "message": "incomplete"},
         {"type": "PodScheduled", "status": "True"}]})",
       R"({"status": "Pending", "reason": "ContainersNotInitialized", "message": "incomplete"})"},
      {"waiting",
       R"({"phase": "Pending", "conditions": [
         {"type": "Initialized", "status": "True"}, {"type": "PodScheduled", "status": "True"}],
         "containerStatuses": [{"name": "main", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
           "lastState": {}, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]})",
       R"({"status": "Pending", "reason": "ImagePullBackOff", "message": "no such image"})"},
      {"running-not-ready",
       R"({"phase": "Running", "conditions": [
         {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "unready: [main]"}]})",
       R"({"status": "Running", "reason": "ContainersNotReady", "message": "unready: [main]"})"},
      {"ready", R"({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]})",
       R"({"status": "Ready", "reason": "", "message": ""})"},
      {"succeeded", R"({"phase": "Succeeded"})", R"({"status": "Succeeded", "reason": "", "message": ""})"},
      {"failed",
       R"({"phase": "Failed", "containerStatuses": [{"name": "main", "image": "i", "imageID": "", "ready": false,
           "restartCount": 2, "lastState": {}, "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled",
           "message": "too much"}}}]})",
       R"({"status": "Failed", "reason": "OOMKilled", "message": "too much"})"},
      {"unknown", R"({"phase": "Unknown"})", R"({"status": "Unknown", "reason": "", "message": ""})"},
  };
  const Namespace ns(cluster());
  for (const Row& row : rows) {
    INFO(row.name);
    ns.create("pods", pod(row.name));
    set_status(cluster(), ns.path("pods", row.name), parse_json(row.status).as_object());
    CHECK(at(pod_detail(ns, row.name), "/state") == parse_json(row.state));
  }
}

TEST_CASE("a pod that is being deleted is Terminating") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "p", {"main"}, {{"metadata", {{"finalizers", {"example.com/hold"}}}}});
  cluster().raw("DELETE", ns.path("pods", "p"));
  CHECK(text_at(pod_detail(ns, "p"), "/state/status") == "Terminating");
  cluster().patch(ns.path("pods", "p"), {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_CASE("a container is Running, Waiting or Terminated, with the API's reason and message") {
  const Namespace ns(cluster());
  ns.create("pods", pod("p", {"a", "b", "c"}));
  set_status(cluster(), ns.path("pods", "p"),
             parse_json(R"({"phase": "Running", "containerStatuses": [
      {"name": "a", "image": "i", "imageID": "", "ready": true, "restartCount": 3, "lastState": {},
       "state": {"running": {"startedAt": "2024-05-06T07:08:10Z"}}},
      {"name": "b", "image": "i", "imageID": "", "ready": false, "restartCount": 0, "lastState": {},
       "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}},
      {"name": "c", "image": "i", "imageID": "", "ready": false, "restartCount": 0, "lastState": {},
       "state": {"terminated": {"exitCode": 1, "reason": "Error", "message": "it broke"}}}]})")
                 .as_object());
  const json::value body = pod_detail(ns, "p");
  CHECK(at(body, "/containers/0/state") == parse_json(R"({"status": "Running", "reason": "", "message": ""})"));
  CHECK(at(body, "/containers/0/restartCount") == json::value(3));
  CHECK(at(body, "/containers/1/state") ==
        parse_json(R"({"status": "Waiting", "reason": "CrashLoopBackOff", "message": "back-off 10s"})"));
  CHECK(at(body, "/containers/2/state") ==
        parse_json(R"({"status": "Terminated", "reason": "Error", "message": "it broke"})"));
}

}  // namespace quartermaster::test
