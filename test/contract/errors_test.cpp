// Requests that are refused: paths, names, methods, parameters. None of them may reach the API server.
#include <set>

#include "test/contract/routes.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

HttpAnswer send(const Route& route, const std::string& target) {
  HttpRequest request{route.method, target, {}, route.body};
  if (!route.body.empty()) request.headers.emplace_back("Content-Type", body_type(route.method));
  return service().call(request);
}

std::string message(const HttpAnswer& answer) { return text_at(answer.json(), "/errMessage"); }

}  // namespace

TEST_CASE("an unknown path is 404 NotFound") {
  check_stays_local([] {
    for (const std::string path :
         {"/", "/api", "/api/v1", "/api/v1/pods/a", "/api/v1/pod", "/api/v1/pod/a/name", "/api/v1/pod/a/b",
          "/api/v1/pod/a/name/b/exec", "/api/v1/pod/a/name/b/logs/c", "/api/v1/pvc", "/api/v1/secret",
          "/api/v1/storageclass/a/b", "/api/v1/tenant/a/b", "/API/v1/tenant", "/metrics/a", "/api/v2/tenant"}) {
      INFO(path);
      CHECK(outcome(service().get(path)) == "404 NotFound");
      CHECK(outcome(service().del(path)) == "404 NotFound");
    }
  });
}

TEST_CASE("another method on a known path is 405 MethodNotAllowed with Allow") {
  // The client compares Allow with the API description at each of these.
  std::set<std::string> paths;
  for (const Route& route : routes()) paths.insert(route.at("some-namespace", "some-name"));
  for (const std::string path : {"/livez", "/liveness", "/liveniess", "/readyz", "/readiness", "/stats", "/metrics",
                                 "/version", "/openapi.json", "/docs", "/docs/rapidoc.js"}) {
    paths.insert(path);
  }
  check_stays_local([&] {
    for (const std::string& target : paths) {
      const std::string path = target.substr(0, target.find('?'));
      std::set<std::string> known;
      for (const Route& route : routes()) {
        const std::string other = route.at("some-namespace", "some-name");
        if (other.substr(0, other.find('?')) == path) known.insert(route.method);
      }
      if (known.empty()) known.insert("GET");
      for (const std::string method : {"GET", "POST", "PUT", "DELETE", "PATCH"}) {
        if (known.contains(method)) continue;
        INFO(method + " " + path);
        const HttpAnswer answer = service().call({.method = method, .target = path});
        CHECK(outcome(answer) == "405 MethodNotAllowed");
        CHECK(answer.has_header("Allow"));
      }
    }
  });
}

TEST_CASE("a namespace that is no DNS-1123 label is 400, on every route") {
  check_stays_local([] {
    for (const Route& route : routes()) {
      if (!route.has_namespace()) continue;
      for (const std::string& bad : {std::string("Upper"), std::string("under_score"), std::string("dotted.name"),
                                     std::string("-begin"), std::string("end-"), std::string(64, 'a'),
                                     std::string("a%2Fb"), std::string("caf%C3%A9"), std::string("%20a")}) {
        INFO(route.method + " " + route.path + " with " + bad);
        CHECK(outcome(send(route, route.at(bad, "name"))) == "400 BadRequest");
      }
    }
  });
}

TEST_CASE("a name that is no DNS-1123 subdomain is 400, on every route") {
  check_stays_local([] {
    for (const Route& route : routes()) {
      if (!route.has_name()) continue;
      for (const std::string& bad : {std::string("Upper"), std::string("under_score"), std::string("-begin"),
                                     std::string("end-"), std::string("a..b"), std::string(".a"), std::string(254, 'a'),
                                     std::string("a%2Fb"), std::string("a%3Fb")}) {
        INFO(route.method + " " + route.path + " with " + bad);
        CHECK(outcome(send(route, route.at("demo", bad))) == "400 BadRequest");
      }
    }
  });
}

TEST_CASE("the longest names are allowed") {
  const std::string ns(63, 'a');
  std::string name;
  while (name.size() < 252) name += "a.";
  name += "a";
  CHECK(outcome(service().get("/api/v1/pvc/" + ns + "/name/" + name)) == "404 NotFound");
}

