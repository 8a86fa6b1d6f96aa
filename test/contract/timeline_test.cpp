// The story of a pod: its events, and those of what it belongs to, of its claims and its node.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::string timeline_target(const Namespace& ns, const std::string& pod, const std::string& query = {}) {
  return "/api/v1/pod/" + ns.name() + "/name/" + pod + "/timeline" + query;
}

/// Those of the suite, of the form "Pod web-0: message".
std::vector<std::string> told(const json::array& events) {
  std::vector<std::string> all;
  for (const json::value& each : events) {
    if (text_at(each, "/from") != "suite") continue;
    all.push_back(text_at(each, "/object/kind") + " " + text_at(each, "/object/name") + ": " +
                  text_at(each, "/message"));
  }
  return all;
}

std::vector<std::string> objects_of(const json::value& timeline) {
  std::vector<std::string> all;
  for (const json::value& each : at(timeline, "/objects").as_array())
    all.push_back(text_at(each, "/kind") + " " + text_at(each, "/name"));
  return all;
}

/// The pod web-0, running, of the stateful set web, with the claim data.
json::value create_web(const Namespace& ns) {
  ns.create("persistentvolumeclaims", claim("data"));
  create_running_pod(cluster(), ns, "web-0", {"main"},
                     {{"metadata", {{"labels", {{"app", "web"}}}}},
                      {"spec", {{"volumes", {{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}}}}}});
  const json::value set = ns.create("statefulsets", stateful_set("web", {}, 1));
  return cluster().patch(
      ns.path("pods", "web-0"),
      {{"metadata", {{"ownerReferences", json::array{owner_reference(set, "apps/v1", "StatefulSet")}}}}});
}

json::object at_time(const std::string& message, const std::string& time) {
  return {{"message", message}, {"firstTimestamp", time}, {"lastTimestamp", time}};
}

/// As the newer events API stores them, to the microsecond.
json::object at_micro_time(const std::string& message, const std::string& time) {
  return {{"message", message},         {"eventTime", time},   {"firstTimestamp", nullptr},
          {"lastTimestamp", nullptr},   {"count", 0},          {"reportingComponent", "suite"},
          {"reportingInstance", "s-0"}, {"action", "Testing"}, {"source", json::object{}}};
}

}  // namespace

TEST_CASE("a timeline merges what is told of a pod, its owner, its claims and its node") {
  const Namespace ns(cluster());
  const json::value web = create_web(ns);
  const json::value set = cluster().get(ns.path("statefulsets", "web"));
  const json::value data = cluster().get(ns.path("persistentvolumeclaims", "data"));
  const json::value other = ns.create("pods", pod("other"));
  json::value former = set;
  former.as_object()["metadata"].as_object()["uid"] = "00000000-0000-0000-0000-000000000001";
  ns.create("events", event("a", "Pod", web, at_micro_time("third", "2024-01-01T00:00:02.000002Z")));
  ns.create("events", event("b", "StatefulSet", set, at_micro_time("second", "2024-01-01T00:00:02.000001Z")));
  ns.create("events", event("c", "PersistentVolumeClaim", data, at_time("first", "2024-01-01T00:00:02Z")));
  ns.create("events", event("d", "Pod", web, at_time("last", "2024-01-04T00:00:00Z")));
  ns.create("events", event("e", "Pod", other, at_time("of another pod", "2024-01-01T00:00:00Z")));
  ns.create("events", event("f", "StatefulSet", former, at_time("of a former set", "2024-01-01T00:00:00Z")));
  const std::string of_node = unique_name("of-node"), events = "/api/v1/namespaces/default/events";
  cluster().create(events,
                   {{"apiVersion", "v1"},
                    {"kind", "Event"},
                    {"metadata", {{"name", of_node}, {"namespace", "default"}}},
                    {"involvedObject", {{"kind", "Node"}, {"name", cluster().node()}, {"uid", cluster().node()}}},
                    {"type", "Warning"},
                    {"reason", "Rebooted"},
                    {"message", of_node},
                    {"source", {{"component", "suite"}}},
                    {"firstTimestamp", "2024-01-03T00:00:00Z"},
                    {"lastTimestamp", "2024-01-03T00:00:00Z"},
                    {"count", 2}});
  const HttpAnswer answer = service().get(timeline_target(ns, "web-0", "?timeout=10s"));
  cluster().remove(events + "/" + of_node);
  REQUIRE(answer.status == 200);
  CHECK_FALSE(answer.header("X-Resource-Version").empty());
  CHECK(objects_of(answer.json()) == std::vector<std::string>{"Pod web-0", "StatefulSet web",
                                                              "PersistentVolumeClaim data",
                                                              "Node " + cluster().node()});
  CHECK(at(answer.json(), "/unread") == json::value(json::array{}));
  CHECK(told(at(answer.json(), "/events").as_array()) ==
        std::vector<std::string>{"PersistentVolumeClaim data: first", "StatefulSet web: second", "Pod web-0: third",
                                 "Node " + cluster().node() + ": " + of_node, "Pod web-0: last"});
}

