// Request bodies that are refused, and those at the limits that are not.
#include "test/contract/routes.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

struct BodyRoute {
  std::string method;
  std::string path;
};

// Whatever takes a body.
const std::vector<BodyRoute>& body_routes() {
  static const std::vector<BodyRoute> all = {
      {"POST", "/api/v1/secret/demo"},
      {"PUT", "/api/v1/secret/demo"},
      {"DELETE", "/api/v1/secret/demo"},
      {"POST", "/api/v1/tenant/body-tenant"},
      {"PUT", "/api/v1/tenant/body-tenant"},
      {"PATCH", "/api/v1/secret/demo/name/a"},
      {"POST", "/api/v1/tenant/body-tenant/fits"},
  };
  return all;
}

HttpAnswer send(const BodyRoute& route, const std::string& body, const std::string& type) {
  HttpRequest request{route.method, route.path, {}, body};
  if (!type.empty()) request.headers.emplace_back("Content-Type", type);
  return service().call(request);
}

HttpAnswer send(const BodyRoute& route, const std::string& body) { return send(route, body, body_type(route.method)); }

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("a body that is not valid JSON is 400, on every route that takes one") {
  const std::vector<std::string> bodies = {
      " ",
      "{",
      "nonsense",
      R"({"name": "a"}})",
      R"({"name": "a"} {})",
      R"({"name": "a",})",
      R"({'name': 'a'})",
      R"({"name": NaN})",
      R"({"name": "a" /* no comments */})",
      "\xEF\xBB\xBF{\"name\": \"a\"}",
      std::string("{\"name\": \"a\"}\0", 14),
      "{\"name\": \"\xff\xfe\"}",
      "{\"name\": \"\\ud800\"}",
      "{\"name\": \"a\nb\"}",
      "[]",
      "null",
      "\"name\"",
      "3",
  };
  check_stays_local([&] {
    for (const BodyRoute& route : body_routes()) {
      for (const std::string& body : bodies) {
        INFO(route.method + " " + route.path + " " + body);
        CHECK(outcome(send(route, body)) == "400 BadRequest");
      }
    }
  });
}

TEST_CASE("a duplicate key is 400 that names it") {
  check_stays_local([] {
    for (const BodyRoute& route : body_routes()) {
      const bool tenant = route.path.find("tenant") != std::string::npos;
      const HttpAnswer answer =
          send(route, tenant ? R"({"tenantLabels": {"a": "1", "a": "2"}})" : R"({"name": "a", "name": "b"})");
      INFO(route.method + " " + route.path);
      CHECK(outcome(answer) == "400 BadRequest");
      CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains(tenant ? "tenantLabels" : "name"));
    }
  });
}

