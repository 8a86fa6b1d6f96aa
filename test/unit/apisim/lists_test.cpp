// Lists: selectors, pages on one version, versions asked for.
#include <algorithm>

#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

const std::string kMaps = "/api/v1/namespaces/demo/configmaps";

std::string names_of(const json::value& list) {
  std::string names;
  for (const auto& item : test::at(list, "/items").get_array()) {
    names.append(names.empty() ? "" : " ").append(test::text_at(item, "/metadata/name"));
  }
  return names;
}

TEST_CASE("selectors narrow a list") {
  DemoNamespace sim;
  sim.make_config_map("a", R"(, "labels": {"app": "web", "tier": "1"})");
  sim.make_config_map("b", R"(, "labels": {"app": "db"})");
  sim.make_config_map("c");
  const auto [query, names] = GENERATE(table<const char*, const char*>({
      {"", "a b c"},
      {"?labelSelector=app", "a b"},
      {"?labelSelector=app%3Dweb", "a"},
      {"?labelSelector=app%20notin%20(web)", "b c"},
      {"?labelSelector=app,!tier", "b"},
      {"?fieldSelector=metadata.name%3Dc", "c"},
      {"?fieldSelector=metadata.name!%3Dc,metadata.namespace%3Ddemo", "a b"},
  }));
  INFO(query);
  CHECK(names_of(sim.get(kMaps + query).json()) == names);
}

TEST_CASE("items of a list have no kind of their own") {
  DemoNamespace sim;
  sim.make_config_map("a");
  const auto list = sim.get("/api/v1/configmaps").json();
  CHECK(test::text_at(list, "/kind") == "ConfigMapList");
  CHECK(test::find(list, "/items/0/kind") == nullptr);
}

TEST_CASE("the pages of a list show one version") {
  DemoNamespace sim;
  for (const auto* name : {"a", "b", "c", "d", "e"}) sim.make_config_map(name);
  const auto first = sim.get(kMaps + "?limit=2").json();
  CHECK(names_of(first) == "a b");
  CHECK(test::at(first, "/metadata/remainingItemCount") == json::value(3));
  sim.call("DELETE", kMaps + "/d");
  sim.make_config_map("bb");
  sim.merge(kMaps + "/c", R"({"data": {"new": "1"}})");
  const auto token = test::text_at(first, "/metadata/continue");
  const auto second = sim.get(kMaps + "?limit=2&continue=" + token).json();
  CHECK(names_of(second) == "c d");
  CHECK(test::find(second, "/items/0/data") == nullptr);
  CHECK(test::text_at(second, "/metadata/resourceVersion") == test::text_at(first, "/metadata/resourceVersion"));
  const auto third = sim.get(kMaps + "?limit=2&continue=" + test::text_at(second, "/metadata/continue")).json();
  CHECK(names_of(third) == "e");
  CHECK(test::find(third, "/metadata/continue") == nullptr);
}

TEST_CASE("a token for a compacted version has expired, and comes with one that goes on without it") {
  DemoNamespace sim;
  for (const auto* name : {"a", "b", "c"}) sim.make_config_map(name);
  const auto token = test::text_at(sim.get(kMaps + "?limit=1").json(), "/metadata/continue");
  sim.make_config_map("d");
  sim.server.compact();
  const auto expired = sim.get(kMaps + "?limit=1&continue=" + token);
  CHECK(expired.status == 410);
  CHECK(test::text_at(expired.json(), "/reason") == "Expired");
  CHECK(message_of(expired).starts_with(
      "The provided continue parameter is too old to display a consistent list result."));
  const auto fresh = test::text_at(expired.json(), "/metadata/continue");
  CHECK(names_of(sim.get(kMaps + "?continue=" + fresh).json()) == "b c d");
}

TEST_CASE("at version 0 there are no pages, and no order") {
  DemoNamespace sim;
  for (const auto* name : {"a", "b", "c", "d", "e", "f"}) sim.make_config_map(name);
  const auto all = sim.get(kMaps + "?limit=1&resourceVersion=0").json();
  CHECK(names_of(all) != "a b c d e f");
  CHECK(names_of(all).size() == std::string("a b c d e f").size());
  CHECK(test::find(all, "/metadata/continue") == nullptr);
}

