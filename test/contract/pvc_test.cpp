// Claims: list, detail, and deletes that never take what is in use.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::string base(const Namespace& ns) { return "/api/v1/pvc/" + ns.name(); }

bool exists(const Namespace& ns, const std::string& name) {
  return cluster().exists(ns.path("persistentvolumeclaims", name));
}

json::object labelled(const std::string& name, const std::string& app) {
  return claim(name, {{"metadata", {{"labels", {{"app", app}}}}}});
}

json::object using_claim(const std::string& claim_name) {
  return {{"spec", {{"volumes", {{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", claim_name}}}}}}}}};
}

}  // namespace

TEST_CASE("a claim shows all its fields, in the list as in the detail") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims",
            claim("redis-data-walm-redis-master-0",
                  {{"metadata", {{"labels", {{"app", "redis"}, {"release", "walm-redis"}, {"role", "master"}}}}},
                   {"spec", {{"storageClassName", "hostpath"}, {"volumeName", "pv-1"}}}}));
  set_status(cluster(), ns.path("persistentvolumeclaims", "redis-data-walm-redis-master-0"),
             {{"phase", "Bound"}, {"capacity", {{"storage", "10Gi"}}}, {"accessModes", {"ReadWriteOnce"}}});
  const HttpAnswer answer = service().get(base(ns) + "/name/redis-data-walm-redis-master-0");
  REQUIRE(answer.status == 200);
  const json::value expected = parse_json(R"({
    "name": "redis-data-walm-redis-master-0", "namespace": ")" +
                                          ns.name() + R"(", "kind": "PersistentVolumeClaim",
    "state": {"status": "Bound", "reason": "", "message": ""},
    "labels": {"app": "redis", "release": "walm-redis", "role": "master"},
    "storageClass": "hostpath", "volumeName": "pv-1", "capacity": "10Gi", "requested": "8Gi",
    "accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem"})");
  const json::value body = answer.json();
  for (const auto& [key, value] : expected.as_object()) {
    INFO(std::string(key));
    CHECK(at(body, "/" + std::string(key)) == value);
  }
  const json::value list = service().get(base(ns)).json();
  CHECK(at(list, "/num") == json::value(1));
  CHECK(at(list, "/items/0") == body);
}

TEST_CASE("a claim's state is its phase, or Terminating") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", claim("c", {{"metadata", {{"finalizers", {"example.com/hold"}}}}}));
  const auto status = [&] { return text_at(service().get(base(ns) + "/name/c").json(), "/state/status"); };
  CHECK(status() == "Pending");
  CHECK(text_at(service().get(base(ns) + "/name/c").json(), "/capacity").empty());
  set_status(cluster(), ns.path("persistentvolumeclaims", "c"), {{"phase", "Lost"}});
  CHECK(status() == "Lost");
  cluster().raw("DELETE", ns.path("persistentvolumeclaims", "c"));
  CHECK(status() == "Terminating");
  cluster().patch(ns.path("persistentvolumeclaims", "c"), {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_CASE("a claim that nobody uses is deleted") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", claim("c"));
  ns.create("persistentvolumeclaims", claim("other"));
  ns.create("pods", pod("p", {"main"}, using_claim("other")));
  CHECK(service().del(base(ns) + "/name/c").status == 200);
  CHECK_FALSE(exists(ns, "c"));
  CHECK(exists(ns, "other"));
}

TEST_CASE("a claim in use is 409 InUse that names the users, unless force=true") {
  const Namespace ns(cluster());
  std::string user;
  std::string name = "c";
  SECTION("by a running pod") {
    user = "user-pod";
    ns.create("persistentvolumeclaims", claim(name));
    create_running_pod(cluster(), ns, user, {"main"}, using_claim(name));
  }
  SECTION("by a pod that is not scheduled yet") {
    user = "pending-pod";
    ns.create("persistentvolumeclaims", claim(name));
    ns.create("pods", pod(user, {"main"}, using_claim(name)));
  }
  SECTION("by a stateful set") {
    user = "web";
    name = "data-web-3";  // of a pod that there is no more; a controller would make another claim for one that there is
    ns.create("persistentvolumeclaims", claim(name));
    ns.create("statefulsets", stateful_set(user, {"data"}, 1));
  }
  SECTION("by a stateful set that is scaled to 0") {
    user = "web";
    name = "data-web-7";
    ns.create("persistentvolumeclaims", claim(name));
    ns.create("statefulsets", stateful_set(user, {"logs", "data"}, 0));
  }
  const HttpAnswer answer = service().del(base(ns) + "/name/" + name);
  CHECK(outcome(answer) == "409 InUse");
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains(user));
  CHECK(exists(ns, name));
  CHECK(outcome(service().del(base(ns) + "/name/" + name + "?dryRun=true")) == "409 InUse");
  CHECK(service().del(base(ns) + "/name/" + name + "?force=true").status == 200);
  CHECK_FALSE(exists(ns, name));
}

TEST_CASE("a generic ephemeral volume's claim is in use") {
  const Namespace ns(cluster());
  const json::object with_volume = pod("p", {"main"},
                                       parse_json(R"({"spec": {"volumes": [{"name": "scratch",
      "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}}}}}}]}})")
                                           .as_object());
  json::object probe = with_volume;
  probe["apiVersion"] = "v1";
  probe["kind"] = "Pod";
  if (cluster().raw("POST", ns.path("pods") + "?dryRun=All", print(probe)).status == 422) {
    return leave_out("this API server does not know generic ephemeral volumes");
  }
  const json::value p = ns.create("pods", with_volume);
  const json::object owned = {{"metadata", {{"ownerReferences", json::array{owner_reference(p, "v1", "Pod")}}}}};
  ns.create("persistentvolumeclaims", claim("p-scratch", owned));
  CHECK(outcome(service().del(base(ns) + "/name/p-scratch")) == "409 InUse");
  CHECK(exists(ns, "p-scratch"));
}

TEST_CASE("names that only look like a stateful set's are not in use") {
  const Namespace ns(cluster());
  ns.create("statefulsets", stateful_set("web", {"data"}, 0));
  for (const std::string name : {"data-web", "data-web-", "data-web-x", "data-web-01x", "logs-web-0", "data-webs-0"}) {
    const std::string proper = name.ends_with("-") ? name + "a" : name;
    INFO(proper);
    ns.create("persistentvolumeclaims", claim(proper));
    CHECK(service().del(base(ns) + "/name/" + proper).status == 200);
  }
}

TEST_CASE("a pod that has finished does not use its claims") {
  for (const std::string phase : {"Succeeded", "Failed"}) {
    const Namespace ns(cluster());
    ns.create("persistentvolumeclaims", claim("c"));
    ns.create("pods", pod("p", {"main"}, using_claim("c")));
    set_status(cluster(), ns.path("pods", "p"), {{"phase", phase}});
    CHECK(service().del(base(ns) + "/name/c").status == 200);
  }
}

TEST_CASE("the bulk delete needs a selector that selects") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", labelled("c", "a"));
  check_stays_local([&] {
    CHECK(outcome(service().del(base(ns))) == "400 BadRequest");
    CHECK(outcome(service().del(base(ns) + "?labelselector=")) == "400 BadRequest");
    CHECK(outcome(service().del(base(ns) + "?labelselector=%20")) == "400 BadRequest");
    CHECK(outcome(service().del(base(ns) + "?labelSelector=")) == "400 BadRequest");
  });
  CHECK(exists(ns, "c"));
}

TEST_CASE("the bulk delete deletes what matches, and says so") {
  const Namespace ns(cluster());
  for (const std::string name : {"b", "a"}) ns.create("persistentvolumeclaims", labelled(name, "web"));
  ns.create("persistentvolumeclaims", labelled("other", "db"));
  const HttpAnswer answer = service().del(base(ns) + "?labelselector=app%3Dweb");
  CHECK(answer.status == 200);
  CHECK(answer.json() == parse_json(R"({"num": 2, "items": [{"name": "a", "result": "deleted", "message": ""},
                                                          {"name": "b", "result": "deleted", "message": ""}]})"));
  CHECK_FALSE(exists(ns, "a"));
  CHECK_FALSE(exists(ns, "b"));
  CHECK(exists(ns, "other"));
  const HttpAnswer again = service().del(base(ns) + "?labelSelector=app%3Dweb");
  CHECK(again.status == 200);
  CHECK(again.json() == parse_json(R"({"num": 0, "items": []})"));
}