TEST_CASE("an unknown field or a wrong type is 400 that names the place") {
  struct Row {
    BodyRoute route;
    std::string body;
    std::string place;
  };
  const BodyRoute create_secret{"POST", "/api/v1/secret/demo"};
  const BodyRoute update_secret{"PUT", "/api/v1/secret/demo"};
  const BodyRoute patch_secret{"PATCH", "/api/v1/secret/demo/name/a"};
  const BodyRoute delete_secret{"DELETE", "/api/v1/secret/demo"};
  const BodyRoute create_tenant{"POST", "/api/v1/tenant/body-tenant"};
  const BodyRoute update_tenant{"PUT", "/api/v1/tenant/body-tenant"};
  const std::vector<Row> rows = {
      {create_secret, R"({"name": "a", "dta": {}})", "dta"},
      {create_secret, R"({"name": 3})", "name"},
      {create_secret, R"({"name": null})", "name"},
      {create_secret, R"({"name": "a", "type": []})", "type"},
      {create_secret, R"({"name": "a", "data": []})", "data"},
      {create_secret, R"({"name": "a", "data": {"key": 1}})", "data.key"},
      {create_secret, R"({"name": "a", "stringData": {"key": {}}})", "stringData.key"},
      {create_secret, R"({"name": "a", "labels": {"key": true}})", "labels.key"},
      {create_secret, R"({"name": "a", "annotations": "x"})", "annotations"},
      {create_secret, R"({"name": "a", "immutable": "yes"})", "immutable"},
      {update_secret, R"({"name": "a", "Data": {}})", "Data"},
      {update_secret, R"({"name": "a", "resourceVersion": 3})", "resourceVersion"},
      {patch_secret, R"({"name": "a"})", "name"},
      {patch_secret, R"({"type": "Opaque"})", "type"},
      {patch_secret, R"({"immutable": true})", "immutable"},
      {patch_secret, R"({"metadata": {"finalizers": []}})", "metadata"},
      {patch_secret, R"({"data": null})", "data"},
      {patch_secret, R"({"data": {"key": 1}})", "data.key"},
      {patch_secret, R"({"stringData": {"key": {}}})", "stringData.key"},
      {patch_secret, R"({"labels": null})", "labels"},
      {patch_secret, R"({"annotations": {"key": []}})", "annotations.key"},
      {patch_secret, R"({"resourceVersion": 1})", "resourceVersion"},
      {delete_secret, R"({"name": "a", "force": true})", "force"},
      {delete_secret, R"({"name": ["a"]})", "name"},
      {create_tenant, R"({"tenantQuota": []})", "tenantQuota"},
      {create_tenant, R"({"tenantLabels": []})", "tenantLabels"},
      {create_tenant, R"({"tenantLabels": {"a": 1}})", "tenantLabels.a"},
      {create_tenant, R"({"tenantAnnotations": {"a": {}}})", "tenantAnnotations.a"},
      {create_tenant, R"({"tenantQuotas": {}})", "tenantQuotas"},
      {create_tenant, R"({"tenantQuotas": [{"quotaName": "a"}, 3]})", "tenantQuotas[1]"},
      {create_tenant, R"({"tenantQuotas": [{"quotaName": "a", "hrd": {}}]})", "tenantQuotas[0].hrd"},
      {create_tenant, R"({"tenantQuotas": [{"quotaName": 1}]})", "tenantQuotas[0].quotaName"},
      {create_tenant, R"({"tenantQuotas": [{"quotaName": "a"}, {"quotaName": "q", "hard": {"pods": 20}}]})",
       "tenantQuotas[1].hard.pods"},
      {create_tenant, R"({"tenantQuotas": [{"quotaName": "q", "hard": {"cpu": "4"}}]})", "tenantQuotas[0].hard.cpu"},
      {update_tenant, R"({"tenantQuotas": [{"quotaName": "q", "hard": []}]})", "tenantQuotas[0].hard"},
      {update_tenant, R"({"tenantLabels": {"a": 1}})", "tenantLabels.a"},
  };
  check_stays_local([&] {
    for (const Row& row : rows) {
      INFO(row.route.method + " " + row.route.path + " " + row.body);
      const HttpAnswer answer = send(row.route, row.body);
      CHECK(outcome(answer) == "400 BadRequest");
      CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains(row.place));
    }
  });
}

TEST_CASE("nesting deeper than 32 is 400, however deep") {
  check_stays_local([] {
    for (const BodyRoute& route : body_routes()) {
      for (const std::size_t depth : {33U, 100U, 100'000U}) {
        const std::string arrays = repeated("[", depth - 1) + repeated("]", depth - 1);
        CHECK(outcome(send(route, "{\"name\":" + arrays + "}")) == "400 BadRequest");
        CHECK(outcome(send(route, repeated("{\"name\":", depth))) == "400 BadRequest");
      }
    }
    const HttpAnswer answer = send(body_routes()[0], repeated("[", 33) + repeated("]", 33));
    CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains("32"));
  });
}

TEST_CASE("a body that is not of its route's media type is 415") {
  check_stays_local([] {
    for (const BodyRoute& route : body_routes()) {
      for (const std::string type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
                                     "application/json-patch+json", "json", "text/json"}) {
        INFO(route.method + " " + route.path + " " + type);
        CHECK(outcome(send(route, R"({"name": "a"})", type)) == "415 UnsupportedMediaType");
      }
      const HttpAnswer other = send(route, "{}", body_type(route.method == "PATCH" ? "PUT" : "PATCH"));
      CHECK(outcome(other) == "415 UnsupportedMediaType");
      CHECK(other.header("Accept-Patch") == (route.method == "PATCH" ? "application/merge-patch+json" : ""));
    }
  });
}

TEST_CASE("a write that takes no body takes none, or an empty object") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "p");
  ns.create("persistentvolumeclaims", claim("c", {{"metadata", {{"labels", {{"app", "a"}}}}}}));
  ns.create("secrets", {{"metadata", {{"name", "s"}}}});
  const std::vector<BodyRoute> bodiless = {
      {"POST", "/api/v1/pod/" + ns.name() + "/name/p/restart?dryRun=true&force=true"},
      {"DELETE", "/api/v1/pvc/" + ns.name() + "?labelselector=app%3Da&dryRun=true"},
      {"DELETE", "/api/v1/pvc/" + ns.name() + "/name/c?dryRun=true"},
      {"DELETE", "/api/v1/secret/" + ns.name() + "/name/s?dryRun=true"},
      {"DELETE", "/api/v1/tenant/some-tenant?dryRun=true&ignoreNotFound=true"},
  };
  for (const BodyRoute& route : bodiless) {
    INFO(route.method + " " + route.path);
    CHECK(send(route, "{}").status / 100 == 2);
    check_stays_local([&] {
      CHECK(outcome(send(route, R"({"name": "a"})")) == "400 BadRequest");
      CHECK(outcome(send(route, "{")) == "400 BadRequest");
      CHECK(outcome(send(route, "{}", "text/plain")) == "415 UnsupportedMediaType");
      CHECK(outcome(send(route, std::string((3 << 20) + 1, ' '))) == "413 RequestEntityTooLarge");
    });
  }
}