TEST_CASE("a target that is no proper path is 400") {
  check_stays_local([] {
    for (const std::string path : {"/livez", "/liveness", "/liveniess", "/readyz", "/readiness", "/stats", "/metrics",
                                   "/version", "/openapi.json", "/docs", "/docs/rapidoc.js"}) {
      INFO(path);
      CHECK(outcome(service().get(path + "?a=%zz")) == "400 BadRequest");
    }
    for (const std::string target :
         {"/api/v1/pod/a/../b", "/api/v1/pod/%2e%2e", "/api/v1/pod//name/b", "/api/v1/pod/a%00", "/api/v1/pod/a%zz",
          "/api/v1/pod/a%", "/api/v1/pod/%ff", "/api/v1/pod/a#b", "/api/v1/pod/a?labelselector=%zz"}) {
      INFO(target);
      CHECK(outcome(service().get(target)) == "400 BadRequest");
    }
  });
}

TEST_CASE("an unknown query parameter on a write is 400 that names it") {
  check_stays_local([] {
    for (const Route& route : routes()) {
      if (!route.is_write()) continue;
      for (const std::string parameter : {"labelselecter=app%3Da", "DryRun=true", "limit=1", "watch=true"}) {
        INFO(route.method + " " + route.path + " with " + parameter);
        const HttpAnswer answer = send(route, with_query(route.at("demo", "name"), parameter));
        CHECK(outcome(answer) == "400 BadRequest");
        CHECK_THAT(message(answer), Catch::Contains(parameter.substr(0, parameter.find('='))));
      }
    }
  });
}

TEST_CASE("an unknown query parameter on a read is ignored") {
  const Namespace ns(cluster());
  for (const Route& route : routes()) {
    if (route.is_write()) continue;
    const std::string target = route.at(ns.name(), "name");
    INFO(target);
    const HttpAnswer plain = send(route, target);
    CHECK(send(route, with_query(target, "colour=blue&_=1")).status == plain.status);
  }
}

TEST_CASE("a bad value of a parameter is 400 that names the parameter") {
  struct Row {
    const char* method;
    const char* path;
    const char* parameter;
    const char* bad;
  };
  const std::vector<Row> rows = {
      {"GET", "/api/v1/pod/demo", "labelselector", "a%3D%3D%3Db"},
      {"GET", "/api/v1/pod/demo", "labelselector", "a+in+("},
      {"GET", "/api/v1/pod/demo", "labelSelector", "-bad-"},
      {"GET", "/api/v1/pod/demo", "limit", "-1"},
      {"GET", "/api/v1/pod/demo", "limit", "ten"},
      {"GET", "/api/v1/pod/demo", "limit", "99999999999999999999"},
      {"GET", "/api/v1/pod/demo", "resourceVersion", "latest"},
      {"GET", "/api/v1/pod/demo", "timeout", "soon"},
      {"GET", "/api/v1/pod/demo", "timeout", "0s"},
      {"GET", "/api/v1/pod/demo", "timeout", "-5s"},
      {"GET", "/api/v1/pod/demo", "timeout", "61s"},
      {"GET", "/api/v1/pvc/demo", "labelselector", "a+b"},
      {"GET", "/api/v1/pvc/demo", "limit", "1.5"},
      {"GET", "/api/v1/secret/demo", "labelselector", "!!a"},
      {"GET", "/api/v1/secret/demo", "values", "maybe"},
      {"GET", "/api/v1/secret/demo/name/a", "decode", "maybe"},
      {"GET", "/api/v1/storageclass", "labelselector", "a+notin+b"},
      {"GET", "/api/v1/storageclass", "limit", "x"},
      {"GET", "/api/v1/tenant", "labelselector", "a%3Db%3Dc"},
      {"GET", "/api/v1/tenant", "multiTenant", "maybe"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "tail", "-1"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "tail", "all"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "sinceSeconds", "0"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "sinceSeconds", "1h"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "sinceTime", "yesterday"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "limitBytes", "0"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "limitBytes", "1Mi"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "follow", "perhaps"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "previous", "perhaps"},
      {"GET", "/api/v1/pod/demo/name/a/logs", "timestamps", "perhaps"},
      {"POST", "/api/v1/pod/demo/name/a/restart", "force", "perhaps"},
      {"POST", "/api/v1/pod/demo/name/a/restart", "dryRun", "perhaps"},
      {"DELETE", "/api/v1/pvc/demo?name=a", "name", "a"},
      {"DELETE", "/api/v1/pvc/demo", "labelselector", "a+in+b"},
      {"DELETE", "/api/v1/pvc/demo/name/a", "force", "2"},
      {"DELETE", "/api/v1/pvc/demo/name/a", "ignoreNotFound", "perhaps"},
      {"DELETE", "/api/v1/pvc/demo/name/a", "timeout", "1y"},
      {"GET", "/api/v1/pvc/demo/name/a/usage", "timeout", "1y"},
      {"DELETE", "/api/v1/secret/demo", "name", "Not_A_Name"},
      {"DELETE", "/api/v1/secret/demo/name/a", "dryRun", "All"},
      {"DELETE", "/api/v1/tenant/demo-tenant", "dryRun", "perhaps"},
  };
  check_stays_local([&] {
    for (const Row& row : rows) {
      const std::string target = with_query(row.path, std::string(row.parameter) + "=" + row.bad);
      INFO(row.method << " " << target);
      const HttpAnswer answer = service().call({.method = row.method, .target = target});
      CHECK(outcome(answer) == "400 BadRequest");
      CHECK_THAT(message(answer), Catch::Contains(row.parameter, Catch::CaseSensitive::No));
    }
  });
}

