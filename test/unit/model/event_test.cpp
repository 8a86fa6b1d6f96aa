// Events: fall-backs of old and new event APIs, order, DTO.
#include "model/event.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

std::string dto(std::string_view raw) {
  const Event event = from_json(raw, event_from);
  return written([&](json::Writer& w) { write(w, event); });
}

TEST_CASE("An event's DTO") {
  CHECK(
      dto(R"({"metadata": {"name": "web-0.15ae", "creationTimestamp": "2019-07-05T04:00:00Z"},
      "type": "Warning", "reason": "BackOff", "message": "Back-off \"restarting\"",
      "source": {"component": "kubelet", "host": "node-1"}, "reportingComponent": "ignored", "count": 12,
      "firstTimestamp": "2019-07-05T04:01:00Z", "lastTimestamp": "2019-07-05T04:17:59Z",
      "eventTime": null})") ==
      R"({"type":"Warning","reason":"BackOff","message":"Back-off \"restarting\"","from":"kubelet, node-1","count":12,)"
      R"("firstTimestamp":"2019-07-05T04:01:00Z","lastTimestamp":"2019-07-05T04:17:59Z"})");
  CHECK(dto("{}") ==
        R"({"type":"","reason":"","message":"","from":"","count":1,"firstTimestamp":"","lastTimestamp":""})");
}

TEST_CASE("An event among those of others says what it is about") {
  const Event event = from_json(
      R"({"involvedObject": {"kind": "ReplicaSet", "name": "web-1"}, "reason": "FailedCreate", "type": "Warning"})",
      event_from);
  CHECK(
      written([&](json::Writer& w) { write_with_object(w, event); }) ==
      R"({"object":{"kind":"ReplicaSet","name":"web-1"},"type":"Warning","reason":"FailedCreate","message":"","from":"",)"
      R"("count":1,"firstTimestamp":"","lastTimestamp":""})");
}

TEST_CASE("An event's times fall back") {
  const auto [members, first, last] = GENERATE(table<std::string, std::string, std::string>({
      {R"("firstTimestamp": "2019-01-01T00:00:01Z", "lastTimestamp": "2019-01-01T00:00:02Z",
          "eventTime": "2019-01-01T00:00:03.000000Z", "series": {"lastObservedTime": "2019-01-01T00:00:04.123456Z"})",
       "2019-01-01T00:00:01Z", "2019-01-01T00:00:04.123456Z"},
      {R"("firstTimestamp": "2019-01-01T00:00:01Z", "lastTimestamp": "2019-01-01T00:00:02Z",
          "eventTime": "2019-01-01T00:00:03.000000Z", "series": null)",
       "2019-01-01T00:00:01Z", "2019-01-01T00:00:02Z"},
      {R"("firstTimestamp": null, "lastTimestamp": null, "eventTime": "2019-01-01T00:00:03.500000Z")",
       "2019-01-01T00:00:03.5Z", "2019-01-01T00:00:03.5Z"},
      {R"("firstTimestamp": "2019-01-01T00:00:01Z")", "2019-01-01T00:00:01Z", "2019-01-01T00:00:01Z"},
      {R"("lastTimestamp": "2019-01-01T00:00:02Z")", "2018-01-01T00:00:00Z", "2019-01-01T00:00:02Z"},
      {R"("firstTimestamp": "never", "eventTime": 5, "series": [])", "2018-01-01T00:00:00Z", "2018-01-01T00:00:00Z"},
  }));
  const Event event =
      from_json(R"({"metadata": {"creationTimestamp": "2018-01-01T00:00:00Z"}, )" + members + "}", event_from);
  CHECK(format_timestamp(event.first) == first);
  CHECK(format_timestamp(event.last) == last);
}

TEST_CASE("An event's count falls back") {
  const auto [raw, expected] = GENERATE(table<std::string, int>({
      {R"({"series": {"count": 7}, "count": 2})", 7},
      {R"({"series": {}, "count": 2})", 2},
      {R"({"series": {"count": 0}, "count": 2})", 2},
      {R"({"count": 0})", 1},
      {R"({"count": "many"})", 1},
      {"{}", 1},
  }));
  CHECK(from_json(raw, event_from).count == expected);
}

TEST_CASE("Who an event is from") {
  const auto [raw, expected] = GENERATE(table<std::string, std::string>({
      {R"({"source": {"component": "kubelet", "host": "n1"}})", "kubelet, n1"},
      {R"({"source": {"component": "kubelet"}, "reportingComponent": "r"})", "kubelet"},
      {R"({"source": {}, "reportingComponent": "default-scheduler"})", "default-scheduler"},
      {R"({"source": null})", ""},
  }));
  CHECK(from_json(raw, event_from).from == expected);
}

TEST_CASE("Events are ordered by their last time, then their first, then their name") {
  const auto event = [](std::string name, const char* first, const char* last) {
    Event e;
    e.meta.name = std::move(name);
    e.first = parse_timestamp(first);
    e.last = parse_timestamp(last);
    return e;
  };
  std::vector<Event> events{
      event("c", "2019-01-01T00:00:02Z", "2019-01-01T00:00:09Z"),
      event("b", "2019-01-01T00:00:01Z", "2019-01-01T00:00:09Z"),
      event("a", "2019-01-01T00:00:02Z", "2019-01-01T00:00:09Z"),
      event("d", "2019-01-01T00:00:01Z", "2019-01-01T00:00:08.5Z"),
      event("e", "", ""),
  };
  sort_by_time(events);
  std::string order;
  for (const Event& e : events) order += e.meta.name;
  CHECK(order == "edbac");
}

TEST_CASE("An event is about the pod of its uid, and about a mirror pod's static pod") {
  Pod pod;
  pod.meta.uid = "u1";
  Pod mirror = pod;
  mirror.meta.annotations = {{"kubernetes.io/config.mirror", "0f1e2d"}};
  Event event =
      from_json(R"({"involvedObject": {"kind": "Pod", "namespace": "n", "name": "p", "uid": "u1"}})", event_from);
  CHECK(event.involved.kind == "Pod");
  CHECK(event.involved.ns == "n");
  CHECK(event.involved.name == "p");
  CHECK(is_about(event, pod));
  event.involved.uid = "u2";
  CHECK_FALSE(is_about(event, pod));
  event.involved.uid = "0f1e2d";
  CHECK_FALSE(is_about(event, pod));
  CHECK(is_about(event, mirror));
  event.involved.uid = "";
  CHECK_FALSE(is_about(event, pod));
  CHECK_FALSE(is_about(event, Pod{}));
}

}  // namespace
}  // namespace quartermaster::model
