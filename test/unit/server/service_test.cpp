// What the application decides before any route's own work: ids, paths, methods, parameters, bodies, deadlines.
#include "server/api/service.hpp"

#include <catch2/catch.hpp>

#include "test/unit/server/api_fixture.hpp"

namespace quartermaster::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Every error has one shape") {
  ApiFixture fixture;
  const auto [request, status, reason, message] = GENERATE(table<HttpRequest, unsigned, std::string, std::string>({
      {{"GET", "/nothing"}, 404, "NotFound", "there is nothing at this path; /openapi.json lists what there is"},
      {{"GET", "*"}, 400, "BadRequest", "request target: must start with '/'"},
      {{"GET", "/api/v1/pvc/demo/../x"},
       400,
       "BadRequest",
       "request target: empty, '.' and '..' path segments are not allowed"},
      {{"GET", "/api/v1/pvc/%00"}, 400, "BadRequest", "request target: NUL is not allowed"},
      {{"GET", "/api/v1/pvc/%zz"}, 400, "BadRequest", "request target: '%' is not followed by two hexadecimal digits"},
      {{"GET", "/api/v1/pvc/A"},
       400,
       "BadRequest",
       "path parameter namespace: must consist of lower case letters, digits and '-', and start and end with a letter "
       "or digit"},
      {{"PUT", "/livez"}, 405, "MethodNotAllowed", "this path does not take this method"},
      {{"GET", "/api/v1/pvc/demo?limit=x"}, 400, "BadRequest", "parameter limit: must be a whole number, 0 or more"},
      {{"GET", "/api/v1/pvc/demo?timeout=0s"},
       400,
       "BadRequest",
       "parameter timeout: must be more than 0 and at most 60s"},
      {{"GET", "/api/v1/pvc/demo?timeout=61s"},
       400,
       "BadRequest",
       "parameter timeout: must be more than 0 and at most 60s"},
      {{"DELETE", "/api/v1/pvc/demo?labelSelectors=a"}, 400, "BadRequest", "parameter labelSelectors: unknown here"},
      {{"POST", "/api/v1/tenant/demo", {{"Content-Type", "text/plain"}}, "{}"},
       415,
       "UnsupportedMediaType",
       "the body must be application/json"},
      {{"POST", "/api/v1/tenant/demo", {}, "{}"}, 415, "UnsupportedMediaType", "the body must be application/json"},
      {{"GET", "/api/v1/pvc/demo"}, 503, "ServiceUnavailable", ""},
  }));
  CAPTURE(request.target);
  const auto answer = fixture.ask(request);
  CHECK(answer.status == status);
  CHECK(answer.header("Content-Type") == "application/json");
  const auto body = answer.json().as_object();
  CHECK(body.size() == 4);
  CHECK(body.at("errCode") == status);
  CHECK(body.at("reason") == boost::json::string(reason));
  if (!message.empty()) CHECK(body.at("errMessage") == boost::json::string(message));
  CHECK(std::string(body.at("requestId").as_string()) == answer.header("X-Request-Id"));
  CHECK(answer.header("Retry-After").empty() == (status != 503));
}

TEST_CASE("The methods that a path takes are told") {
  ApiFixture fixture;
  const auto [method, target, allow] = GENERATE(table<std::string, std::string, std::string>({
      {"POST", "/livez", "GET, HEAD"},
      {"OPTIONS", "/livez", "GET, HEAD"},
      {"PATCH", "/api/v1/secret/demo", "GET, HEAD, POST, PUT, DELETE"},
      {"GET", "/api/v1/pod/demo/name/a/restart", "POST"},
      {"HEAD", "/api/v1/pod/demo/name/a/restart", "POST"},
  }));
  const auto answer = fixture.ask(method, target);
  CHECK(answer.status == 405);
  CHECK(answer.header("Allow") == allow);
  CHECK(find(answer.json(), "/details") == nullptr);
}

TEST_CASE("Request ids are echoed, or made") {
  ApiFixture fixture;
  const auto [given, taken] = GENERATE(table<std::string, bool>({
      {"abc.DEF_0-9", true},
      {std::string(128, 'a'), true},
      {std::string(129, 'a'), false},
      {"", false},
      {"a b", false},
      {"a/b", false},
      {"\u00e4", false},
  }));
  CAPTURE(given);
  const std::string target = GENERATE("/livez", "/nothing");
  const auto id = fixture.ask("GET", target, "", {{"X-Request-Id", given}}).header("X-Request-Id");
  if (taken) {
    CHECK(id == given);
  } else {
    CHECK_THAT(id, Catch::Matches("[0-9a-f]{16}"));
  }
}

