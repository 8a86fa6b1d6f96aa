// Watches: what they begin with, what they show, how they end.
#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

const std::string kMaps = "/api/v1/namespaces/demo/configmaps";

TEST_CASE("a watch without a version begins with what is there") {
  DemoNamespace sim;
  sim.make_config_map("a");
  WatchReader watch(sim.open(kMaps + "?watch=true"));
  CHECK(watch.next_line() == "ADDED a");
  sim.make_config_map("b");
  CHECK(watch.next_line() == "ADDED b");
  sim.merge(kMaps + "/a", R"({"data": {"k": "v"}})");
  CHECK(watch.next_line() == "MODIFIED a");
  sim.call("DELETE", kMaps + "/a");
  const auto deleted = watch.next();
  CHECK(test::text_at(deleted, "/type") == "DELETED");
  CHECK(test::text_at(deleted, "/object/metadata/resourceVersion") == sim.server.resource_version());
  CHECK(test::text_at(deleted, "/object/kind") == "ConfigMap");
}

TEST_CASE("a watch from a version shows what came after it, in its namespace") {
  DemoNamespace sim;
  sim.make_config_map("a");
  const auto version = sim.server.resource_version();
  sim.make_namespace("other");
  sim.server.create(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "other", "name": "x"}})");
  sim.make_config_map("b");
  WatchReader watch(sim.open(kMaps + "?watch=1&resourceVersion=" + version));
  CHECK(watch.next_line() == "ADDED b");
}

TEST_CASE("an object that comes to match is added, one that no longer does is deleted") {
  DemoNamespace sim;
  sim.make_config_map("a");
  WatchReader watch(sim.open(kMaps + "?watch=1&labelSelector=x"));
  sim.merge(kMaps + "/a", R"({"metadata": {"labels": {"x": "1"}}})");
  CHECK(watch.next_line() == "ADDED a");
  sim.merge(kMaps + "/a", R"({"metadata": {"labels": {"x": "2"}}})");
  CHECK(watch.next_line() == "MODIFIED a");
  sim.merge(kMaps + "/a", R"({"metadata": {"labels": {"x": null}}})");
  CHECK(watch.next_line() == "DELETED a");
}

TEST_CASE("a watch of a compacted version gets an Expired event and ends") {
  DemoNamespace sim;
  const auto version = sim.server.resource_version();
  sim.make_config_map("a");
  sim.server.compact();
  WatchReader watch(sim.open(kMaps + "?watch=1&resourceVersion=" + version));
  const auto event = watch.next();
  CHECK(test::text_at(event, "/type") == "ERROR");
  CHECK(test::at(event, "/object/code") == json::value(410));
  CHECK(test::text_at(event, "/object/reason") == "Expired");
  CHECK(test::text_at(event, "/object/message").starts_with("too old resource version: " + version + " ("));
  CHECK(watch.ends());
}

TEST_CASE("bookmarks come to those who ask, and carry the version") {
  DemoNamespace sim({.bookmark_interval = std::chrono::milliseconds(5)});
  const auto version = sim.server.resource_version();
  WatchReader watch(sim.open(kMaps + "?watch=1&allowWatchBookmarks=true&resourceVersion=" + version));
  const auto event = watch.next();
  CHECK(test::text_at(event, "/type") == "BOOKMARK");
  CHECK(test::text_at(event, "/object/kind") == "ConfigMap");
  CHECK(test::text_at(event, "/object/metadata/resourceVersion") == version);
}

TEST_CASE("a watch ends in good order after timeoutSeconds, and in none when it is dropped") {
  DemoNamespace sim;
  CHECK(WatchReader(sim.open(kMaps + "?watch=1&timeoutSeconds=1")).ends());
  WatchReader watch(sim.open(kMaps + "?watch=1"));
  REQUIRE(test::poll_until([&] { return sim.server.watches() == 1; }));
  sim.server.drop_watches();
  CHECK(watch.is_cut());
}

TEST_CASE("a client that goes away ends its watch") {
  DemoNamespace sim;
  {
    auto reader = sim.open(kMaps + "?watch=1");
    REQUIRE(test::poll_until([&] { return sim.server.watches() == 1; }));
  }
  CHECK(test::poll_until([&] { return sim.server.watches() == 0; }));
}

}  // namespace
}  // namespace quartermaster::apisim
