// Restarting a pod.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::string restart_target(const Namespace& ns, const std::string& query = {}, const std::string& pod = "p") {
  return "/api/v1/pod/" + ns.name() + "/name/" + pod + "/restart" + (query.empty() ? "" : "?" + query);
}

bool is_deleted(const Namespace& ns, const std::string& name) {
  const HttpAnswer answer = cluster().raw("GET", ns.path("pods", name));
  return answer.status == 404 || find(answer.json(), "/metadata/deletionTimestamp") != nullptr;
}

}  // namespace

TEST_CASE("a pod with a controller is deleted, and the answer says which") {
  const Namespace ns(cluster());
  // In this order, as a controller, where there is one, makes the pod that it misses.
  const json::value p = create_running_pod(cluster(), ns, "web-0");
  const json::value set = ns.create("statefulsets", stateful_set("web", {}, 1));
  cluster().patch(ns.path("pods", "web-0"),
                  {{"metadata", {{"ownerReferences", json::array{owner_reference(set, "apps/v1", "StatefulSet")}}}}});
  const HttpAnswer answer = service().post(restart_target(ns, "", "web-0"), "");
  CHECK(answer.status / 100 == 2);
  CHECK(answer.json() == json::value{{"pod", {{"name", "web-0"}, {"uid", at(p, "/metadata/uid")}}},
                                     {"controller", {{"kind", "StatefulSet"}, {"name", "web"}}}});
  CHECK(is_deleted(ns, "web-0"));
}

TEST_CASE("an owner that is no controller does not make a pod managed") {
  const Namespace ns(cluster());
  const json::value set = ns.create("statefulsets", stateful_set("web", {}, 0));
  json::object owner = owner_reference(set, "apps/v1", "StatefulSet");
  owner["controller"] = false;
  create_running_pod(cluster(), ns, "p", {"main"}, {{"metadata", {{"ownerReferences", json::array{owner}}}}});
  CHECK(outcome(service().post(restart_target(ns), "")) == "409 Unmanaged");
  CHECK_FALSE(is_deleted(ns, "p"));
}

TEST_CASE("a pod without a controller would be lost: 409 Unmanaged, unless force=true") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "p");
  CHECK(outcome(service().post(restart_target(ns), "")) == "409 Unmanaged");
  CHECK(outcome(service().post(restart_target(ns, "force=false"), "")) == "409 Unmanaged");
  CHECK_FALSE(is_deleted(ns, "p"));
  const HttpAnswer forced = service().post(restart_target(ns, "force=true"), "");
  CHECK(forced.status / 100 == 2);
  CHECK(text_at(forced.json(), "/pod/name") == "p");
  CHECK(at(forced.json(), "/controller") == json::value{{"kind", ""}, {"name", ""}});
  CHECK(is_deleted(ns, "p"));
}

TEST_CASE("a mirror pod is 409, force or not") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "p", {"main"},
                     {{"metadata", {{"annotations", {{"kubernetes.io/config.mirror", "0123456789abcdef"}}}}}});
  CHECK(outcome(service().post(restart_target(ns), "")) == "409 Unmanaged");
  CHECK(outcome(service().post(restart_target(ns, "force=true"), "")) == "409 Unmanaged");
  CHECK_FALSE(is_deleted(ns, "p"));
}

TEST_CASE("a deployment replaces the pod that is restarted") {
  NEEDS_CONTROLLERS();
  const Namespace ns(cluster());
  const json::object labels = {{"app", "web"}};
  ns.create(
      "deployments",
      {{"metadata", {{"name", "web"}}},
       {"spec",
        {{"replicas", 1},
         {"selector", {{"matchLabels", labels}}},
         {"template",
          {{"metadata", {{"labels", labels}}}, {"spec", {{"containers", {{{"name", "main"}, {"image", "i"}}}}}}}}}}});
  const auto pods = [&] { return item_names(service().get("/api/v1/pod/" + ns.name() + "?labelselector=app%3Dweb")); };
  REQUIRE(poll_until([&] { return pods().size() == 1; }));
  const std::string first = pods().front();
  const HttpAnswer answer = service().post("/api/v1/pod/" + ns.name() + "/name/" + first + "/restart", "");
  CHECK(answer.status / 100 == 2);
  CHECK(text_at(answer.json(), "/controller/kind") == "ReplicaSet");
  CHECK(poll_until([&] { return pods().size() == 1 && pods().front() != first; }));
}

}  // namespace quartermaster::test
