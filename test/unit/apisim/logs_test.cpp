// Pod logs: parameters, containers, follow, errors.
#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

Timestamp at(int second) {
  return std::chrono::sys_days(std::chrono::year(2020) / 1 / 1) + std::chrono::seconds(second);
}

struct LogFixture : DemoNamespace {
  LogFixture() {
    server.put(R"({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}})");
    put_pod("one", R"([{"name": "main", "image": "i"}])");
    put_pod("two", R"([{"name": "first", "image": "i"}, {"name": "second", "image": "i"}])");
    for (int i = 1; i <= 4; ++i) server.logs().append(id, {at(i), "line " + std::to_string(i) + "\n"});
  }
  void put_pod(const std::string& name, const std::string& containers) {
    server.put(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "demo", "name": ")" + name +
               R"("}, "spec": {"nodeName": "n", "containers": )" + containers +
               R"(}, "status": {"phase": "Running"}})");
  }
  test::HttpAnswer log(const std::string& pod, const std::string& query) const {
    return get("/api/v1/namespaces/demo/pods/" + pod + "/log" + query);
  }

  const ContainerId id{"demo", "one", "main"};
};

TEST_CASE("the parameters of a log") {
  LogFixture sim;
  const auto [query, text] = GENERATE(table<const char*, const char*>({
      {"", "line 1\nline 2\nline 3\nline 4\n"},
      {"?tailLines=2", "line 3\nline 4\n"},
      {"?tailLines=0", ""},
      {"?tailLines=9", "line 1\nline 2\nline 3\nline 4\n"},
      {"?container=main&tailLines=1&timestamps=true", "2020-01-01T00:00:04.000000000Z line 4\n"},
      {"?sinceTime=2020-01-01T00:00:03Z", "line 3\nline 4\n"},
      {"?sinceSeconds=3600", ""},
      {"?limitBytes=10", "line 1\nlin"},
      {"?limitBytes=10&tailLines=1", "line 4\n"},
  }));
  INFO(query);
  const auto answer = sim.log("one", query);
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/plain");
  CHECK(answer.body == text);
}

TEST_CASE("what was rotated away cannot be read any more") {
  LogFixture sim;
  sim.server.logs().rotate(sim.id);
  CHECK(sim.log("one", "").body.empty());
  sim.server.logs().append(sim.id, {at(5), "line 5\n"});
  CHECK(sim.log("one", "").body == "line 5\n");
  CHECK(sim.log("one", "?tailLines=3").body == "line 5\n");
}

TEST_CASE("numbered lines go on over restarts, three at a time") {
  LogFixture sim;
  const ContainerId id{"demo", "two", "first"};
  const std::string first = "?container=first&timestamps=true";
  sim.server.logs().append_numbered(id, 4);
  const auto all = sim.log("two", first).body;
  CHECK(all.starts_with("2024-01-01T00:00:00.000000000Z line 0 xx"));
  CHECK(all.find("\n2024-01-01T00:00:00.000000000Z line 2 xx") != std::string::npos);
  CHECK(all.find("\n2024-01-01T00:00:00.000100000Z line 3 xx") != std::string::npos);
  CHECK(sim.log("two", first + "&tailLines=1").body.starts_with("2024-01-01T00:00:00.000100000Z line 3 "));
  sim.server.logs().restart(id);
  sim.server.logs().append_numbered(id, 30'000);
  CHECK(sim.log("two", first + "&tailLines=1").body.find(" line 30003 ") != std::string::npos);
  CHECK(sim.log("two", first + "&sinceTime=2024-01-01T00:00:01Z")
            .body.starts_with("2024-01-01T00:00:01.000000000Z line 30000 "));
  CHECK(sim.log("two", first + "&previous=true").body == all);
  sim.server.logs().rotate(id);
  sim.server.logs().append_numbered(id, 1);
  CHECK(sim.log("two", first).body.find(" line 30004 ") != std::string::npos);
}

TEST_CASE("errors of a log are answers, in the API server's words") {
  LogFixture sim;
  struct Case {
    const char* pod;
    const char* query;
    unsigned status;
    const char* message;
  };
  const auto c = GENERATE(
      Case{"nope", "", 404, "pods \"nope\" not found"},
      Case{"two", "", 400, "a container name must be specified for pod two, choose one of: [first second]"},
      Case{"two", "?container=third", 400, "container third is not valid for pod two"},
      Case{"one", "?previous=true", 400, "previous terminated container \"main\" in pod \"one\" not found"},
      Case{"one", "?tailLines=-1", 422,
           "PodLogOptions \"one\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0"},
      Case{"one", "?tailLines=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax"},
      Case{"one", "?limitBytes=0", 422,
           "PodLogOptions \"one\" is invalid: limitBytes: Invalid value: 0: must be greater than 0"},
      Case{"one", "?sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z", 422,
           "PodLogOptions \"one\" is invalid: []: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be "
           "specified"});
  INFO(c.query);
  const auto answer = sim.log(c.pod, c.query);
  CHECK(answer.status == c.status);
  CHECK(message_of(answer) == c.message);
}

TEST_CASE("a restarted container has a previous log") {
  LogFixture sim;
  sim.server.logs().restart(sim.id);
  sim.server.logs().append(sim.id, {at(9), "again\n"});
  CHECK(sim.log("one", "").body == "again\n");
  CHECK(sim.log("one", "?previous=true&tailLines=1").body == "line 4\n");
}

TEST_CASE("a followed log shows what is written, until the container ends") {
  LogFixture sim;
  auto reader = sim.open("/api/v1/namespaces/demo/pods/one/log?follow=true&tailLines=1");
  CHECK(reader.more() == "line 4\n");
  sim.server.logs().append(sim.id, {at(5), "line 5\n"});
  CHECK(reader.more() == "line 5\n");
  sim.server.logs().finish(sim.id);
  CHECK(reader.more().empty());
  CHECK(reader.complete());
}

TEST_CASE("a followed log ends when its pod is deleted") {
  LogFixture sim;
  auto reader = sim.open("/api/v1/namespaces/demo/pods/one/log?follow=true");
  CHECK(reader.more().size() == 28);
  sim.call("DELETE", "/api/v1/namespaces/demo/pods/one?gracePeriodSeconds=0");
  CHECK(reader.more().empty());
  CHECK(reader.complete());
}

TEST_CASE("a large log is made while it is read") {
  LogFixture sim;
  const ContainerId id{"demo", "two", "first"};
  sim.server.logs().generate(id, std::uint64_t{1} << 30);
  auto reader = sim.open("/api/v1/namespaces/demo/pods/two/log?container=first");
  CHECK(reader.more().starts_with("line 0 xxx"));
  CHECK(sim.log("two", "?container=first&limitBytes=1000000").body.size() == 1'000'000);
  CHECK(sim.log("two", "?container=first&tailLines=1").body.starts_with("line 16777215 x"));
}

}  // namespace
}  // namespace quartermaster::apisim
