// The body of a question whether a workload fits: what is 400, what is 422, and what it means.
#include "server/api/fits_body.hpp"

#include <catch2/catch.hpp>

#include "test/support/result.hpp"

namespace quartermaster::api {
namespace {

Result<model::Demand> parse(const std::string& text) {
  const auto document = json::parse(text, json::kRequestBody);
  if (!document) return document.error();
  return parse_fits_body(document->root());
}

TEST_CASE("A workload is read") {
  const auto demand = parse(R"({"replicas": 3, "containers": [{"requests": {"cpu": "0.1"}, "limits": {"cpu": "1"}}, {}],
      "initContainers": [{"limits": {"example.com/gpu": "1"}}], "priorityClassName": "high", "activeDeadlineSeconds": 5,
      "storage": [{"size": "1Gi"}, {"size": "2Gi", "storageClass": "", "shared": true},
                  {"size": "3Gi", "storageClass": "fast", "shared": false}]})");
  REQUIRE(demand);
  CHECK(demand->replicas == 3);
  REQUIRE(demand->containers.size() == 2);
  CHECK(demand->containers[0].requests.at("cpu").to_string() == "100m");
  CHECK(demand->containers[0].limits.at("cpu").to_string() == "1");
  CHECK(demand->containers[1].requests.empty());
  REQUIRE(demand->init_containers.size() == 1);
  CHECK(demand->init_containers[0].limits.contains("example.com/gpu"));
  CHECK(demand->priority_class == "high");
  CHECK(demand->ends_by_itself);
  REQUIRE(demand->claims.size() == 3);
  CHECK_FALSE(demand->claims[0].storage_class);
  CHECK_FALSE(demand->claims[0].shared);
  CHECK(demand->claims[1].storage_class == "");
  CHECK(demand->claims[1].shared);
  CHECK(demand->claims[2].storage_class == "fast");
  CHECK(demand->claims[2].size.to_string() == "3Gi");
}

TEST_CASE("Nothing is one replica of nothing") {
  const auto demand = parse("{}");
  REQUIRE(demand);
  CHECK(demand->replicas == 1);
  CHECK_FALSE(demand->has_pods());
  CHECK_FALSE(demand->ends_by_itself);
}

TEST_CASE("A workload of the wrong form is a bad request") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {R"([])", "body: must be an object, not an array"},
      {R"({"replica": 1})", "replica: unknown field; known: replicas, "},
      {R"({"replicas": "1"})", "replicas: must be an integer, not a string"},
      {R"({"replicas": 1.5})", "replicas: must be an integer, not a number"},
      {R"({"replicas": 1e30})", "replicas: must be an integer, not a number"},
      {R"({"containers": {}})", "containers: must be an array, not an object"},
      {R"({"containers": [{"requests": {"cpu": 1}}]})", "containers[0].requests.cpu: must be a string, not a number"},
      {R"({"containers": [{"image": "x"}]})", "containers[0].image: unknown field; known: requests, limits"},
      {R"({"storage": [{}]})", "storage[0].size: must be given"},
      {R"({"storage": [{"size": "1"}, {"size": ""}]})", "storage[1].size: must be given"},
      {R"({"storage": [{"size": "1", "shared": "yes"}]})", "storage[0].shared: must be a boolean, not a string"},
      // Form first.
      {R"({"replicas": 0, "storage": [{}]})", "storage[0].size: must be given"},
  }));
  CAPTURE(text);
  const auto demand = parse(text);
  REQUIRE_FALSE(demand);
  CHECK(demand.error().code == ErrorCode::bad_request);
  CHECK_THAT(demand.error().message, Catch::StartsWith(message));
}

TEST_CASE("A workload that no pod could be is invalid, with all its causes") {
  const auto [text, fields] = GENERATE(table<std::string, std::vector<std::string>>({
      {R"({"replicas": 0})", {"replicas"}},
      {R"({"replicas": 2147483648, "activeDeadlineSeconds": 0})", {"replicas", "activeDeadlineSeconds"}},
      {R"({"containers": [{"requests": {"cpu": "x", "memory": "-1"}}, {"limits": {"a b": "1"}}]})",
       {"containers[0].requests.cpu", "containers[0].requests.memory", "containers[1].limits[a b]"}},
      {R"({"containers": [{"requests": {"cpu": "1001m"}, "limits": {"cpu": "1"}}]})", {"containers[0].requests.cpu"}},
      {R"({"initContainers": [{}]})", {"containers"}},
      {R"({"storage": [{"size": "big", "storageClass": "No"}]})", {"storage[0].size", "storage[0].storageClass"}},
  }));
  CAPTURE(text);
  const auto demand = parse(text);
  REQUIRE_FALSE(demand);
  CHECK(demand.error().code == ErrorCode::invalid);
  std::vector<std::string> told;
  for (const auto& cause : demand.error().causes) told.push_back(cause.field);
  CHECK(told == fields);
}

TEST_CASE("A workload of very many containers is refused") {
  std::string text = R"({"containers": [{})";
  for (int i = 0; i < 100; ++i) text += ",{}";
  const auto demand = parse(text + "]}");
  REQUIRE_FALSE(demand);
  CHECK(demand.error().message == "containers: must be at most 100");
}

}  // namespace
}  // namespace quartermaster::api
