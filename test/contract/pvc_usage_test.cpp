// Who uses a claim, and how full its volume is.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::string usage_of(const Namespace& ns, const std::string& name) {
  return "/api/v1/pvc/" + ns.name() + "/name/" + name + "/usage";
}

json::object using_claim(const std::string& claim_name) {
  return {{"spec", {{"volumes", {{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", claim_name}}}}}}}}};
}

/// A summary in which a volume of that claim was measured.
std::string summary_of(const Namespace& ns, const std::string& claim) {
  return R"({"node": {"nodeName": "n"}, "pods": [{"podRef": {"name": "p", "namespace": ")" + ns.name() +
         R"(", "uid": "u"}, "volume": [{"time": "2024-05-06T07:08:09Z", "availableBytes": 3, "capacityBytes": 10,
             "usedBytes": 7, "inodesFree": 4, "inodes": 6, "inodesUsed": 2, "name": "data",
             "pvcRef": {"name": ")" +
         claim + R"(", "namespace": ")" + ns.name() + R"("}}]}]})";
}

std::string reason(const HttpAnswer& answer) { return text_at(answer.json(), "/stats/reason"); }

}  // namespace

TEST_CASE("a claim's usage names its users, and by what they use it") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", claim("data-web-0"));
  CHECK(service().get(usage_of(ns, "data-web-0")).json() ==
        json::value{{"name", "data-web-0"},
                    {"namespace", ns.name()},
                    {"users", json::array()},
                    {"stats",
                     {{"known", false},
                      {"reason", "NotMounted"},
                      {"message", "no pod that is on a node uses it"},
                      {"node", ""},
                      {"time", ""}}}});
  ns.create("pods", pod("user", {"main"}, using_claim("data-web-0")));
  ns.create("pods", pod("done", {"main"}, using_claim("data-web-0")));
  set_status(cluster(), ns.path("pods", "done"), {{"phase", "Succeeded"}});
  ns.create("statefulsets", stateful_set("web", {"data"}, 0));
  const HttpAnswer answer = service().get(usage_of(ns, "data-web-0"));
  CHECK(at(answer.json(), "/users") ==
        parse_json(R"([{"kind": "Pod", "name": "user", "how": "volume", "through": "data", "node": ""},
            {"kind": "StatefulSet", "name": "web", "how": "claimTemplate", "through": "data", "node": ""}])"));
  CHECK(reason(answer) == "NotMounted");
  CHECK(outcome(service().get(usage_of(ns, "none"))) == "404 NotFound");
}

TEST_CASE("a claim's usage has what the kubelet has measured") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", claim("c"));
  create_running_pod(cluster(), ns, "p", {"main"}, using_claim("c"));
  cluster().set_node_stats(summary_of(ns, "c"));
  const HttpAnswer answer = service().get(usage_of(ns, "c") + "?timeout=10s");
  CHECK(text_at(answer.json(), "/users/0/node") == cluster().node());
  CHECK(at(answer.json(), "/stats") == json::value{{"known", true},
                                                   {"reason", ""},
                                                   {"message", ""},
                                                   {"node", cluster().node()},
                                                   {"time", "2024-05-06T07:08:09Z"},
                                                   {"usedBytes", 7},
                                                   {"capacityBytes", 10},
                                                   {"availableBytes", 3},
                                                   {"inodesUsed", 2},
                                                   {"inodes", 6},
                                                   {"inodesFree", 4}});
}

TEST_CASE("why nothing is known of a claim's volume is told, and is no error") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", claim("c"));
  SECTION("the kubelet has not measured it") {
    create_running_pod(cluster(), ns, "p", {"main"}, using_claim("c"));
    cluster().set_node_stats(summary_of(ns, "another"));
    CHECK(reason(service().get(usage_of(ns, "c"))) == "NotMeasured");
  }
  SECTION("its answer makes no sense") {
    create_running_pod(cluster(), ns, "p", {"main"}, using_claim("c"));
    cluster().set_node_stats("{\"pods\": [");
    CHECK(reason(service().get(usage_of(ns, "c"))) == "BadGateway");
  }
  SECTION("there is no such node") {
    ns.create("pods", merged(pod("p", {"main"}, using_claim("c")), {{"spec", {{"nodeName", "no-such-node"}}}}));
    const HttpAnswer answer = service().get(usage_of(ns, "c"));
    CHECK(reason(answer) == "NotFound");
    CHECK(text_at(answer.json(), "/stats/node") == "no-such-node");
    CHECK_FALSE(text_at(answer.json(), "/stats/message").empty());
    // Another node may know.
    create_running_pod(cluster(), ns, "q", {"main"}, using_claim("c"));
    cluster().set_node_stats(summary_of(ns, "c"));
    CHECK(text_at(service().get(usage_of(ns, "c")).json(), "/stats/node") == cluster().node());
  }
}

}  // namespace quartermaster::test
