// Events as a Kubernetes API server sends them, and as it should not.
#include <catch2/catch.hpp>

#include "kubeapi/watch_event.hpp"
#include "test/support/result.hpp"

namespace quartermaster::kubeapi {
namespace {

const std::string kPod = R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"7"}})";

std::string event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

std::string bookmark(const std::string& annotations) {
  return event("BOOKMARK",
               R"({"kind":"Pod","metadata":{"resourceVersion":"9","annotations":)" + annotations + R"(},"spec":{}})");
}

TEST_CASE("an event has a type, an object and its version", "[watch_event]") {
  const auto [name, type] = GENERATE(table<std::string, EventType>(
      {{"ADDED", EventType::added}, {"MODIFIED", EventType::modified}, {"DELETED", EventType::deleted}}));
  const auto decoded = decode_event(model::Kind::pod, event(name, kPod));
  REQUIRE(decoded);
  CHECK(decoded->type == type);
  CHECK(decoded->kind_ok);
  CHECK(decoded->version == "7");
  CHECK(decoded->object["metadata"]["name"].string() == "a");
  CHECK_FALSE(decoded->ends_initial_events);
}

TEST_CASE("a bookmark may end the initial events", "[watch_event]") {
  const auto [annotations, ends] = GENERATE(table<std::string, bool>({
      {R"({"k8s.io/initial-events-end":"true"})", true},
      {R"({"k8s.io/initial-events-end":"false"})", false},
      {R"({"other":"true"})", false},
      {"null", false},
  }));
  const auto decoded = decode_event(model::Kind::pod, bookmark(annotations));
  REQUIRE(decoded);
  CHECK(decoded->type == EventType::bookmark);
  CHECK(decoded->version == "9");
  CHECK(decoded->ends_initial_events == ends);
}

TEST_CASE("an event about another kind is told", "[watch_event]") {
  const auto decoded = decode_event(model::Kind::pvc, event("ADDED", kPod));
  REQUIRE(decoded);
  CHECK_FALSE(decoded->kind_ok);
}

TEST_CASE("an event of an unknown type may hold anything", "[watch_event]") {
  const std::string object = GENERATE(as<std::string>{}, "null", "1", "{}", kPod);
  const auto decoded = decode_event(model::Kind::pod, event("NEW", object));
  REQUIRE(decoded);
  CHECK(decoded->type == EventType::unknown);
  CHECK(decoded->type_name == "NEW");
}

TEST_CASE("an ERROR holds a Status", "[watch_event]") {
  const auto [code, error] = GENERATE(table<std::string, ErrorCode>({
      {"410", ErrorCode::expired},
      {"429", ErrorCode::unavailable},
      {"500", ErrorCode::bad_gateway},
      {"504", ErrorCode::timeout},
      {"403", ErrorCode::forbidden},
      {"-1", ErrorCode::bad_gateway},
      {"99999999999", ErrorCode::bad_gateway},
      {"\"410\"", ErrorCode::bad_gateway},
  }));
  const auto decoded = decode_event(
      model::Kind::pod,
      event("ERROR", R"({"kind":"Status","message":"why","details":{"causes":[{"reason":"X"}]},"code":)" + code + "}"));
  REQUIRE(decoded);
  CHECK(decoded->type == EventType::error);
  CHECK(decoded->error.code == error);
  CHECK(decoded->error.message == "why");
  CHECK(decoded->error.causes.at(0).reason == "X");
}

TEST_CASE("an event that cannot be read is an error", "[watch_event]") {
  const std::string text =
      GENERATE(as<std::string>{}, "", "{", "[]", "{}", R"({"object":{}})", R"({"type":1,"object":{}})",
               event("ADDED", "null"), event("ADDED", "[]"), event("ADDED", "{}"), event("ERROR", "1"),
               event("ADDED", R"({"kind":"Pod","metadata":{"name":"a"}})"),
               event("ADDED", R"({"kind":"Pod","metadata":{"resourceVersion":"7"}})"),
               event("DELETED", R"({"metadata":{"name":"a","resourceVersion":"7"}})"),
               event("BOOKMARK", R"({"kind":"Pod","metadata":{}})"));
  const auto decoded = decode_event(model::Kind::pod, text);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code == ErrorCode::bad_gateway);
}

}  // namespace
}  // namespace quartermaster::kubeapi