TEST_CASE("a timeline knows all claims of its pod, however many") {
  const Namespace ns(cluster());
  constexpr int kClaims = 20;
  json::array volumes;
  for (int i = 0; i < kClaims; ++i) {
    const std::string name = "claim-" + std::to_string(i);
    volumes.push_back({{"name", name}, {"persistentVolumeClaim", {{"claimName", name}}}});
  }
  ns.create("pods", merged(pod("p"), {{"spec", {{"volumes", volumes}}}}));
  const json::value last = ns.create("persistentvolumeclaims", claim("claim-9"));  // in the order of names
  const json::value other = ns.create("persistentvolumeclaims", claim("other"));
  ns.create("events", event("a", "PersistentVolumeClaim", last));
  ns.create("events", event("b", "PersistentVolumeClaim", other));
  const json::value timeline = service().get(timeline_target(ns, "p")).json();
  CHECK(objects_of(timeline).size() == 1 + kClaims);
  CHECK(told(at(timeline, "/events").as_array()) ==
        std::vector<std::string>{"PersistentVolumeClaim claim-9: the test suite looked at it"});
}

TEST_CASE("a timeline goes from a pod by way of its replica set to its deployment") {
  NEEDS_CONTROLLERS();
  const Namespace ns(cluster());
  const json::object labels = {{"app", "web"}};
  const json::value deployment = ns.create(
      "deployments",
      {{"metadata", {{"name", "web"}}},
       {"spec",
        {{"replicas", 1},
         {"selector", {{"matchLabels", labels}}},
         {"template",
          {{"metadata", {{"labels", labels}}}, {"spec", {{"containers", {{{"name", "main"}, {"image", "i"}}}}}}}}}}});
  const auto pods = [&] { return item_names(service().get("/api/v1/pod/" + ns.name())); };
  REQUIRE(poll_until([&] { return pods().size() == 1; }));
  const std::string name = pods().front();
  ns.create("events", event("e", "Deployment", deployment));
  const json::value timeline = service().get(timeline_target(ns, name)).json();
  CHECK(objects_of(timeline) ==
        std::vector<std::string>{"Pod " + name, "ReplicaSet " + name.substr(0, name.rfind('-')), "Deployment web"});
  CHECK(told(at(timeline, "/events").as_array()) ==
        std::vector<std::string>{"Deployment web: the test suite looked at it"});
}

TEST_CASE("a timeline that is followed goes on with what comes, and with what counts on") {
  const Namespace ns(cluster());
  const json::value web = create_web(ns);
  const json::value set = cluster().get(ns.path("statefulsets", "web"));
  const json::value other = ns.create("pods", pod("other"));
  ns.create("events", event("later", "Pod", web, at_time("2", "2024-01-02T00:00:00Z")));
  ns.create("events", event("sooner", "StatefulSet", set, at_time("1", "2024-01-01T00:00:00Z")));
  AnswerReader reader = service().open({.target = timeline_target(ns, "web-0", "?follow=true")});
  CHECK(reader.head().header("Content-Type") == "application/x-ndjson");
  std::string text;
  const auto next = [&] {
    for (;;) {
      while (text.find('\n') == std::string::npos) {
        const std::string more = reader.more();
        if (more.empty()) throw std::runtime_error("the timeline has ended");
        text += more;
      }
      const json::value line = parse_json(text.substr(0, text.find('\n')));
      text.erase(0, text.find('\n') + 1);
      const auto mine = told(json::array{line});
      if (!mine.empty()) return mine.front() + " x" + print(at(line, "/count"));
    }
  };
  CHECK(next() == "StatefulSet web: 1 x1");
  CHECK(next() == "Pod web-0: 2 x1");
  ns.create("events", event("other", "Pod", other, at_time("of another pod", "2024-01-01T00:00:00Z")));
  ns.create("events", event("new", "StatefulSet", set, at_time("3", "2024-01-01T00:00:00Z")));
  CHECK(next() == "StatefulSet web: 3 x1");
  cluster().patch(ns.path("events", "later"), {{"count", 2}});
  CHECK(next() == "Pod web-0: 2 x2");
  const HttpAnswer whole = service().get(timeline_target(ns, "web-0", "?follow=false"));
  CHECK(whole.header("Content-Type") == "application/json");
}

TEST_CASE("of a pod that is gone there is what was told of its name; what never was is 404") {
  const Namespace ns(cluster());
  const json::value p = ns.create("pods", pod("p"));
  ns.create("events", event("e", "Pod", p, {{"message", "last words"}}));
  cluster().remove(ns.path("pods", "p"));
  const json::value timeline = service().get(timeline_target(ns, "p")).json();
  CHECK(objects_of(timeline) == std::vector<std::string>{"Pod p"});
  CHECK(told(at(timeline, "/events").as_array()) == std::vector<std::string>{"Pod p: last words"});
  CHECK(outcome(service().get(timeline_target(ns, "never"))) == "404 NotFound");
}

}  // namespace quartermaster::test