TEST_CASE("a write that needs a body is 411 without one") {
  check_stays_local([] {
    for (const std::string method : {"POST", "PUT", "PATCH"}) {
      INFO(method);
      const std::string target = method == "PATCH" ? "/api/v1/secret/demo/name/a" : "/api/v1/secret/demo";
      CHECK(outcome(service().call({method, target, {{"Content-Length", ""}}})) == "411 LengthRequired");
      CHECK(outcome(service().call({method, target, {{"Content-Length", "0"}}})) == "400 BadRequest");
    }
  });
}

TEST_CASE("parameters and letter case of the content type do not matter") {
  const Namespace ns(cluster());
  const BodyRoute create{"POST", "/api/v1/secret/" + ns.name() + "?dryRun=true"};
  for (const std::string type :
       {"application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"}) {
    INFO(type);
    CHECK(send(create, R"({"name": "a"})", type).status == 201);
  }
}

TEST_CASE("a body over 3 MiB is 413") {
  const std::size_t limit = 3 << 20;
  check_stays_local([&] {
    for (const BodyRoute& route : body_routes()) {
      INFO(route.method + " " + route.path);
      // Declared, not sent: the answer comes without the body.
      const HttpRequest declared{route.method,
                                 route.path,
                                 {{"Content-Type", body_type(route.method)},
                                  {"Content-Length", std::to_string(limit + 1)},
                                  {"Connection", "close"}},
                                 ""};
      CHECK(outcome(service().call(declared)) == "413 RequestEntityTooLarge");
    }
    std::string body = R"({"name": "a"})";
    body.resize(limit + 1, ' ');
    CHECK(outcome(service().post("/api/v1/secret/demo", body)) == "413 RequestEntityTooLarge");
    HttpRequest chunked{"POST", "/api/v1/secret/demo", {{"Content-Type", "application/json"}}, ""};
    chunked.headers.emplace_back("Transfer-Encoding", "chunked");
    for (std::size_t sent = 0; sent <= limit; sent += 1 << 16)
      chunked.body += "10000\r\n" + std::string(1 << 16, ' ') + "\r\n";
    chunked.body += "0\r\n\r\n";
    CHECK(outcome(service().call(chunked)) == "413 RequestEntityTooLarge");
  });
}

TEST_CASE("a body of just 3 MiB is taken") {
  const Namespace ns(cluster());
  std::string body = R"({"name": "a"})";
  body.resize(3 << 20, ' ');
  CHECK(service().post("/api/v1/secret/" + ns.name() + "?dryRun=true", body).status == 201);
}

TEST_CASE("requests that are not proper HTTP get a JSON error, too") {
  struct Row {
    const char* request;
    unsigned status;
  };
  const std::vector<Row> rows = {
      {"GET /livez HTTP/1.1\r\n\r\n", 400},
      {"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GARBAGE\r\n\r\n", 400},
      {"GET /livez HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"POST /api/v1/tenant/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST /api/v1/tenant/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST /api/v1/tenant/a HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400},
      {"POST /api/v1/tenant/a HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\nContent-Length: 2\r\n\r\n{}", 417},
  };
  for (const Row& row : rows) {
    INFO(row.request);
    Connection connection = service().connect();
    REQUIRE(connection.send(row.request));
    const HttpAnswer answer = AnswerReader(std::move(connection)).rest();
    CHECK(answer.status == row.status);
    CHECK(at(answer.json(), "/errCode") == json::value(row.status));
  }
  const std::string long_target = "/api/v1/pod/" + std::string(20'000, 'a');
  CHECK(exchange(service().endpoint(), {.target = long_target}).status == 414);
  const HttpRequest large_head{.target = "/livez", .headers = {{"X-Large", std::string(100'000, 'a')}}};
  CHECK(exchange(service().endpoint(), large_head).status == 431);
}

}  // namespace quartermaster::test