TEST_CASE("the bulk delete says what is only terminating") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", labelled("a", "web"));
  ns.create("persistentvolumeclaims",
            merged(labelled("b", "web"), {{"metadata", {{"finalizers", {"example.com/hold"}}}}}));
  const HttpAnswer answer = service().del(base(ns) + "?labelselector=app%3Dweb");
  CHECK(answer.status / 100 == 2);
  CHECK(text_at(answer.json(), "/items/0/result") == "deleted");
  CHECK(text_at(answer.json(), "/items/1/result") == "terminating");
  cluster().patch(ns.path("persistentvolumeclaims", "b"), {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_CASE("the bulk delete deletes nothing if any is in use, and lists every one, unless force=true") {
  const Namespace ns(cluster());
  for (const std::string name : {"data-web-0", "free", "taken"}) {
    ns.create("persistentvolumeclaims", labelled(name, "web"));
  }
  ns.create("pods", pod("user", {"main"}, using_claim("taken")));
  ns.create("statefulsets", stateful_set("web", {"data"}, 0));
  const std::string target = base(ns) + "?labelselector=app%3Dweb";
  const HttpAnswer refused = service().del(target);
  CHECK(outcome(refused) == "409 InUse");
  for (const std::string text : {"data-web-0", "taken", "user", "web"}) CHECK_THAT(refused.body, Catch::Contains(text));
  CHECK(at(refused.json(), "/details/causes").as_array().size() == 2);
  for (const std::string name : {"data-web-0", "free", "taken"}) CHECK(exists(ns, name));

  const HttpAnswer forced = service().del(target + "&force=true");
  CHECK(forced.status == 200);
  CHECK(at(forced.json(), "/num") == json::value(3));
  for (const std::string name : {"data-web-0", "free", "taken"}) CHECK_FALSE(exists(ns, name));
}

}  // namespace quartermaster::test
