// Who may do what: tokens, rules, reviews; TLS; the server's start, stop and start again.
#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

test::HttpAnswer call_as(const Fixture& sim, const std::string& token, const std::string& method,
                         const std::string& target) {
  test::HttpRequest request{.method = method, .target = target, .headers = {}, .body = {}};
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  return test::exchange(sim.endpoint, request);
}

TEST_CASE("tokens let in, others do not") {
  DemoNamespace sim;
  const auto refused = call_as(sim, "", "GET", "/api/v1/namespaces");
  CHECK(refused.status == 401);
  CHECK(message_of(refused) == "Unauthorized");
  CHECK(call_as(sim, "new", "GET", "/api/v1/namespaces").status == 401);
  sim.server.set_token("new", {"ops", {"system:masters"}});
  CHECK(call_as(sim, "new", "GET", "/api/v1/namespaces").status == 200);
  sim.server.refuse_tokens(true);
  CHECK(call_as(sim, "new", "GET", "/api/v1/namespaces").status == 401);
  sim.server.refuse_tokens(false);
  sim.server.remove_token("new");
  CHECK(call_as(sim, "new", "GET", "/api/v1/namespaces").status == 401);
}

TEST_CASE("anonymous requests are let in where that is wanted") {
  DemoNamespace sim({.anonymous = true});
  CHECK(call_as(sim, "", "GET", "/api/v1/namespaces").status == 200);
  CHECK(call_as(sim, "wrong", "GET", "/api/v1/namespaces").status == 401);
}

TEST_CASE("rules decide about requests and reviews") {
  DemoNamespace sim;
  sim.server.set_token("t", {"bob"});
  sim.server.set_rules(
      "bob", {{.verbs = {"get"}, .resources = {"pods/log", "secrets"}, .namespaces = {"demo"}, .names = {"s"}}});
  const auto refused = call_as(sim, "t", "GET", "/api/v1/namespaces/demo/pods");
  CHECK(refused.status == 403);
  CHECK(message_of(refused) ==
        "pods is forbidden: User \"bob\" cannot list resource \"pods\" in API group \"\" in the namespace \"demo\"");
  CHECK(call_as(sim, "t", "GET", "/api/v1/namespaces/demo/secrets/s").status == 404);
  CHECK(call_as(sim, "t", "GET", "/api/v1/namespaces/demo/secrets/x").status == 403);
  CHECK(call_as(sim, "t", "GET", "/api/v1").status == 200);
  const auto [attributes, allowed] = GENERATE(table<const char*, bool>({
      {R"("resourceAttributes": {"verb": "get", "resource": "secrets", "name": "s", "namespace": "demo"})", true},
      {R"("resourceAttributes": {"verb": "get", "resource": "pods", "subresource": "log", "name": "s", "namespace": "demo"})",
       true},
      {R"("resourceAttributes": {"verb": "get", "resource": "secrets", "name": "s", "namespace": "other"})", false},
      {R"("nonResourceAttributes": {"verb": "get", "path": "/metrics"})", false},
  }));
  INFO(attributes);
  const auto review = sim.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                               std::string(R"({"spec": {"user": "bob", )") + attributes + "}}");
  CHECK(review.status == 201);
  CHECK(test::at(review.json(), "/status/allowed") == json::value(allowed));
}

TEST_CASE("a token review knows users and audiences") {
  DemoNamespace sim;
  sim.server.set_token("t", {"bob", {"dev"}, "42"});
  const auto [spec, status] = GENERATE(table<const char*, const char*>({
      {R"({"token": "t"})",
       R"({"authenticated": true, "user": {"username": "bob", "uid": "42", "groups": ["dev", "system:authenticated"]},
           "audiences": ["https://kubernetes.default.svc", "quartermaster"]})"},
      {R"({"token": "t", "audiences": ["quartermaster", "x"]})",
       R"({"authenticated": true, "user": {"username": "bob", "uid": "42", "groups": ["dev", "system:authenticated"]},
           "audiences": ["quartermaster"]})"},
      {R"({"token": "t", "audiences": ["x"]})",
       R"({"user": {}, "error": "[invalid bearer token, token audiences [\"https://kubernetes.default.svc\" \"quartermaster\"] is invalid for the target audiences [\"x\"]]"})"},
      {R"({"token": "no"})", R"({"user": {}, "error": "invalid bearer token"})"},
  }));
  INFO(spec);
  const auto review =
      sim.call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", std::string(R"({"spec": )") + spec + "}");
  CHECK(review.status == 201);
  CHECK(test::at(review.json(), "/status") == test::parse_json(status));
}

TEST_CASE("TLS, and a restart on the same port keeps the objects") {
  ApiServer server;
  const auto first = server.start({.tls = true});
  CHECK(first.url.starts_with("https://127.0.0.1:"));
  server.create(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kept"}})");
  const auto list = Fixture::request("GET", "/api/v1/namespaces/kept");
  CHECK(test::exchange(Fixture::test_endpoint(first), list).status == 200);
  CHECK(server.kubeconfig().find("certificate-authority-data: ") != std::string::npos);
  server.stop();
  CHECK_THROWS(test::exchange(Fixture::test_endpoint(first), list));
  const auto second = server.start({.listen = first.address, .tls = true});
  CHECK(second.port == first.port);
  CHECK(test::exchange(Fixture::test_endpoint(second), list).status == 200);
}

TEST_CASE("a stop ends watches and hanging requests") {
  DemoNamespace sim;
  sim.server.inject({.target = "configmaps/hung", .action = Fault::Action::hang});
  auto watch = sim.open("/api/v1/configmaps?watch=1");
  test::Connection hung(sim.endpoint);
  REQUIRE(hung.send(test::to_bytes(Fixture::request("GET", "/api/v1/namespaces/demo/configmaps/hung"))));
  REQUIRE(test::poll_until([&] { return sim.server.requests().size() == 2; }));
  sim.server.stop();
  CHECK(watch.more().empty());
  CHECK(hung.read_all().empty());
}

}  // namespace
}  // namespace quartermaster::apisim