TEST_CASE("Reads and writes differ") {
  ApiFixture fixture;
  const auto read = fixture.ask("GET", "/api/v1/pvc/demo");
  CHECK(read.cancel_if_abandoned);
  CHECK(read.body_limit == 64U << 10);
  CHECK(read.time_limit == 30s);
  const auto write = fixture.ask("POST", "/api/v1/tenant/demo?timeout=1500ms", "{}");
  CHECK_FALSE(write.cancel_if_abandoned);
  CHECK(write.body_limit == 3U << 20);
  CHECK(write.time_limit == 1500ms);
  // A read's body means nothing, whatever it is.
  CHECK(fixture.ask({"GET", "/livez", {{"Content-Type", "text/plain"}}, "x"}).status == 200);
  CHECK(fixture.ask("GET", "/livez?unknown=1").status == 200);
}

TEST_CASE("Content types of JSON") {
  ApiFixture fixture;
  const auto [type, good] = GENERATE(table<std::string, bool>({
      {"application/json", true},
      {"Application/JSON; charset=utf-8", true},
      {"application/json ;charset=utf-8", true},
      {"application/jsonx", false},
      {"application/merge-patch+json", false},
      {"text/json", false},
  }));
  CAPTURE(type);
  // Nothing is wrong with the rest, so that it goes on to the API server.
  CHECK(fixture.ask({"PUT", "/api/v1/tenant/demo", {{"Content-Type", type}}, "{}"}).status == (good ? 503 : 415));
}

TEST_CASE("A patch is a JSON merge patch, and the refusal of another type says so") {
  ApiFixture fixture;
  const std::string target = "/api/v1/secret/demo/name/a";
  const auto [type, good] = GENERATE(table<std::string, bool>({
      {"application/merge-patch+json", true},
      {"Application/Merge-Patch+JSON; charset=utf-8", true},
      {"application/json", false},
      {"application/json-patch+json", false},
      {"application/strategic-merge-patch+json", false},
  }));
  CAPTURE(type);
  const auto answer = fixture.ask({"PATCH", target, {{"Content-Type", type}}, "{}"});
  CHECK(answer.status == (good ? 503 : 415));
  CHECK(answer.header("Accept-Patch") == (good ? "" : "application/merge-patch+json"));
}

TEST_CASE("Bodies are JSON, within bounds, and only where they are taken") {
  ApiFixture fixture;
  const std::string deep = std::string(32, '[') + std::string(32, ']');
  const auto [method, target, body, status, message] =
      GENERATE_COPY(table<std::string, std::string, std::string, unsigned, std::string>({
          {"PUT", "/api/v1/tenant/demo", "{", 400, "byte "},
          {"PUT", "/api/v1/tenant/demo", R"({"tenantLabels": {}, "tenantLabels": {}})", 400, "duplicate key"},
          {"PUT", "/api/v1/tenant/demo", "[" + deep + "]", 400, "nest"},
          {"PUT", "/api/v1/tenant/demo", "\"\xff\"", 400, "byte "},
          {"PUT", "/api/v1/tenant/demo", std::string("{}\0", 3), 400, "byte "},
          {"PUT", "/api/v1/tenant/demo", "{} {}", 400, "byte "},
          {"PUT", "/api/v1/tenant/demo", " {} ", 503, ""},
          {"PUT", "/api/v1/tenant/demo", "", 503, ""},
          {"POST", "/api/v1/secret/demo", "", 411, "this needs a body"},
          {"DELETE", "/api/v1/tenant/demo", R"({"a": 1})", 400, "body: this takes none"},
          {"DELETE", "/api/v1/tenant/demo", "[]", 400, "body: this takes none"},
          {"DELETE", "/api/v1/tenant/demo", "{}", 503, ""},
          {"POST", "/api/v1/pod/demo/name/a/restart", "{}", 503, ""},
          {"DELETE", "/api/v1/secret/demo", "", 400, "name: must be given"},
          {"DELETE", "/api/v1/secret/demo", R"({"name": "A"})", 400, "name: must consist of"},
          {"DELETE", "/api/v1/secret/demo?name=a", R"({"name": "b"})", 400, "names another secret"},
          {"DELETE", "/api/v1/secret/demo?name=a", R"({"name": "a"})", 503, ""},
          {"DELETE", "/api/v1/pvc/demo", "", 400, "labelselector"},
          {"DELETE", "/api/v1/pvc/demo?labelselector=", "", 400, "labelselector"},
          {"DELETE", "/api/v1/pvc/demo?labelselector=%20", "", 400, "labelselector"},
      }));
  CAPTURE(target, body);
  const auto answer = fixture.ask(method, target, body);
  CHECK(answer.status == status);
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains(message));
}

