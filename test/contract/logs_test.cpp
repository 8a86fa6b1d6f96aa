// A pod's log.
#include "test/contract/logging_pod.hpp"

namespace quartermaster::test {

TEST_CASE("a log is plain text, byte for byte, in chunks") {
  const LoggingPod p;
  p.write("one");
  p.write("two \xff\xfe caf\xc3\xa9");
  const HttpAnswer answer = p.read();
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
  CHECK(answer.header("Transfer-Encoding") == "chunked");
  CHECK(answer.body == "one\ntwo \xff\xfe caf\xc3\xa9\n");
  CHECK(service().get(p.target(), {{"Accept", "text/plain"}}).body == answer.body);
  CHECK(service().get(p.target(), {{"Accept", "*/*"}}).body == answer.body);
  CHECK(service().get(p.target(), {{"Accept", "application/json;q=0.5, text/plain"}}).body == answer.body);
  CHECK(service().get(p.target(), {{"Accept", "application/x-ndjson;q=0.5, */*"}}).body == answer.body);
}

TEST_CASE("an empty log is an empty answer") {
  const LoggingPod p;
  const HttpAnswer answer = p.read();
  CHECK(answer.status == 200);
  CHECK(answer.body.empty());
  CHECK(service().get(p.target(), {{"Accept", "application/json"}}).body == "\"\"");
}

TEST_CASE("a log as JSON is one string") {
  const LoggingPod p;
  p.write("say \"hi\"\t\\ caf\xc3\xa9 \x01");
  p.write("bad \xff byte");
  const HttpAnswer answer = service().get(p.target(), {{"Accept", "application/json"}});
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type").starts_with("application/json"));
  CHECK(answer.json() == json::value("say \"hi\"\t\\ caf\xc3\xa9 \x01\nbad \xef\xbf\xbd byte\n"));
  CHECK(service().get(p.target(), {{"Accept", "text/plain;q=0.5, application/json"}}).body == answer.body);
}

TEST_CASE("a log as JSON over 10 MiB is 413 that says what to do") {
  const LoggingPod p;
  const std::string line(1 << 16, 'x');
  for (int i = 0; i < 170; ++i) p.write(line);
  const HttpAnswer answer = service().get(p.target(), {{"Accept", "application/json"}});
  CHECK(outcome(answer) == "413 RequestEntityTooLarge");
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains("tail") && Catch::Contains("limitBytes"));
  CHECK(service().get(p.target("tail=100"), {{"Accept", "application/json"}}).status == 200);
  CHECK(p.read().body.size() == 170 * (line.size() + 1));
}

TEST_CASE("tail gives the last lines, and 0 is no line") {
  const LoggingPod p;
  for (const char* line : {"one", "two", "three"}) p.write(line);
  CHECK(p.read("tail=2").body == "two\nthree\n");
  CHECK(p.read("tail=0").body.empty());
  CHECK(p.read("tail=0").status == 200);
  CHECK(p.read("tail=100").body == "one\ntwo\nthree\n");
}

TEST_CASE("limitBytes cuts a log") {
  const LoggingPod p;
  p.write("0123456789");
  CHECK(p.read("limitBytes=4").body == "0123");
  CHECK(p.read("limitBytes=1000").body == "0123456789\n");
}

TEST_CASE("timestamps and since") {
  const LoggingPod p;
  const auto at_time = [](const char* text) { return parse_timestamp(text).value(); };
  cluster().logs().append(p.id(), {at_time("2024-01-01T00:00:00.5Z"), "old\n"});
  cluster().logs().append(p.id(), {at_time("2024-01-02T00:00:00.123456789Z"), "newer\n"});
  CHECK(p.read("timestamps=true").body.starts_with("2024-01-01T00:00:00.5"));
  CHECK_THAT(p.read("timestamps=true").body, Catch::Contains("2024-01-02T00:00:00.123456789Z newer\n"));
  CHECK(p.read("timestamps=false").body == "old\nnewer\n");
  CHECK(p.read("sinceTime=2024-01-01T12:00:00Z").body == "newer\n");
  CHECK(p.read("sinceSeconds=60").body.empty());
  p.write("now");
  CHECK(p.read("sinceSeconds=3600").body == "now\n");
  CHECK(outcome(p.read("sinceSeconds=60&sinceTime=2024-01-01T12:00:00Z")) == "400 BadRequest");
}

