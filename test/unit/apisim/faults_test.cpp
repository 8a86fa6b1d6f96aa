// Injected faults, and the record of requests.
#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

TEST_CASE("a fault hits the requests that it is meant for, as often as it is told") {
  DemoNamespace sim;
  sim.server.inject({.method = "GET",
                     .target = "/secrets",
                     .skip = 1,
                     .count = 2,
                     .action = Fault::Action::answer,
                     .status = 429,
                     .reason = "TooManyRequests",
                     .message = "later",
                     .retry_after = 7});
  const auto status = [&](const char* method, const char* target) { return sim.call(method, target).status; };
  CHECK(status("GET", "/api/v1/pods") == 200);
  CHECK(status("DELETE", "/api/v1/namespaces/demo/secrets") == 200);
  CHECK(status("GET", "/api/v1/secrets") == 200);
  const auto hit = sim.get("/api/v1/secrets");
  CHECK(hit.status == 429);
  CHECK(hit.header("Retry-After") == "7");
  CHECK(message_of(hit) == "later");
  CHECK(status("GET", "/api/v1/secrets") == 429);
  CHECK(status("GET", "/api/v1/secrets") == 200);
}

TEST_CASE("faults spoil an answer") {
  DemoNamespace sim;
  SECTION("a cut body") {
    sim.server.inject({.cut_after = 10});
    auto reader = sim.open("/api/v1/namespaces");
    CHECK(reader.more().size() == 10);
    CHECK(reader.more().empty());
    CHECK_FALSE(reader.complete());
  }
  SECTION("garbage") {
    sim.server.inject({.body = "<html>", .content_type = "text/html"});
    const auto answer = sim.get("/api/v1/namespaces");
    CHECK(answer.body == "<html>");
    CHECK(answer.header("Content-Type") == "text/html");
  }
  SECTION("no answer at all") {
    sim.server.inject({.action = Fault::Action::abort});
    CHECK_THROWS(sim.get("/api/v1/namespaces"));
    CHECK(sim.get("/api/v1/namespaces").status == 200);
  }
  SECTION("a cut watch") {
    sim.make_config_map("a");
    sim.server.inject({.target = "watch", .cut_after = 25});
    WatchReader watch(sim.open("/api/v1/configmaps?watch=1"));
    CHECK_THROWS(watch.next());
    CHECK(watch.is_cut());
  }
  SECTION("cleared in time") {
    sim.server.inject({.count = Fault::kAlways, .action = Fault::Action::abort});
    sim.server.clear_faults();
    CHECK(sim.get("/api/v1/namespaces").status == 200);
  }
}

TEST_CASE("an answer can come in small pieces, and stop coming") {
  DemoNamespace sim;
  sim.make_config_map("a");
  SECTION("pieces") {
    sim.server.inject({.piece = 7, .piece_delay = std::chrono::milliseconds(1)});
    CHECK(sim.get("/api/v1/configmaps").json() == sim.get("/api/v1/configmaps").json());
  }
  SECTION("silence") {
    sim.server.inject({.hang_after = 20});
    auto reader = sim.open("/api/v1/configmaps");
    CHECK(reader.more().size() == 20);
    CHECK_THROWS_WITH(reader.more(std::chrono::milliseconds(100)), Catch::Contains("no more of the answer"));
  }
}

TEST_CASE("a page can find that its version has just been compacted") {
  DemoNamespace sim;
  for (const auto* name : {"a", "b", "c"}) sim.make_config_map(name);
  sim.server.inject({.target = "continue=", .compact = true});
  const auto first = sim.get("/api/v1/configmaps?limit=1").json();
  sim.make_config_map("d");
  const auto second = sim.get("/api/v1/configmaps?limit=1&continue=" + test::text_at(first, "/metadata/continue"));
  CHECK(second.status == 410);
  CHECK_FALSE(test::text_at(second.json(), "/metadata/continue").empty());
}

TEST_CASE("open watches are disturbed between two events") {
  DemoNamespace sim;
  WatchReader watch(sim.open("/api/v1/configmaps?watch=1"));
  WatchReader other(sim.open("/api/v1/secrets?watch=1"));
  REQUIRE(test::poll_until([&] { return sim.server.watches() == 2; }));
  sim.make_config_map("a");
  const auto disturb = [&](std::string_view bytes, Afterwards afterwards) {
    CHECK(sim.server.disturb_watches(bytes, afterwards, "/configmaps$") == 1);
    sim.make_config_map("b");
    CHECK(watch.next_line() == "ADDED a");
  };
  SECTION("and go on") {
    disturb("{\"type\": \"STRANGE\", \"object\": {\"metadata\": {\"name\": \"x\"}}}\n", Afterwards::go_on);
    CHECK(watch.next_line() == "STRANGE x");
    CHECK(watch.next_line() == "ADDED b");
  }
  SECTION("end in good order") {
    disturb("", Afterwards::end);
    CHECK(watch.ends());
  }
  SECTION("are cut in the middle of an event") {
    disturb("{\"type\": \"MODI", Afterwards::cut);
    CHECK_THROWS_WITH(watch.next(), Catch::Contains("ended"));
    CHECK(watch.is_cut());
  }
  SECTION("say nothing more") {
    disturb("", Afterwards::hang);
    CHECK_THROWS_WITH(watch.next(std::chrono::milliseconds(100)), Catch::Contains("no more of the answer"));
    sim.server.create(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "demo", "name": "s"}})");
    CHECK(other.next_line() == "ADDED s");
    sim.server.drop_watches();
    CHECK(watch.is_cut());
    CHECK(other.is_cut());
  }
}

TEST_CASE("requests are recorded") {
  DemoNamespace sim;
  sim.get("/api/v1/namespaces/nope?x=1");
  const auto answered = [&] { return sim.server.requests().at(0).status != 0; };
  REQUIRE(test::poll_until(answered));
  const auto requests = sim.server.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "GET");
  CHECK(requests[0].target == "/api/v1/namespaces/nope?x=1");
  CHECK(requests[0].user == "admin");
  CHECK(requests[0].status == 404);
  sim.server.clear_requests();
  CHECK(sim.server.requests().empty());
}

}  // namespace
}  // namespace quartermaster::apisim
