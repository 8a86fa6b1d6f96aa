// Headers that all answers have, or that all requests may have.
#include <set>

#include "test/contract/suite.hpp"

namespace quartermaster::test {

TEST_CASE("a proper X-Request-Id is taken, echoed, logged and in errors") {
  for (const std::string& id : {std::string("a"), std::string("A-Za-z.0_9"), std::string(128, 'x')}) {
    const HttpAnswer good = service().get("/livez", {{"X-Request-Id", id}});
    CHECK(good.header("X-Request-Id") == id);
    const HttpAnswer bad = service().get("/api/v1/pod/NOT-GOOD", {{"X-Request-Id", id}});
    CHECK(bad.header("X-Request-Id") == id);
    CHECK(text_at(bad.json(), "/requestId") == id);
  }
  const std::string id = unique_name("logged");
  service().get("/api/v1/pod/NOT-GOOD", {{"X-Request-Id", id}});
  CHECK(service().process().wait_for_line([&](std::string_view line) { return line.find(id) != line.npos; },
                                          std::chrono::seconds(10)));
}

TEST_CASE("another X-Request-Id is replaced by one that we make") {
  std::set<std::string> made;
  const std::vector<std::string> bad = {"", std::string(129, 'x'), "white space", "semi;colon", "caf\xc3\xa9", "a/b"};
  for (const std::string& id : bad) {
    INFO(id);
    const std::string answered = service().get("/livez", {{"X-Request-Id", id}}).header("X-Request-Id");
    CHECK(answered != id);
    CHECK_FALSE(answered.empty());
    made.insert(answered);
  }
  made.insert(service().get("/livez").header("X-Request-Id"));
  CHECK(made.size() == bad.size() + 1);
}

TEST_CASE("one connection serves several requests") {
  Connection connection = service().connect();
  REQUIRE(connection.send(to_bytes({.target = "/livez"}) + to_bytes({.target = "/version"}) +
                          to_bytes({.target = "/livez", .headers = {{"Connection", "close"}}})));
  const std::string all = connection.read_all();
  std::size_t answers = 0;
  for (std::size_t at = all.find("HTTP/1.1 200 OK"); at != std::string::npos;
       at = all.find("HTTP/1.1 200 OK", at + 1)) {
    ++answers;
  }
  CHECK(answers == 3);
}

TEST_CASE("bodies with secret values, and only they, are not to be stored") {
  const Namespace ns(cluster());
  ns.create("secrets", {{"metadata", {{"name", "s"}}}, {"data", {{"k", "YzRuNHJ5LXZhbHVldg=="}}}});
  const std::string base = "/api/v1/secret/" + ns.name();
  CHECK(service().get(base + "/name/s").header("Cache-Control") == "no-store");
  CHECK(service().get(base + "/name/s?decode=true").header("Cache-Control") == "no-store");
  CHECK(service().get(base + "?values=true").header("Cache-Control") == "no-store");
  CHECK(service().put(base, R"({"name": "s", "data": {"k": "YzRuNHJ5LXZhbHVldw=="}})").header("Cache-Control") ==
        "no-store");
  CHECK(service().post(base, R"({"name": "t", "data": {"k": "YzRuNHJ5LXZhbHVldw=="}})").header("Cache-Control") ==
        "no-store");
}

TEST_CASE("HEAD is answered as GET is, without the body") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", claim("c"));
  for (const std::string& target :
       {std::string("/livez"), std::string("/version"), "/api/v1/pvc/" + ns.name(),
        "/api/v1/pvc/" + ns.name() + "/name/c", "/api/v1/pvc/" + ns.name() + "/name/absent"}) {
    INFO(target);
    const HttpAnswer whole = service().get(target);
    const HttpAnswer head = service().call({.method = "HEAD", .target = target});
    CHECK(head.status == whole.status);
    CHECK(head.body.empty());
    CHECK(head.header("ETag") == whole.header("ETag"));
    if (whole.status == 200) CHECK(head.header("Content-Length") == std::to_string(whole.body.size()));
  }
}

}  // namespace quartermaster::test