TEST_CASE("Logs are asked for with sense") {
  ApiFixture fixture;
  const auto [query, message] = GENERATE(table<std::string, std::string>({
      {"tail=-1", "tail"},
      {"tail=x", "tail"},
      {"sinceSeconds=0", "sinceSeconds"},
      {"sinceTime=yesterday", "sinceTime"},
      {"limitBytes=0", "limitBytes"},
      {"follow=maybe", "follow"},
      {"sinceSeconds=1&sinceTime=2019-07-05T04:17:59Z", "sinceSeconds and sinceTime"},
  }));
  const auto answer = fixture.ask("GET", "/api/v1/pod/demo/name/a/logs?" + query);
  CHECK(answer.status == 400);
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains(message));
  CHECK(fixture.ask("GET", "/api/v1/pod/demo/name/a/logs?tail=0").status == 503);
}

TEST_CASE("Namespaces that are no tenants are left alone without asking") {
  ApiFixture fixture;
  fixture.settings.own_namespace = "mine";
  const std::string name = GENERATE("kube-system", "kube-anything", "default", "mine");
  const std::string method = GENERATE("POST", "PUT", "DELETE");
  const auto answer = fixture.ask(method, "/api/v1/tenant/" + name);
  CHECK(answer.status == 409);
  CHECK(text_at(answer.json(), "/reason") == "NotTenant");
}

TEST_CASE("The probes") {
  ApiFixture fixture;
  const std::string live = GENERATE("/liveniess", "/liveness", "/livez");
  const std::string ready = GENERATE("/readiness", "/readyz");
  CHECK(fixture.ask("GET", live).status == 200);
  CHECK(fixture.ask("GET", ready).status == 200);
  auto checks = fixture.ask("GET", ready + "?verbose");
  CHECK(checks.status == 200);
  CHECK(at(checks.json(), "/checks/0/ok") == true);

  fixture.draining = true;
  CHECK(fixture.ask("GET", live).status == 200);
  CHECK(fixture.ask("HEAD", live).status == 200);
  const auto refused = fixture.ask("GET", ready);
  CHECK(refused.status == 503);
  CHECK(text_at(refused.json(), "/errMessage") == "the service is shutting down");
  checks = fixture.ask("GET", ready + "?verbose=true");
  CHECK(checks.status == 503);
  CHECK(checks.header("Retry-After") == "1");
  CHECK(at(checks.json(), "/checks/0/ok") == false);
  CHECK(text_at(checks.json(), "/reason") == "ServiceUnavailable");
}

TEST_CASE("While the service is shutting down, its answers send callers elsewhere") {
  ApiFixture fixture;
  const std::string target = GENERATE("/livez", "/readyz", "/api/v1/pod/team-red", "/nothing");
  CHECK_FALSE(fixture.ask("GET", target).close);
  fixture.draining = true;
  CHECK(fixture.ask("GET", target).close);
}

TEST_CASE("The service tells about itself") {
  ApiFixture fixture;
  fixture.ask("GET", "/nothing");
  const auto stats = fixture.ask("GET", "/stats").json();
  CHECK(at(stats, "/total_count") == 1);
  CHECK(at(stats, "/total_status_code_count/404") == 1);
  CHECK(at(stats, "/caches").is_object());
  const auto metrics = fixture.ask("GET", "/metrics");
  CHECK(metrics.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK_THAT(metrics.body,
             Catch::Contains("quartermaster_http_requests_total{code=\"404\",method=\"GET\",route=\"\"} 1"));
  CHECK(text_at(fixture.ask("GET", "/version").json(), "/name") == "quartermaster");
  CHECK(text_at(fixture.ask("GET", "/openapi.json").json(), "/openapi") == "3.1.0");
}

TEST_CASE("What is no request is refused with the same shape") {
  ApiFixture fixture;
  const auto reply = fixture.service.refuse(Error{ErrorCode::request_timeout, "slow"}, nullptr);
  CHECK(reply.status == 408);
  const auto body = parse_json(reply.body);
  CHECK(text_at(body, "/reason") == "RequestTimeout");
  CHECK_THAT(text_at(body, "/requestId"), Catch::Matches("[0-9a-f]{16}"));
  CHECK(fixture.service.refuse(Error{ErrorCode::cancelled, ""}, nullptr).abort);
  fixture.service.finished(nullptr, {.status = 408, .complete = true});
  CHECK_THAT(fixture.metrics.text(), Catch::Contains("{code=\"408\",method=\"\",route=\"\"} 1"));
}

}  // namespace
}  // namespace quartermaster::test
