// Watches: what they begin with, what they show, how they end.
#include <algorithm>

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
  sim.make_namespace("other");
  const auto version = sim.server.resource_version();
  WatchReader watch(sim.open(kMaps + "?watch=1&allowWatchBookmarks=true&resourceVersion=" + version));
  // A change of this kind that this watch does not show.
  sim.server.create(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "other", "name": "x"}})");
  const auto now = sim.server.resource_version();
  const auto event = watch.next();
  CHECK(test::text_at(event, "/type") == "BOOKMARK");
  CHECK(test::text_at(event, "/object/kind") == "ConfigMap");
  CHECK(test::text_at(event, "/object/metadata/resourceVersion") == now);
}

TEST_CASE("changes of other kinds move bookmarks of a newer API server only") {
  const bool newer = GENERATE(false, true);
  DemoNamespace sim({.bookmark_interval = std::chrono::milliseconds(5), .watch_list = newer});
  const auto version = sim.server.resource_version();
  WatchReader watch(sim.open(kMaps + "?watch=1&allowWatchBookmarks=true&resourceVersion=" + version));
  sim.make_namespace("other");
  const auto other = sim.server.resource_version();
  sim.make_config_map("a");
  auto event = watch.next();
  while (newer && test::text_at(event, "/type") == "BOOKMARK") {
    CHECK(test::text_at(event, "/object/metadata/resourceVersion") == other);
    event = watch.next();
  }
  CHECK(test::text_at(event, "/type") == "ADDED");
}

TEST_CASE("no bookmarks where they are turned off") {
  DemoNamespace sim({.bookmark_interval = std::chrono::milliseconds(1)});
  sim.server.send_bookmarks(false);
  WatchReader watch(sim.open(kMaps + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=1"));
  sim.make_config_map("a");
  CHECK(watch.next_line() == "ADDED a");
  CHECK(watch.ends());
}

TEST_CASE("a streaming list is what is there and a bookmark that ends it") {
  DemoNamespace sim({.watch_list = true});
  sim.make_config_map("a");
  sim.make_config_map("b");
  const auto version = sim.server.resource_version();
  const std::string query =
      "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  const auto from = GENERATE_COPY(as<std::string>(), "", "&resourceVersion=0", "&resourceVersion=" + version);
  WatchReader watch(sim.open(kMaps + query + from));
  std::vector<std::string> lines = {watch.next_line(), watch.next_line()};
  std::ranges::sort(lines);
  CHECK(lines == std::vector<std::string>{"ADDED a", "ADDED b"});
  const auto end = watch.next();
  CHECK(test::text_at(end, "/type") == "BOOKMARK");
  CHECK(test::text_at(end, "/object/metadata/resourceVersion") == version);
  CHECK(test::at(end, "/object/metadata/annotations") == test::parse_json(R"({"k8s.io/initial-events-end": "true"})"));
  sim.make_config_map("c");
  CHECK(watch.next_line() == "ADDED c");
}

TEST_CASE("a streaming list of what is yet to come is refused") {
  DemoNamespace sim({.watch_list = true});
  const auto answer =
      sim.get(kMaps + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999");
  CHECK(answer.status == 504);
}

TEST_CASE("a watch with a match is refused where there are no streaming lists, or none is asked for") {
  struct Case {
    bool watch_list;
    std::string query;
    std::string message;
  };
  const std::string invalid = "ListOptions.meta.k8s.io \"\" is invalid: ", field = "resourceVersionMatch: Forbidden: ";
  const auto c =
      GENERATE_COPY(Case{false, "&resourceVersionMatch=NotOlderThan&resourceVersion=0&sendInitialEvents=true",
                         field + "resourceVersionMatch is forbidden for watch"},
                    Case{false, "&resourceVersionMatch=NotOlderThan&sendInitialEvents=true",
                         "[" + field + "resourceVersionMatch is forbidden for watch, " + field +
                             "resourceVersionMatch is forbidden unless resourceVersion is provided]"},
                    Case{true, "&resourceVersionMatch=NotOlderThan",
                         field + "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"},
                    Case{true, "&sendInitialEvents=true",
                         field + "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"},
                    Case{true, "&sendInitialEvents=true&resourceVersionMatch=Exact",
                         "resourceVersionMatch: Unsupported value: \"Exact\": supported values: \"NotOlderThan\""});
  const DemoNamespace sim({.watch_list = c.watch_list});
  const auto answer = sim.get(kMaps + "?watch=1&allowWatchBookmarks=true" + c.query);
  CHECK(answer.status == 422);
  CHECK(message_of(answer) == invalid + c.message);
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