TEST_CASE("what a version means depends on the match and on the limit") {
  DemoNamespace sim;
  sim.make_config_map("a");
  const auto before = sim.server.resource_version();
  sim.make_config_map("b");
  const auto last = sim.server.resource_version();
  sim.make_namespace("other");
  struct Case {
    std::string query;
    unsigned status;
    std::string names;    // sorted
    std::string version;  // of the list
  };
  const std::string exact = "&resourceVersionMatch=Exact", newer = "&resourceVersionMatch=NotOlderThan";
  const auto now = sim.server.resource_version();
  const auto c = GENERATE_COPY(
      Case{"", 200, "ab", now}, Case{"?limit=9", 200, "ab", now}, Case{"?resourceVersion=0&limit=1", 200, "ab", last},
      Case{"?resourceVersion=0" + newer, 200, "ab", last}, Case{"?resourceVersion=" + before, 200, "ab", last},
      Case{"?resourceVersion=" + before + "&limit=9", 200, "a", before},
      Case{"?resourceVersion=" + before + newer, 200, "ab", last},
      Case{"?resourceVersion=" + before + newer + "&limit=9", 200, "ab", now},
      Case{"?resourceVersion=" + before + exact, 200, "a", before}, Case{"?resourceVersion=" + now, 504, "", ""},
      Case{"?resourceVersion=" + now + newer + "&limit=9", 200, "ab", now},
      Case{"?resourceVersion=99999" + newer + "&limit=9", 504, "", ""},
      Case{"?resourceVersion=99999&limit=9", 500, "", ""}, Case{"?resourceVersion=99999" + exact, 500, "", ""},
      Case{"?resourceVersion=0" + exact, 422, "", ""}, Case{"?resourceVersionMatch=Exact", 422, "", ""});
  INFO(c.query);
  const auto answer = sim.get(kMaps + c.query);
  REQUIRE(answer.status == c.status);
  if (answer.status != 200) return;
  const auto list = answer.json();
  std::string names;
  for (const auto& item : test::at(list, "/items").get_array()) names += test::text_at(item, "/metadata/name");
  std::ranges::sort(names);
  CHECK(names == c.names);
  CHECK(test::text_at(list, "/metadata/resourceVersion") == c.version);
}

TEST_CASE("a version that is yet to come is refused as too large") {
  DemoNamespace sim;
  sim.make_config_map("a");
  const auto last = sim.server.resource_version();
  sim.make_namespace("other");
  const auto target = GENERATE(as<std::string>(), "", "/a");
  const auto future = sim.get(kMaps + target + "?resourceVersion=99999");
  CHECK(future.status == 504);
  CHECK(future.header("Retry-After") == "1");
  CHECK(test::text_at(future.json(), "/reason") == "Timeout");
  CHECK(message_of(future) == "Timeout: Too large resource version: 99999, current: " + last);
  CHECK(test::at(future.json(), "/details") ==
        test::parse_json(R"({"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
                             "retryAfterSeconds": 1})"));
}

TEST_CASE("a list larger than a piece comes whole") {
  DemoNamespace sim;
  for (int i = 100; i < 200; ++i) {
    sim.make_config_map("m" + std::to_string(i), R"(, "annotations": {"a": ")" + std::string(2000, 'x') + "\"}");
  }
  const auto answer = sim.get(kMaps);
  CHECK(answer.complete);
  CHECK(answer.header("Transfer-Encoding") == "chunked");
  CHECK(test::at(answer.json(), "/items").get_array().size() == 100);
}

TEST_CASE("kubectl gets a table") {
  DemoNamespace sim;
  sim.make_config_map("a");
  auto request = Fixture::request("GET", kMaps);
  request.headers.emplace_back("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
  const auto table = test::exchange(sim.endpoint, request).json();
  CHECK(test::text_at(table, "/kind") == "Table");
  CHECK(test::text_at(table, "/columnDefinitions/0/name") == "Name");
  CHECK(test::text_at(table, "/rows/0/cells/0") == "a");
}

}  // namespace
}  // namespace quartermaster::apisim