TEST_CASE("what is not there is 404 that says what") {
  const Namespace ns(cluster());
  struct Row {
    const char* method;
    std::string path;
    const char* kind;
  };
  const std::vector<Row> rows = {
      {"GET", "/api/v1/pod/" + ns.name() + "/name/absent", "pod"},
      {"GET", "/api/v1/pod/" + ns.name() + "/name/absent/events", "pod"},
      {"GET", "/api/v1/pod/" + ns.name() + "/name/absent/logs", "pod"},
      {"POST", "/api/v1/pod/" + ns.name() + "/name/absent/restart", "pod"},
      {"GET", "/api/v1/pvc/" + ns.name() + "/name/absent", "pvc"},
      {"DELETE", "/api/v1/pvc/" + ns.name() + "/name/absent", "pvc"},
      {"GET", "/api/v1/secret/" + ns.name() + "/name/absent", "secret"},
      {"DELETE", "/api/v1/secret/" + ns.name() + "/name/absent", "secret"},
      {"DELETE", "/api/v1/secret/" + ns.name() + "?name=absent", "secret"},
      {"GET", "/api/v1/storageclass/absent", "storage"},
      {"GET", "/api/v1/tenant/absent", "tenant"},
      {"DELETE", "/api/v1/tenant/absent", "tenant"},
  };
  for (const Row& row : rows) {
    INFO(row.method << " " << row.path);
    const HttpAnswer answer = service().call({.method = row.method, .target = row.path});
    CHECK(outcome(answer) == "404 NotFound");
    CHECK_THAT(message(answer), Catch::Contains("absent"));
    CHECK_THAT(message(answer), Catch::Contains(row.kind, Catch::CaseSensitive::No));
  }
  CHECK(message(service().get("/api/v1/pvc/" + ns.name() + "/name/data-1")) ==
        "pvc " + ns.name() + "/data-1 is not found");
}

TEST_CASE("what the API server forbids is 403 with its message, on every route") {
  const Namespace ns(cluster());
  Service powerless(cluster().powerless_kubeconfig());
  powerless.wait_until_ready();
  for (const Route& route : routes()) {
    HttpRequest request{route.method, route.at(ns.name(), "name"), {}, route.body};
    if (!route.body.empty()) request.headers.emplace_back("Content-Type", body_type(route.method));
    INFO(route.method + " " + request.target);
    const HttpAnswer answer = powerless.call(request);
    CHECK(outcome(answer) == "403 Forbidden");
    CHECK_THAT(message(answer), Catch::Contains("cannot") && Catch::Contains("nobody"));
  }
}

TEST_CASE("what admission forbids is 403 with its message") {
  const Namespace ns(cluster());
  ns.create("resourcequotas", {{"metadata", {{"name", "none"}}}, {"spec", {{"hard", {{"secrets", "0"}}}}}});
  set_status(cluster(), ns.path("resourcequotas", "none"),
             {{"hard", {{"secrets", "0"}}}, {"used", {{"secrets", "0"}}}});
  // The API server's admission learns of a new quota a moment later.
  HttpAnswer answer;
  CHECK(poll_until([&] {
    answer = service().post("/api/v1/secret/" + ns.name(), R"({"name": ")" + unique_name() + R"("})");
    return outcome(answer) == "403 Forbidden";
  }));
  CHECK_THAT(message(answer), Catch::Contains("exceeded quota"));
}

TEST_CASE("a write into a namespace that is going away is 409 Terminating") {
  const Namespace ns(cluster());
  cluster().patch(namespace_path(ns.name()), {{"metadata", {{"finalizers", {"example.com/hold"}}}}});
  cluster().raw("DELETE", namespace_path(ns.name()));
  CHECK(outcome(service().post("/api/v1/secret/" + ns.name(), R"({"name": "late"})")) == "409 Terminating");
  cluster().patch(namespace_path(ns.name()), {{"metadata", {{"finalizers", nullptr}}}});
}

}  // namespace quartermaster::test
