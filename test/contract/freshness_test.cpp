// How fresh an answer is: versions, entity tags, deadlines.
#include "test/contract/routes.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

/// One object of each cached kind, and the targets that show it.
struct Shown {
  Namespace ns{cluster()};
  std::string class_name = unique_name("class");
  std::vector<std::string> targets;

  Shown() {
    ns.create("pods", pod("p"));
    ns.create("persistentvolumeclaims", claim("c"));
    cluster().create("/apis/storage.k8s.io/v1/storageclasses", storage_class(class_name));
    targets = {"/api/v1/pod/" + ns.name(), "/api/v1/pod/" + ns.name() + "/name/p",
               "/api/v1/pvc/" + ns.name(), "/api/v1/pvc/" + ns.name() + "/name/c",
               "/api/v1/storageclass",     "/api/v1/storageclass/" + class_name,
               "/api/v1/tenant",           "/api/v1/tenant/" + ns.name()};
  }
  ~Shown() { cluster().raw("DELETE", "/apis/storage.k8s.io/v1/storageclasses/" + class_name); }
};

}  // namespace

TEST_CASE("answers of cached kinds say their version") {
  const Shown shown;
  for (const std::string& target : shown.targets) {
    INFO(target);
    const std::string version = service().get(target).header("X-Resource-Version");
    CHECK_FALSE(version.empty());
    CHECK(version.find_first_not_of("0123456789") == std::string::npos);
  }
}

TEST_CASE("an answer not older than a version that there is comes at once") {
  const Shown shown;
  const json::value latest = shown.ns.create("pods", pod("latest"));
  const std::string version = text_at(latest, "/metadata/resourceVersion");
  const HttpAnswer list = service().get("/api/v1/pod/" + shown.ns.name() + "?resourceVersion=" + version);
  CHECK(item_names(list) == std::vector<std::string>{"latest", "p"});
  CHECK(service().get("/api/v1/pod/" + shown.ns.name() + "/name/latest?resourceVersion=" + version).status == 200);
  for (const std::string& target : shown.targets) {
    INFO(target);
    const HttpAnswer answer = service().get(target + "?resourceVersion=" + version);
    CHECK(answer.status == 200);
    CHECK(std::stoull(answer.header("X-Resource-Version")) >= std::stoull(version));
  }
}

TEST_CASE("an answer not older than a version that is not there yet is 504 at the deadline") {
  const Shown shown;
  for (const std::string& target : shown.targets) {
    INFO(target);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(outcome(service().get(target + "?resourceVersion=999999999&timeout=1s")) == "504 Timeout");
    CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(900));
  }
}

TEST_CASE("cached answers carry an entity tag, and a match gets 304") {
  const Shown shown;
  for (const std::string& target : shown.targets) {
    INFO(target);
    // What a clock or a controller changes between two reads (a pod's age, another tenant) changes the tag, too: again.
    for (const std::string prefix : {"", "\"other\", "}) {
      std::string tag;
      HttpAnswer second;
      CHECK(poll_until([&] {
        tag = service().get(target).header("ETag");
        second = service().get(target, {{"If-None-Match", prefix + tag}});
        return second.status == 304;
      }));
      REQUIRE(tag.size() > 2);
      CHECK((tag.front() == '"' || tag.starts_with("W/\"")));
      CHECK(tag.back() == '"');
      CHECK(second.body.empty());
      CHECK(second.header("ETag") == tag);
    }
    CHECK(service().get(target, {{"If-None-Match", "*"}}).status == 304);
    CHECK(service().get(target, {{"If-None-Match", "\"other\""}}).status == 200);
  }
  const std::string list = "/api/v1/pvc/" + shown.ns.name();
  const std::string tag = service().get(list).header("ETag");
  shown.ns.create("persistentvolumeclaims", claim("another"));
  CHECK(service().get(list, {{"If-None-Match", tag}, {"Cache-Control", "no-cache"}}).status == 200);
}

TEST_CASE("Cache-Control: no-cache shows the latest state") {
  const Shown shown;
  const std::string list = "/api/v1/pvc/" + shown.ns.name();
  shown.ns.create("persistentvolumeclaims", claim("new"));
  CHECK(item_names(service().get(list, {{"Cache-Control", "no-cache"}})) == std::vector<std::string>{"c", "new"});
}

TEST_CASE("secrets are read at a version, too") {
  const Namespace ns(cluster());
  const json::value s = ns.create("secrets", {{"metadata", {{"name", "s"}}}});
  const std::string query = "?resourceVersion=" + text_at(s, "/metadata/resourceVersion");
  CHECK(item_names(service().get("/api/v1/secret/" + ns.name() + query)) == std::vector<std::string>{"s"});
  CHECK(service().get("/api/v1/secret/" + ns.name() + "/name/s" + query).status == 200);
  CHECK(outcome(service().get("/api/v1/secret/" + ns.name() + "/name/s?resourceVersion=999999999&timeout=1s")) ==
        "504 Timeout");
}

TEST_CASE("a deadline can be given in any unit") {
  const Namespace ns(cluster());
  for (const std::string timeout : {"1s", "5s", "60s", "1500ms", "1m"}) {
    INFO(timeout);
    CHECK(service().get("/api/v1/pvc/" + ns.name() + "?timeout=" + timeout).status == 200);
  }
}

TEST_CASE("a deadline can be given with every request") {
  const Shown shown;
  const std::string& ns = shown.ns.name();
  const std::string tenant = unique_name("tenant");
  const Namespace made(cluster(), tenant);
  shown.ns.create("secrets", {{"metadata", {{"name", "s"}}}});
  REQUIRE(service().post("/api/v1/tenant/" + tenant, "{}").status == 201);
  struct Row {
    std::string method;
    std::string target;
    std::string body;
  };
  std::vector<Row> rows = {
      {"GET", "/api/v1/pod/" + ns + "/name/p/events", ""},
      {"GET", "/api/v1/secret/" + ns, ""},
      {"GET", "/api/v1/secret/" + ns + "/name/s", ""},
      {"GET", "/api/v1/secret/" + ns + "/name/s/usage", ""},
      {"POST", "/api/v1/pod/" + ns + "/name/p/restart?force=true", ""},
      {"DELETE", "/api/v1/pvc/" + ns + "?labelselector=app", ""},
      {"DELETE", "/api/v1/pvc/" + ns + "/name/c", ""},
      {"POST", "/api/v1/secret/" + ns, R"({"name": "new"})"},
      {"PUT", "/api/v1/secret/" + ns, R"({"name": "s"})"},
      {"PATCH", "/api/v1/secret/" + ns + "/name/s", "{}"},
      {"DELETE", "/api/v1/secret/" + ns + "?name=s", ""},
      {"DELETE", "/api/v1/secret/" + ns + "/name/s", ""},
      {"POST", "/api/v1/tenant/" + unique_name("tenant"), "{}"},
      {"PUT", "/api/v1/tenant/" + tenant, "{}"},
      {"DELETE", "/api/v1/tenant/" + tenant, ""},
  };
  for (const std::string& target : shown.targets) rows.push_back({"GET", target, ""});
  for (const Row& row : rows) {
    std::string target = with_query(row.target, "timeout=20s");
    if (row.method != "GET") target += "&dryRun=true";
    INFO(row.method + " " + target);
    HttpRequest request{row.method, target, {}, row.body};
    if (!row.body.empty()) request.headers.emplace_back("Content-Type", body_type(row.method));
    CHECK(service().call(request).status / 100 == 2);
  }
}

}  // namespace quartermaster::test
