// A pod's events.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

json::array events_of(const Namespace& ns, const std::string& name) {
  const HttpAnswer answer = service().get("/api/v1/pod/" + ns.name() + "/name/" + name + "/events");
  REQUIRE(answer.status == 200);
  return at(answer.json(), "/events").as_array();
}

std::vector<std::string> messages(const json::array& events) {
  std::vector<std::string> result;
  for (const json::value& each : events) result.push_back(text_at(each, "/message"));
  return result;
}

/// As the newer events API stores them: no first and last time, no count, no source.
json::object newer_event(const std::string& name, const json::value& about, const json::object& extra) {
  json::object result = event(
      name, "Pod", about,
      {{"reportingComponent", "example.com/controller"}, {"reportingInstance", "controller-0"}, {"action", "Testing"}});
  for (const char* field : {"source", "firstTimestamp", "lastTimestamp", "count"}) result.erase(field);
  return merged(result, extra);
}

}  // namespace

TEST_CASE("an event shows all its fields") {
  const Namespace ns(cluster());
  const json::value p = ns.create("pods", pod("p"));
  ns.create("events", event("e", "Pod", p,
                            parse_json(R"({"type": "Warning", "reason": "FailedScheduling",
      "message": "0/3 nodes are available", "source": {"component": "default-scheduler"}, "count": 7,
      "firstTimestamp": "2019-07-05T04:17:59Z", "lastTimestamp": "2019-07-05T05:00:00Z"})")
                                .as_object()));
  CHECK(events_of(ns, "p") == parse_json(R"([{"type": "Warning", "reason": "FailedScheduling",
      "message": "0/3 nodes are available", "from": "default-scheduler", "count": 7,
      "firstTimestamp": "2019-07-05T04:17:59Z", "lastTimestamp": "2019-07-05T05:00:00Z"}])")
                                  .as_array());
}

TEST_CASE("events come with the oldest last time first") {
  const Namespace ns(cluster());
  const json::value p = ns.create("pods", pod("p"));
  ns.create("events", event("a", "Pod", p, {{"message", "third"}, {"lastTimestamp", "2024-03-01T00:00:00Z"}}));
  ns.create("events", event("b", "Pod", p, {{"message", "first"}, {"lastTimestamp", "2024-01-02T03:04:05Z"}}));
  ns.create("events", newer_event("c", p, {{"message", "second"}, {"eventTime", "2024-02-01T00:00:00.500000Z"}}));
  CHECK(messages(events_of(ns, "p")) == std::vector<std::string>{"first", "second", "third"});
}

TEST_CASE("events of the newer API fall back for times and count") {
  const Namespace ns(cluster());
  const json::value p = ns.create("pods", pod("p"));
  ns.create("events", newer_event("single", p, {{"eventTime", "2024-01-01T10:00:00.123456Z"}}));
  ns.create("events", newer_event("series", p,
                                  {{"eventTime", "2024-01-01T11:00:00.000000Z"},
                                   {"series", {{"count", 42}, {"lastObservedTime", "2024-01-01T12:00:00.999999Z"}}}}));
  const json::array events = events_of(ns, "p");
  REQUIRE(events.size() == 2);
  CHECK(text_at(events[0], "/firstTimestamp") == "2024-01-01T10:00:00.123456Z");
  CHECK(text_at(events[0], "/lastTimestamp") == "2024-01-01T10:00:00.123456Z");
  CHECK(at(events[0], "/count") == json::value(1));
  CHECK(text_at(events[0], "/from") == "example.com/controller");
  CHECK(text_at(events[1], "/firstTimestamp") == "2024-01-01T11:00:00Z");
  CHECK(text_at(events[1], "/lastTimestamp") == "2024-01-01T12:00:00.999999Z");
  CHECK(at(events[1], "/count") == json::value(42));
}

TEST_CASE("an event without any time has that of its creation") {
  const Namespace ns(cluster());
  const json::value p = ns.create("pods", pod("p"));
  json::object timeless = event("e", "Pod", p);
  for (const char* field : {"firstTimestamp", "lastTimestamp", "count"}) timeless.erase(field);
  const std::string created = text_at(ns.create("events", timeless), "/metadata/creationTimestamp");
  const json::array events = events_of(ns, "p");
  REQUIRE(events.size() == 1);
  CHECK(text_at(events[0], "/firstTimestamp") == created);
  CHECK(text_at(events[0], "/lastTimestamp") == created);
  CHECK(at(events[0], "/count") == json::value(1));
}

TEST_CASE("an event says its host") {
  const Namespace ns(cluster());
  const json::value p = ns.create("pods", pod("p"));
  ns.create("events", event("e", "Pod", p, {{"source", {{"component", "kubelet"}, {"host", "node-1"}}}}));
  CHECK(text_at(events_of(ns, "p")[0], "/from") == "kubelet, node-1");
}

TEST_CASE("events are those of this pod's uid") {
  const Namespace ns(cluster());
  const json::value p = ns.create("pods", pod("p"));
  const json::value other = ns.create("pods", pod("other"));
  json::value former = p;
  former.as_object()["metadata"].as_object()["uid"] = "00000000-0000-0000-0000-000000000001";
  ns.create("events", event("mine", "Pod", p, {{"message", "mine"}}));
  ns.create("events", event("former", "Pod", former, {{"message", "of a former pod of that name"}}));
  ns.create("events", event("other", "Pod", other, {{"message", "of another pod"}}));
  ns.create("events", event("set", "StatefulSet", p, {{"message", "of another kind"}}));
  CHECK(messages(events_of(ns, "p")) == std::vector<std::string>{"mine"});
}

TEST_CASE("a static pod's events include those of its mirror's config hash") {
  const Namespace ns(cluster());
  const std::string hash = "0123456789abcdef0123456789abcdef";
  const json::value p = ns.create(
      "pods", pod("p", {"main"},
                  {{"metadata",
                    {{"annotations", {{"kubernetes.io/config.mirror", hash}, {"kubernetes.io/config.hash", hash}}}}},
                   {"spec", {{"nodeName", cluster().node()}}}}));
  ns.create("events", event("uid", "Pod", p, {{"message", "by uid"}}));
  json::object by_hash = event("hash", "Pod", p, {{"message", "by hash"}, {"lastTimestamp", "2024-05-05T00:00:00Z"}});
  by_hash["involvedObject"].as_object()["uid"] = hash;
  ns.create("events", by_hash);
  CHECK(messages(events_of(ns, "p")) == std::vector<std::string>{"by uid", "by hash"});
}

TEST_CASE("events of a pod that is gone are those of its kind and name") {
  const Namespace ns(cluster());
  const json::value p = ns.create("pods", pod("p"));
  ns.create("events", event("e", "Pod", p, {{"message", "last words"}}));
  ns.create("events", event("s", "Secret", p, {{"message", "of another kind"}}));
  cluster().remove(ns.path("pods", "p"));
  CHECK(messages(events_of(ns, "p")) == std::vector<std::string>{"last words"});
}

TEST_CASE("a pod without events has none, and what never was is 404") {
  const Namespace ns(cluster());
  ns.create("pods", pod("p"));
  CHECK(events_of(ns, "p").empty());
  CHECK(outcome(service().get("/api/v1/pod/" + ns.name() + "/name/never/events")) == "404 NotFound");
}

}  // namespace quartermaster::test