TEST_CASE("previous is the log of the instance before") {
  const LoggingPod p;
  p.write("before");
  cluster().logs().restart(p.id());
  p.write("after");
  json::object status = running_container("main");
  status["restartCount"] = 1;
  status["lastState"] = parse_json(R"({"terminated": {"exitCode": 1, "containerID": "containerd://0"}})");
  set_status(cluster(), p.ns().path("pods", "p"), {{"containerStatuses", json::array{status}}});
  CHECK(p.read("previous=true").body == "before\n");
  CHECK(p.read().body == "after\n");
}

TEST_CASE("the previous log of a container that was never restarted is an error") {
  const LoggingPod p;
  p.write("first");
  CHECK(outcome(p.read("previous=true")) == "400 BadRequest");
}

TEST_CASE("without a container the default one is read, and X-Container says which") {
  SECTION("the first") {
    const LoggingPod p({"first", "second"});
    p.write("from the first", "first");
    p.write("from the second", "second");
    CHECK(p.read().body == "from the first\n");
    CHECK(p.read().header("X-Container") == "first");
    CHECK(p.read("container=second").body == "from the second\n");
    CHECK(p.read("container=second").header("X-Container") == "second");
  }
  SECTION("the annotated") {
    const LoggingPod p({"first", "second"},
                       {{"metadata", {{"annotations", {{"kubectl.kubernetes.io/default-container", "second"}}}}}});
    p.write("from the second", "second");
    CHECK(p.read().body == "from the second\n");
    CHECK(p.read().header("X-Container") == "second");
  }
  SECTION("the only one") {
    const LoggingPod p;
    CHECK(p.read().header("X-Container") == "main");
  }
}

TEST_CASE("init containers have logs") {
  const LoggingPod p({"main"},
                     parse_json(R"({"spec": {"initContainers": [{"name": "init", "image": "i"}]}})").as_object());
  json::object status = running_container("init");
  status["state"] =
      parse_json(R"({"terminated": {"exitCode": 0, "reason": "Completed", "containerID": "containerd://1"}})");
  set_status(cluster(), p.ns().path("pods", "p"), {{"initContainerStatuses", json::array{status}}});
  p.write("prepared", "init");
  CHECK(p.read("container=init").body == "prepared\n");
  CHECK(p.read("container=init").header("X-Container") == "init");
}

TEST_CASE("an unknown container is 400 that names those there are") {
  const LoggingPod p({"first", "second"},
                     parse_json(R"({"spec": {"initContainers": [{"name": "init", "image": "i"}]}})").as_object());
  const HttpAnswer answer = p.read("container=third");
  CHECK(outcome(answer) == "400 BadRequest");
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains("third") && Catch::Contains("first") &&
                                                        Catch::Contains("second") && Catch::Contains("init"));
}

TEST_CASE("a log that cannot be had yet is an error answer") {
  const Namespace ns(cluster());
  // Bound to the node, but its container waits for its image.
  ns.create("pods", pod("p", {"main"}, {{"spec", {{"nodeName", cluster().node()}}}}));
  set_status(cluster(), ns.path("pods", "p"),
             parse_json(R"({"phase": "Pending", "containerStatuses": [
      {"name": "main", "image": "i", "imageID": "", "ready": false, "restartCount": 0, "lastState": {},
       "state": {"waiting": {"reason": "ContainerCreating"}}}]})")
                 .as_object());
  for (const std::string accept : {"*/*", "application/json"}) {
    const HttpAnswer answer = service().get("/api/v1/pod/" + ns.name() + "/name/p/logs", {{"Accept", accept}});
    CHECK(answer.status == 400);
    CHECK(answer.header("Content-Type").starts_with("application/json"));
  }
}

TEST_CASE("follow streams what is written, as it is written, to the end") {
  const LoggingPod p;
  p.write("before");
  AnswerReader reader = service().open({.target = p.target("follow=true")});
  CHECK(read_until(reader, "before\n") == "before\n");
  p.write("meanwhile");
  CHECK(read_until(reader, "meanwhile\n") == "meanwhile\n");
  p.finish();
  CHECK(reader.more().empty());
  CHECK(reader.complete());
}

TEST_CASE("follow with tail 0 gives only what is new") {
  const LoggingPod p;
  p.write("before");
  AnswerReader reader = service().open({.target = p.target("follow=true&tail=0")});
  REQUIRE(poll_until([] { return cluster().logs().readers() > 0; }));
  p.write("after");
  CHECK(read_until(reader, "after\n") == "after\n");
}

TEST_CASE("a caller who hangs up ends the request to the API server at once") {
  const LoggingPod p;
  p.write("before");
  REQUIRE(poll_until([] { return cluster().logs().readers() == 0; }));
  {
    AnswerReader reader = service().open({.target = p.target("follow=true")});
    CHECK(read_until(reader, "before\n") == "before\n");
    CHECK(cluster().logs().readers() == 1);
  }
  // Nothing more is written, so nothing but the hang-up can be the reason.
  CHECK(poll_until([] { return cluster().logs().readers() == 0; }));
  {
    AnswerReader reader = service().open({.target = p.target("follow=true")});
    CHECK(read_until(reader, "before\n") == "before\n");
    reader.connection().reset();
  }
  CHECK(poll_until([] { return cluster().logs().readers() == 0; }));
}

TEST_CASE("a deadline is for the beginning of a follow, and does not end it") {
  const LoggingPod p;
  p.write("before");
  AnswerReader reader = service().open({.target = p.target("follow=true&timeout=1s")});
  CHECK(read_until(reader, "before\n") == "before\n");
  const auto uptime = [] { return at(service().get("/stats").json(), "/uptime_sec").to_number<double>(); };
  const double begin = uptime();
  REQUIRE(poll_until([&] { return uptime() > begin + 1.5; }));
  p.write("after");
  CHECK(read_until(reader, "after\n") == "after\n");
}

TEST_CASE("a follow as JSON is 400") {
  const LoggingPod p;
  CHECK(outcome(service().get(p.target("follow=true"), {{"Accept", "application/json"}})) == "400 BadRequest");
}

}  // namespace quartermaster::test
