// Who may call: api.md's section 8, with real service accounts and their tokens.
#include <fstream>
#include <set>

#include "test/contract/accounts.hpp"
#include "test/contract/canary.hpp"
#include "test/contract/routes.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

constexpr const char* kAudience = "quartermaster";

/// A service that checks its callers.
class Guarded {
 public:
  Guarded() : service_(cluster().kubeconfig(), arguments()) { service_.wait_until_ready(); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  HttpAnswer call(const std::string& token, HttpRequest request) {
    tokens_.insert(token);
    request.headers.emplace_back("Authorization", "Bearer " + token);
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", body_type(request.method));
    return service_.call(request);
  }
  HttpAnswer get(const std::string& token, const std::string& target) { return call(token, {.target = target}); }

  Service& service() { return service_; }
  /// No line that it writes may hold this.
  void must_not_write(const std::string& text) { tokens_.insert(text); }
  const std::set<std::string>& must_not_be_written() const { return tokens_; }

  std::string audit() const {
    std::ifstream file(folder_.path("audit.log"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool is_audited(const HttpAnswer& answer) const {
    return audit().find("\"requestId\":\"" + answer.header("X-Request-Id") + "\"") != std::string::npos;
  }
  /// The audit line of a request. It is written behind the answer.
  json::value audit_of(const HttpAnswer& answer) const {
    REQUIRE(poll_until([&] { return is_audited(answer); }, std::chrono::seconds(20)));
    const std::string all = audit();
    const auto place = all.find(answer.header("X-Request-Id"));
    const auto begin = all.rfind('\n', place) + 1;  // 0 in the first line
    return parse_json(all.substr(begin, all.find('\n', place) - begin));
  }

 private:
  std::vector<std::string> arguments() const {
    return {"--auth-mode", "delegated", "--auth-audiences", "quartermaster",
            "--log-level", "debug",     "--audit-log",      folder_.path("audit.log")};
  }

  TempDir folder_;
  Service service_;
  std::set<std::string> tokens_;
};

Guarded& guarded() {
  static std::unique_ptr<Guarded> one;
  if (!one || !one->service().process().running()) one = std::make_unique<Guarded>();
  return *one;
}

Accounts& accounts() { return dynamic_cast<Accounts&>(cluster()); }

/// A new account with these grants, and a token of it.
std::string token_with(const Namespace& ns, const std::vector<Grant>& grants) {
  const Account account{ns.name(), unique_name("a")};
  accounts().make_account(account);
  for (const Grant& grant : grants) accounts().grant(account, grant);
  return accounts().token_of(account, kAudience);
}

std::string message(const HttpAnswer& answer) { return text_at(answer.json(), "/errMessage"); }

struct Row {
  HttpRequest request;
  std::vector<Grant> needs;
};

/// The table of section 8, in a namespace. Nothing is there, and writes are dry runs.
std::vector<Row> table_of(const std::string& ns) {
  const auto target = [&ns](const std::string& kind, const std::string& rest = {}) {
    return "/api/v1/" + kind + "/" + ns + rest;
  };
  const auto on = [&ns](const std::string& verb, const std::string& resource, const std::string& name = {}) {
    return Grant{.ns = ns, .verb = verb, .resource = resource, .name = name};
  };
  const auto anywhere = [](const std::string& verb, const std::string& resource, const std::string& group = {}) {
    return Grant{.verb = verb, .group = group, .resource = resource};
  };
  const std::string claims = "persistentvolumeclaims", classes = "storageclasses", storage = "storage.k8s.io";
  const std::string secret = R"({"name": "n", "data": {}})";
  return {
      {{"GET", target("pod")}, {on("list", "pods")}},
      {{"GET", target("pod", "/name/n")}, {on("get", "pods", "n")}},
      {{"GET", target("pod", "/name/n/events")}, {on("get", "pods", "n"), on("list", "events")}},
      {{"GET", target("pod", "/name/n/timeline")}, {on("get", "pods", "n"), on("list", "events")}},
      {{"GET", target("pod", "/name/n/timeline?follow=true")},
       {on("get", "pods", "n"), on("list", "events"), on("watch", "events")}},
      {{"GET", target("pod", "/name/n/logs")}, {on("get", "pods/log", "n")}},
      {{"GET", target("pod", "/logs")}, {on("list", "pods"), on("get", "pods/log")}},
      {{"POST", target("pod", "/name/n/restart")}, {on("delete", "pods", "n")}},
      {{"POST", target("pod", "/name/n/restart?mode=delete&wait=1s")}, {on("delete", "pods", "n"), on("list", "pods")}},
      {{"POST", target("pod", "/name/n/restart?mode=evict")}, {on("create", "pods/eviction", "n")}},
      {{"POST", target("pod", "/name/n/restart?mode=rollout")}, {on("get", "pods", "n")}},
      {{"GET", target("pvc")}, {on("list", claims)}},
      {{"GET", target("pvc", "/name/n")}, {on("get", claims, "n")}},
      {{"DELETE", target("pvc", "/name/n")}, {on("delete", claims, "n")}},
      {{"DELETE", target("pvc", "?labelselector=none%3Dat-all")}, {on("delete", claims)}},
      {{"GET", target("pvc", "/name/n/usage")},
       {on("get", claims, "n"),
        on("list", "pods"),
        {.ns = ns, .verb = "list", .group = "apps", .resource = "statefulsets"}}},
      {{"GET", target("secret")}, {on("list", "secrets")}},
      {{"GET", target("secret", "/name/n")}, {on("get", "secrets", "n")}},
      {{"GET", target("secret", "/name/n/usage")}, {on("get", "secrets", "n")}},
      {{"POST", target("secret", "?dryRun=true"), {}, secret}, {on("create", "secrets")}},
      {{"PUT", target("secret"), {}, secret}, {on("update", "secrets", "n")}},
      {{"PUT", target("secret"), {}, R"({"name": "n"})"}, {on("update", "secrets", "n"), on("get", "secrets", "n")}},
      {{"PATCH", target("secret", "/name/n"), {}, "{}"}, {on("patch", "secrets", "n"), on("get", "secrets", "n")}},
      {{"DELETE", target("secret", "/name/n")}, {on("delete", "secrets", "n")}},
      {{"DELETE", target("secret", "?name=n")}, {on("delete", "secrets", "n")}},
      {{"DELETE", target("secret"), {}, R"({"name": "n"})"}, {on("delete", "secrets", "n")}},
      {{"GET", "/api/v1/storageclass"}, {anywhere("list", classes, storage)}},
      {{"GET", "/api/v1/storageclass/n"}, {anywhere("get", classes, storage)}},
      {{"GET", "/api/v1/tenant"}, {anywhere("list", "namespaces"), anywhere("list", "resourcequotas")}},
      {{"GET", target("tenant")}, {on("get", "namespaces", ns), on("list", "resourcequotas")}},
      {{"POST", target("tenant", "?dryRun=true"), {}, "{}"},
       {anywhere("create", "namespaces"), on("create", "resourcequotas")}},
      {{"PUT", target("tenant", "?dryRun=true"), {}, "{}"},
       {on("update", "namespaces", ns), on("update", "resourcequotas")}},
      {{"PUT", target("tenant", "?dryRun=true&prune=true"), {}, "{}"},
       {on("update", "namespaces", ns), on("update", "resourcequotas"), on("delete", "resourcequotas")}},
      {{"DELETE", target("tenant", "?dryRun=true")}, {on("delete", "namespaces", ns), on("delete", "resourcequotas")}},
      {{"POST", target("tenant", "/fits"), {}, R"({"containers": [{}]})"},
       {on("get", "namespaces", ns), on("list", "resourcequotas"), on("list", "limitranges")}},
      {{"GET", "/stats"}, {{.verb = "get", .path = "/stats"}}},
      {{"GET", "/metrics"}, {{.verb = "get", .path = "/metrics"}}},
  };
}

}  // namespace

TEST_CASE("delegated: a caller can do what RBAC lets it do, route by route, and nothing without it") {
  const Namespace ns(cluster());
  const std::string nothing = token_with(ns, {});
  for (const Row& row : table_of(ns.name())) {
    INFO(row.request.method + " " + row.request.target + " " + row.request.body);
    const HttpAnswer allowed = guarded().call(token_with(ns, row.needs), row.request);
    INFO(allowed.body);
    CHECK((allowed.status < 300 || allowed.status == 404 || allowed.status == 409));
    CHECK(outcome(guarded().call(nothing, row.request)) == "403 Forbidden");
    for (const Grant& missing : row.needs) {
      if (row.needs.size() == 1) break;
      std::vector<Grant> others;
      for (const Grant& grant : row.needs) {
        if (grant.verb + grant.resource != missing.verb + missing.resource) others.push_back(grant);
      }
      const HttpAnswer denied = guarded().call(token_with(ns, others), row.request);
      CHECK(outcome(denied) == "403 Forbidden");
      CHECK(message(denied).find(" cannot " + missing.verb + " resource \"" + missing.resource + "\"") !=
            std::string::npos);
    }
  }
}

TEST_CASE("delegated: without a valid token every route is 401 Unauthorized") {
  const Namespace ns(cluster());
  for (const Row& row : table_of(ns.name())) {
    HttpRequest request = row.request;
    INFO(request.method + " " + request.target);
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", body_type(request.method));
    const HttpAnswer none = guarded().service().call(request);
    CHECK(outcome(none) == "401 Unauthorized");
    CHECK(none.header("WWW-Authenticate") == "Bearer");
    const HttpAnswer garbage = guarded().call("no-such-token", row.request);
    CHECK(outcome(garbage) == "401 Unauthorized");
    CHECK(garbage.header("WWW-Authenticate") == "Bearer error=\"invalid_token\"");
    request.headers.emplace_back("Authorization", "Basic dTpw");
    CHECK(outcome(guarded().service().call(request)) == "401 Unauthorized");
  }
}

TEST_CASE("delegated: a body is not asked for before the caller is let in") {
  const Namespace ns(cluster());
  const HttpRequest request{
      "POST",
      "/api/v1/secret/" + ns.name(),
      {{"Content-Length", "10"}, {"Content-Type", "application/json"}, {"Expect", "100-continue"}}};
  CHECK(outcome(guarded().service().call(request)) == "401 Unauthorized");
  CHECK(outcome(guarded().call(token_with(ns, {}), request)) == "403 Forbidden");
}

TEST_CASE("delegated: probes, the version, the description and its page need nothing") {
  for (const std::string target : {"/livez", "/liveness", "/liveniess", "/readyz", "/readiness", "/version",
                                   "/openapi.json", "/docs", "/docs/rapidoc.js"}) {
    INFO(target);
    CHECK(outcome(guarded().service().get(target)) == "200");
    CHECK(outcome(guarded().get("no-such-token", target)) == "200");
  }
}

TEST_CASE("delegated: what is no request of a route is said before anybody is asked who it is") {
  auto& service = guarded().service();
  CHECK(outcome(service.get("/api/v1/nothing")) == "404 NotFound");
  CHECK(outcome(service.call({.method = "PATCH", .target = "/api/v1/pvc/a"})) == "405 MethodNotAllowed");
  CHECK(outcome(service.get("/api/v1/pvc/Bad_Name")) == "400 BadRequest");
  CHECK(outcome(service.del("/api/v1/pvc/a?labelselctor=x")) == "400 BadRequest");
  CHECK(outcome(service.call({"PUT", "/api/v1/secret/a", {{"Content-Type", "text/plain"}}, "x"})) ==
        "415 UnsupportedMediaType");
}

TEST_CASE("delegated: only tokens that are for us and have not expired count") {
  const Namespace ns(cluster());
  const Account account{ns.name(), "caller"};
  accounts().make_account(account);
  accounts().grant(account, {.ns = ns.name(), .verb = "list", .resource = "persistentvolumeclaims"});
  const std::string target = "/api/v1/pvc/" + ns.name();
  const auto status = [&](const std::string& token) { return outcome(guarded().get(token, target)); };
  CHECK(status(accounts().token_of(account, kAudience)) == "200");
  CHECK(status(accounts().token_of(account, "https://kubernetes.default.svc")) == "401 Unauthorized");
  CHECK(status(accounts().token_of(account, "somebody-else")) == "401 Unauthorized");
  // The first shows that the second is refused for its age.
  CHECK(status(accounts().sign_token(account, kAudience, std::chrono::minutes(10))) == "200");
  CHECK(status(accounts().sign_token(account, kAudience, -std::chrono::minutes(10))) == "401 Unauthorized");
}

TEST_CASE("delegated: a service account that was deleted is refused soon after") {
  const Namespace ns(cluster());
  const Account account{ns.name(), "leaver"};
  accounts().make_account(account);
  accounts().grant(account, {.ns = ns.name(), .verb = "list", .resource = "persistentvolumeclaims"});
  const std::string token = accounts().token_of(account, kAudience), target = "/api/v1/pvc/" + ns.name();
  CHECK(outcome(guarded().get(token, target)) == "200");
  accounts().delete_account(account);
  // We keep a decision for 10 s, and so does the API server itself.
  CHECK(poll_until([&] { return outcome(guarded().get(token, target)) == "401 Unauthorized"; },
                   std::chrono::seconds(40)));
}

TEST_CASE("delegated: one who may list the claims of a namespace can do just that") {
  const Namespace ns(cluster()), other(cluster());
  const std::string token = token_with(ns, {{.ns = ns.name(), .verb = "list", .resource = "persistentvolumeclaims"}});
  for (const Row& row : table_of(ns.name())) {
    INFO(row.request.method + " " + row.request.target);
    const bool may = row.request.method == "GET" && row.request.target == "/api/v1/pvc/" + ns.name();
    CHECK(outcome(guarded().call(token, row.request)) == (may ? "200" : "403 Forbidden"));
  }
  CHECK(outcome(guarded().get(token, "/api/v1/pvc/" + other.name())) == "403 Forbidden");
  CHECK(message(guarded().get(token, "/api/v1/pvc/" + other.name()))
            .ends_with("cannot list resource \"persistentvolumeclaims\" in API group \"\" in the namespace \"" +
                       other.name() + "\""));
  CHECK(guarded().call(token, {.method = "HEAD", .target = "/api/v1/pvc/" + ns.name()}).status == 200);
  CHECK(guarded().call(token, {.method = "HEAD", .target = "/api/v1/pvc/" + other.name()}).status == 403);
}

TEST_CASE("delegated: rights to some names are no rights to others") {
  const Namespace ns(cluster());
  for (const std::string name : {"mine", "theirs"}) ns.create("secrets", {{"metadata", {{"name", name}}}});
  std::vector<Grant> grants;
  for (const std::string verb : {"get", "update", "patch", "delete"})
    grants.push_back({.ns = ns.name(), .verb = verb, .resource = "secrets", .name = "mine"});
  const std::string token = token_with(ns, grants), all = "/api/v1/secret/" + ns.name();
  const auto send = [&](const std::string& method, const std::string& target, const std::string& body = {}) {
    return outcome(guarded().call(token, {method, target, {}, body}));
  };
  CHECK(send("GET", all + "/name/mine") == "200");
  CHECK(send("GET", all + "/name/theirs") == "403 Forbidden");
  CHECK(send("GET", all) == "403 Forbidden");
  CHECK(send("PUT", all, R"({"name": "mine", "stringData": {"a": "b"}})") == "200");
  CHECK(send("PUT", all, R"({"name": "mine", "labels": {"a": "b"}})") == "200");
  CHECK(send("PUT", all, R"({"name": "theirs", "stringData": {"a": "b"}})") == "403 Forbidden");
  CHECK(send("PATCH", all + "/name/mine", R"({"stringData": {"a": "c"}})") == "200");
  CHECK(send("PATCH", all + "/name/theirs", R"({"stringData": {"a": "c"}})") == "403 Forbidden");
  CHECK(send("DELETE", all, R"({"name": "theirs"})") == "403 Forbidden");
  CHECK(send("DELETE", all + "?name=theirs") == "403 Forbidden");
  CHECK(cluster().exists(ns.path("secrets", "theirs")));
  CHECK(send("DELETE", all, R"({"name": "mine"})") == "200");
}

TEST_CASE("delegated: who may update a secret without reading it does not see what it holds") {
  const Namespace ns(cluster());
  ns.create("secrets", {{"metadata", {{"name", "s"}}}, {"stringData", {{"a", "canary-of-access"}}}});
  const std::string token = token_with(ns, {{.ns = ns.name(), .verb = "update", .resource = "secrets"}});
  const HttpAnswer answer =
      guarded().call(token, {"PUT", "/api/v1/secret/" + ns.name(), {}, R"({"name": "s", "labels": {"x": "y"}})"});
  CHECK(outcome(answer) == "403 Forbidden");
  CHECK(message(answer).find(" cannot get resource \"secrets\"") != std::string::npos);

  // kubectl apply writes down what it has applied.
  const std::string last = "kubectl.kubernetes.io/last-applied-configuration";
  ns.create("secrets", {{"metadata", {{"name", "applied"}, {"annotations", {{last, "canary-of-access"}}}}}});
  const HttpAnswer blind = guarded().call(
      token, {"PUT", "/api/v1/secret/" + ns.name(), {}, R"({"name": "applied", "data": {"b": "Yg=="}})"});
  CHECK(blind.status == 200);
  CHECK(blind.body.find("canary-of-access") == std::string::npos);
  CHECK_THAT(print(cluster().get(ns.path("secrets", "applied"))), Catch::Contains("canary-of-access"));
}

TEST_CASE("delegated: what a caller may not list of a secret's users is said, and the rest told") {
  const Namespace ns(cluster());
  ns.create("secrets", {{"metadata", {{"name", "s"}}}});
  ns.create("pods", pod("p", {"main"}, {{"spec", {{"imagePullSecrets", {{{"name", "s"}}}}}}}));
  const auto on = [&](const std::string& verb, const std::string& resource, const std::string& group = {}) {
    return Grant{.ns = ns.name(), .verb = verb, .group = group, .resource = resource};
  };
  const std::string target = "/api/v1/secret/" + ns.name() + "/name/s/usage";
  std::vector<Grant> grants = {on("get", "secrets"), on("list", "pods")};
  const json::value some = guarded().get(token_with(ns, grants), target).json();
  CHECK(text_at(some, "/pods/0/name") == "p");
  REQUIRE(at(some, "/unread").as_array().size() == 2);
  CHECK(text_at(some, "/unread/0/resource") == "serviceaccounts");
  CHECK(text_at(some, "/unread/1/resource") == "ingresses.networking.k8s.io");
  CHECK(text_at(some, "/unread/1/reason") == "Forbidden");
  CHECK(text_at(some, "/unread/1/message").find(" cannot list resource \"ingresses\"") != std::string::npos);
  grants.push_back(on("list", "serviceaccounts"));
  grants.push_back(on("list", "ingresses", "networking.k8s.io"));
  CHECK(at(guarded().get(token_with(ns, grants), target).json(), "/unread").as_array().empty());
}

TEST_CASE("delegated: consumers of a secret are restarted as far as the caller may patch them") {
  const Namespace ns(cluster());
  ns.create("secrets", {{"metadata", {{"name", "s"}}}});
  const json::object volumes = {{"volumes", {{{"name", "v"}, {"secret", {{"secretName", "s"}}}}}}};
  for (const std::string name : {"mine", "theirs"}) {
    const json::value set =
        ns.create("statefulsets", merged(stateful_set(name, {}, 1), {{"spec", {{"template", {{"spec", volumes}}}}}}));
    create_pod_of(cluster(), ns, set, name + "-0",
                  merged(volumes, {{"containers", {{{"name", "main"}, {"image", "registry.example/main:1"}}}}}));
  }
  const auto on = [&](const std::string& verb, const std::string& resource, const std::string& name = {}) {
    return Grant{.ns = ns.name(),
                 .verb = verb,
                 .group = resource == "statefulsets" ? "apps" : "",
                 .resource = resource,
                 .name = name};
  };
  const std::string target = "/api/v1/secret/" + ns.name() + "/name/s?restartConsumers=true";
  const HttpRequest request{"PATCH", target, {}, R"({"stringData": {"k": "v"}})"};
  std::vector<Grant> grants = {on("get", "secrets"), on("patch", "secrets"), on("patch", "statefulsets", "mine")};
  CHECK(message(guarded().call(token_with(ns, grants), request)).find(" cannot list resource \"pods\"") !=
        std::string::npos);
  CHECK(find(cluster().get(ns.path("secrets", "s")), "/data/k") == nullptr);
  grants.push_back(on("list", "pods"));
  const HttpAnswer answer = guarded().call(token_with(ns, grants), request);
  CHECK(outcome(answer) == "200");
  const json::value consumers = at(answer.json(), "/consumers");
  CHECK(text_at(consumers, "/notRestarted/0/name") == "theirs");
  CHECK(text_at(consumers, "/notRestarted/0/reason") == "Forbidden");
  CHECK(find(cluster().get(ns.path("statefulsets", "theirs")), "/spec/template/metadata/annotations") == nullptr);
  CHECK(text_at(consumers, "/restarted/0/name") == "mine");
  const json::value line = guarded().audit_of(answer);
  CHECK(at(line, "/names") == json::value{"s", "StatefulSet/mine"});
}

TEST_CASE("delegated: a rollout needs the right to patch what the pod belongs to") {
  const Namespace ns(cluster());
  const json::value set = ns.create("statefulsets", stateful_set("web", {}, 1));
  create_pod_of(cluster(), ns, set, "web-0",
                {{"containers", {{{"name", "main"}, {"image", "registry.example/main:1"}}}}});
  const auto patch = [&](const std::string& name) {
    return Grant{.ns = ns.name(), .verb = "patch", .group = "apps", .resource = "statefulsets", .name = name};
  };
  const Grant may_get{.ns = ns.name(), .verb = "get", .resource = "pods"};
  const HttpRequest request{"POST", "/api/v1/pod/" + ns.name() + "/name/web-0/restart?mode=rollout"};
  const HttpAnswer denied = guarded().call(token_with(ns, {may_get, patch("other")}), request);
  CHECK(outcome(denied) == "403 Forbidden");
  CHECK(message(denied).find(" cannot patch resource \"statefulsets\"") != std::string::npos);
  CHECK(text_at(guarded().audit_of(denied), "/decision") == "denied");
  CHECK(find(cluster().get(ns.path("statefulsets", "web")), "/spec/template/metadata/annotations") == nullptr);
  const HttpAnswer done = guarded().call(token_with(ns, {may_get, patch("web")}), request);
  CHECK(outcome(done) == "200");
  CHECK(at(guarded().audit_of(done), "/names") == json::value{"web-0", "StatefulSet/web"});
}

TEST_CASE("delegated: who may not list events is not told why a new pod does not come") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "web-0", {"main"}, {{"metadata", {{"labels", {{"app", "web"}}}}}});
  const json::value set = ns.create("statefulsets", stateful_set("web", {}, 1));
  cluster().patch(ns.path("pods", "web-0"),
                  {{"metadata", {{"ownerReferences", json::array{owner_reference(set, "apps/v1", "StatefulSet")}}}}});
  const std::vector<Grant> grants = {{.ns = ns.name(), .verb = "delete", .resource = "pods"},
                                     {.ns = ns.name(), .verb = "list", .resource = "pods"}};
  const HttpAnswer answer =
      guarded().call(token_with(ns, grants), {"POST", "/api/v1/pod/" + ns.name() + "/name/web-0/restart?wait=500ms"});
  REQUIRE(outcome(answer) == "200");
  CHECK(text_at(answer.json(), "/replacement/causes/0/reason") == "Terminating");
  CHECK(text_at(answer.json(), "/replacement/causes/1/kind") == "Event");
  CHECK(text_at(answer.json(), "/replacement/causes/1/reason") == "Forbidden");
}

TEST_CASE("delegated: events of a pod's node are told who may list those of all namespaces") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "p");
  const std::string target = "/api/v1/pod/" + ns.name() + "/name/p/timeline";
  std::vector<Grant> grants = {{.ns = ns.name(), .verb = "get", .resource = "pods"},
                               {.ns = ns.name(), .verb = "list", .resource = "events"}};
  const HttpAnswer some = guarded().get(token_with(ns, grants), target);
  CHECK(outcome(some) == "200");
  CHECK(at(some.json(), "/objects").as_array().size() == 1);
  CHECK(text_at(some.json(), "/unread/0/resource") == "nodes");
  CHECK(text_at(some.json(), "/unread/0/reason") == "Forbidden");
  grants.push_back({.verb = "list", .resource = "events"});
  const HttpAnswer all = guarded().get(token_with(ns, grants), target);
  CHECK(text_at(all.json(), "/objects/1/kind") == "Node");
  CHECK(at(all.json(), "/unread").as_array().empty());
}

TEST_CASE("delegated: a bulk delete needs the right to each claim, and deletes none without") {
  const Namespace ns(cluster());
  for (const std::string name : {"a", "b", "c"})
    ns.create("persistentvolumeclaims", claim(name, {{"metadata", {{"labels", {{"app", "x"}}}}}}));
  const auto on = [&](const std::string& name) {
    return Grant{.ns = ns.name(), .verb = "delete", .resource = "persistentvolumeclaims", .name = name};
  };
  const std::string target = "/api/v1/pvc/" + ns.name() + "?labelselector=app%3Dx";
  // What somebody may not list is not told by refusals, either.
  const HttpAnswer blind = guarded().call(token_with(ns, {on("a"), on("c")}), {.method = "DELETE", .target = target});
  CHECK(outcome(blind) == "403 Forbidden");
  CHECK(message(blind).ends_with("in the namespace \"" + ns.name() + "\""));
  CHECK(find(blind.json(), "/details") == nullptr);
  const Grant may_list{.ns = ns.name(), .verb = "list", .resource = "persistentvolumeclaims"};
  const HttpAnswer denied =
      guarded().call(token_with(ns, {on("a"), on("c"), may_list}), {.method = "DELETE", .target = target});
  CHECK(outcome(denied) == "403 Forbidden");
  CHECK(message(denied).ends_with(": b"));
  CHECK(text_at(denied.json(), "/details/causes/0/field") == "b");
  for (const std::string name : {"a", "b", "c"}) CHECK(cluster().exists(ns.path("persistentvolumeclaims", name)));
  const std::string token = token_with(ns, {on("a"), on("b"), on("c")});
  CHECK(guarded().call(token, {.method = "DELETE", .target = target}).status < 300);
  // Nothing is left to select: that needs the right to all.
  CHECK(poll_until([&] { return !cluster().exists(ns.path("persistentvolumeclaims", "c")); }));
  CHECK(outcome(guarded().call(token, {.method = "DELETE", .target = target})) == "403 Forbidden");
}

TEST_CASE("delegated: a plan is its caller's, and tells of volumes who may read them") {
  const Namespace ns(cluster());
  const std::string claims = "persistentvolumeclaims", volume = unique_name("volume");
  const auto stored = ns.create(claims, claim("c", {{"spec", {{"volumeName", volume}}}}));
  cluster().create("/api/v1/persistentvolumes", persistent_volume(volume, "Retain", stored));
  const Grant may_delete{.ns = ns.name(), .verb = "delete", .resource = claims};
  const Grant may_read{.verb = "get", .resource = "persistentvolumes", .name = volume};
  const std::string poor = token_with(ns, {may_delete}), rich = token_with(ns, {may_delete, may_read});
  const std::string target = "/api/v1/pvc/" + ns.name() + "/name/c";
  const auto send = [&](const std::string& token, const std::string& query) {
    return guarded().call(token, {.method = "DELETE", .target = target + query});
  };
  const auto poor_plan = send(poor, "?dryRun=true").json(), rich_plan = send(rich, "?dryRun=true").json();
  CHECK(text_at(poor_plan, "/plan/claims/0/dataLost") == "unknown");
  CHECK(text_at(poor_plan, "/plan/claims/0/dataLostMessage").starts_with("the caller may not get"));
  CHECK(text_at(rich_plan, "/plan/claims/0/dataLost") == "no");
  const std::string token = text_at(rich_plan, "/plan/token");
  CHECK(outcome(send(poor, "?plan=" + token)) == "409 Conflict");
  const std::string third = token_with(ns, {may_delete, may_read});
  const auto refused = send(third, "?plan=" + token);
  CHECK(outcome(refused) == "409 Conflict");
  CHECK(message(refused).find("the caller must be those of the plan") != std::string::npos);
  CHECK(outcome(send(token_with(ns, {may_read}), "?plan=" + token)) == "403 Forbidden");
  CHECK(outcome(send(rich, "?plan=" + token)) == "200");
  CHECK_FALSE(cluster().exists(ns.path(claims, "c")));
  const auto path = "/api/v1/persistentvolumes/" + volume;
  cluster().patch(path, {{"metadata", {{"finalizers", nullptr}}}});
  cluster().remove(path);
}

TEST_CASE("delegated: how full a claim is hears who may ask a kubelet") {
  const Namespace ns(cluster());
  ns.create("persistentvolumeclaims", claim("c"));
  create_running_pod(cluster(), ns, "p", {"main"},
                     {{"spec", {{"volumes", {{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", "c"}}}}}}}}});
  cluster().set_node_stats(R"({"pods": [{"volume": [{"usedBytes": 7, "name": "data", "pvcRef": {"name": "c",
      "namespace": ")" + ns.name() +
                           R"("}}]}]})");
  const auto stats = [&](const std::vector<Grant>& more) {
    std::vector<Grant> grants = {{.ns = ns.name(), .verb = "get", .resource = "persistentvolumeclaims"},
                                 {.ns = ns.name(), .verb = "list", .resource = "pods"},
                                 {.ns = ns.name(), .verb = "list", .group = "apps", .resource = "statefulsets"}};
    grants.insert(grants.end(), more.begin(), more.end());
    const HttpAnswer answer = guarded().get(token_with(ns, grants), "/api/v1/pvc/" + ns.name() + "/name/c/usage");
    CHECK(outcome(answer) == "200");
    CHECK(text_at(answer.json(), "/users/0/name") == "p");
    return print(at(answer.json(), "/stats/known")) + " " + text_at(answer.json(), "/stats/reason");
  };
  CHECK(stats({}) == "false Forbidden");
  CHECK(stats({{.verb = "get", .resource = "nodes/stats"}}) == "true ");
  CHECK(stats({{.verb = "get", .resource = "nodes/proxy", .name = cluster().node()}}) == "true ");
  CHECK(stats({{.verb = "get", .resource = "nodes/proxy", .name = "another-node"}}) == "false Forbidden");
}

TEST_CASE("delegated: an update of a tenant that creates a quota needs the right to create one") {
  const std::string name = unique_name("tenant");
  const json::object labels = {{"multi-tenant", "tenant-tiller-" + name}};
  const Namespace ns(cluster(), labels);
  const auto on = [&](const std::string& verb, const std::string& resource) {
    return Grant{.ns = ns.name(), .verb = verb, .resource = resource};
  };
  const HttpRequest request{
      "PUT",
      "/api/v1/tenant/" + ns.name(),
      {},
      R"({"tenantLabels": {"a": "b"}, "tenantQuotas": [{"quotaName": "q", "hard": {"pods": "3"}}]})"};
  const std::vector<Grant> some = {on("update", "namespaces"), on("update", "resourcequotas")};
  const HttpAnswer denied = guarded().call(token_with(ns, some), request);
  CHECK(outcome(denied) == "403 Forbidden");
  CHECK(message(denied).find(" cannot create resource \"resourcequotas\"") != std::string::npos);
  CHECK(find(cluster().get(namespace_path(ns.name())), "/metadata/labels/a") == nullptr);
  std::vector<Grant> all = some;
  all.push_back(on("create", "resourcequotas"));
  CHECK(outcome(guarded().call(token_with(ns, all), request)) == "200");
  CHECK(outcome(guarded().call(token_with(ns, some), request)) == "200");  // it is there by now
}

TEST_CASE("delegated: members of a tenant need the caller's own right to bind, whatever the service may") {
  const std::string name = unique_name("tenant"), rbac = "rbac.authorization.k8s.io";
  const Namespace ns(cluster(), {{"multi-tenant", "tenant-tiller-" + name}});
  const auto on = [&](const std::string& verb, const std::string& resource, const std::string& object = {},
                      const std::string& group = {}) {
    return Grant{.ns = ns.name(), .verb = verb, .group = group, .resource = resource, .name = object};
  };
  const std::string body =
      R"({"tenantLabels": {"a": "b"}, "tenantMembers": [{"clusterRole": "view", "users": ["me"]}]})";
  const HttpRequest request{"PUT", "/api/v1/tenant/" + ns.name(), {}, body};
  const std::vector<Grant> update = {on("update", "namespaces"), on("update", "resourcequotas")};
  const Grant create = on("create", "rolebindings", "", rbac), bind = on("bind", "clusterroles", "view", rbac);
  const auto with = [&](std::vector<Grant> more) {
    more.insert(more.end(), update.begin(), update.end());
    return token_with(ns, more);
  };
  const HttpAnswer no_create = guarded().call(with({bind}), request);
  CHECK(outcome(no_create) == "403 Forbidden");
  CHECK(message(no_create).find(" cannot create resource \"rolebindings\"") != std::string::npos);
  for (const Grant& other : {on("bind", "clusterroles", "edit", rbac), on("get", "clusterroles", "view", rbac)}) {
    const HttpAnswer no_bind = guarded().call(with({create, other}), request);
    CHECK(outcome(no_bind) == "403 Forbidden");
    CHECK(message(no_bind).find(" cannot bind resource \"clusterroles\"") != std::string::npos);
  }
  CHECK(find(cluster().get(namespace_path(ns.name())), "/metadata/labels/a") == nullptr);
  CHECK_FALSE(cluster().exists(ns.path("rolebindings", "view")));
  const std::string allowed = with({create, bind});
  const HttpAnswer made = guarded().call(allowed, request);
  INFO(made.body);
  CHECK(outcome(made) == "200");
  // It is there by now, and is another right to change.
  const HttpAnswer no_update = guarded().call(allowed, request);
  CHECK(outcome(no_update) == "403 Forbidden");
  CHECK(message(no_update).find(" cannot update resource \"rolebindings\"") != std::string::npos);
  const HttpRequest prune{"PUT", request.target + "?prune=true", {}, R"({"tenantMembers": []})"};
  const Grant drop_quotas = on("delete", "resourcequotas");
  CHECK(message(guarded().call(with({drop_quotas, create, bind}), prune))
            .find(" cannot delete resource \"rolebindings\"") != std::string::npos);
  CHECK(outcome(guarded().call(with({drop_quotas, on("delete", "rolebindings", "view", rbac)}), prune)) == "200");
  CHECK_FALSE(cluster().exists(ns.path("rolebindings", "view")));
}

TEST_CASE("delegated: who may not change a part of a tenant does not hear what is in its way") {
  const std::string name = unique_name("tenant"), rbac = "rbac.authorization.k8s.io";
  const Namespace ns(cluster(), {{"multi-tenant", "tenant-tiller-" + name}});
  ns.create("limitranges", {{"metadata", {{"name", "walm-default-limitrange"}}},
                            {"spec", {{"limits", parse_json(R"([{"type": "Pod", "max": {"cpu": "1"}}])")}}}});
  ns.create("rolebindings", {{"metadata", {{"name", "team"}}},
                             {"roleRef", {{"apiGroup", rbac}, {"kind", "ClusterRole"}, {"name", "admin"}}}});
  const auto on = [&](const std::string& verb, const std::string& resource, const std::string& group = {}) {
    return Grant{.ns = ns.name(), .verb = verb, .group = group, .resource = resource};
  };
  std::vector<Grant> grants = {on("update", "namespaces"), on("update", "resourcequotas")};
  const auto put = [&](const std::string& body) {
    return outcome(guarded().call(token_with(ns, grants), {"PUT", "/api/v1/tenant/" + ns.name(), {}, body}));
  };
  const std::string limits = R"({"tenantLimits": []})";
  const std::string members = R"({"tenantMembers": [{"bindingName": "team", "clusterRole": "view"}]})";
  CHECK(put(limits) == "403 Forbidden");
  CHECK(put(members) == "403 Forbidden");
  grants.push_back(on("delete", "limitranges"));
  grants.push_back(on("update", "rolebindings", rbac));
  grants.push_back(on("bind", "clusterroles", rbac));
  CHECK(put(limits) == "409 Conflict");
  CHECK(put(members) == "409 Immutable");
}

TEST_CASE("delegated: limits and isolation of a new tenant need the rights to make them") {
  const std::string name = unique_name("tenant");
  const Namespace ns(cluster(), name);
  const Namespace accounts_home(cluster());
  const std::vector<Grant> create = {{.verb = "create", .resource = "namespaces"},
                                     {.verb = "create", .resource = "resourcequotas"}};
  const auto denied = [&](const std::string& body, const std::string& resource) {
    const HttpRequest request{"POST", "/api/v1/tenant/" + name, {}, body};
    const HttpAnswer answer = guarded().call(token_with(accounts_home, create), request);
    CHECK(outcome(answer) == "403 Forbidden");
    CHECK(message(answer).find(" cannot create resource \"" + resource + "\"") != std::string::npos);
    CHECK_FALSE(cluster().exists(namespace_path(name)));
  };
  denied(R"({"tenantLimits": [{"type": "Pod", "max": {"cpu": "1"}}]})", "limitranges");
  denied(R"({"tenantIsolation": {}})", "networkpolicies");
  denied(R"({"tenantMembers": [{"clusterRole": "view"}]})", "rolebindings");
  CHECK(outcome(guarded().call(token_with(accounts_home, create), {"POST", "/api/v1/tenant/" + name, {}, "{}"})) ==
        "201");
  CHECK(cluster().exists(ns.path("limitranges", "walm-default-limitrange")));  // the service's own doing
}

TEST_CASE("delegated: writes, reads of secret values and attempts at them are in the audit log") {
  const Namespace ns(cluster());
  const std::string canary(kCanary);
  const Account account{ns.name(), "auditee"};
  accounts().make_account(account);
  for (const std::string verb : {"create", "get", "list", "patch"})
    accounts().grant(account, {.ns = ns.name(), .verb = verb, .resource = "secrets"});
  const std::string token = accounts().token_of(account, kAudience), all = "/api/v1/secret/" + ns.name();
  const auto audited = [&](const HttpRequest& request) {
    const auto line = guarded().audit_of(guarded().call(token, request));
    return line.is_null()
               ? "none"
               : text_at(line, "/verb") + " " + text_at(line, "/resource") + " " + text_at(line, "/namespace") + " " +
                     print(at(line, "/names")) + " " + text_at(line, "/decision") + " " + print(at(line, "/status")) +
                     " " + text_at(line, "/user/name");
  };
  const std::string by = " " + account.user(), in = " secrets " + ns.name() + " ";
  const std::string body = R"({"name": "s", "stringData": {"k": ")" + canary + R"("}})";
  CHECK(audited({"POST", all, {}, body}) == "create" + in + R"(["s"] allowed 201)" + by);
  CHECK(audited({"PATCH", all + "/name/s", {}, R"({"stringData": {"k": ")" + canary + R"(2"}})"}) ==
        "patch" + in + R"(["s"] allowed 200)" + by);
  CHECK(audited({.target = all + "/name/s"}) == "get" + in + R"(["s"] allowed 200)" + by);
  CHECK(audited({.target = all + "?values=true"}) == "list" + in + "[] allowed 200" + by);
  const HttpAnswer keys = guarded().get(token, all), claims = guarded().get(token, "/api/v1/pvc/" + ns.name());
  CHECK(audited({.method = "DELETE", .target = all + "/name/s"}) == "delete" + in + R"(["s"] denied 403)" + by);
  CHECK(audited({"PUT", all, {}, body}) == "update" + in + R"(["s"] denied 403)" + by);

  CHECK_FALSE(guarded().is_audited(keys));
  CHECK_FALSE(guarded().is_audited(claims));

  const HttpAnswer nobody = guarded().service().get(all + "/name/s");
  const auto line = guarded().audit_of(nobody);
  CHECK(text_at(line, "/decision") == "unauthenticated");
  CHECK(text_at(line, "/reason") == "Unauthorized");
  CHECK(text_at(line, "/user/name").empty());
  // And the caller's name is in the log.
  CHECK(guarded().service().process().wait_for_line(
      [&](std::string_view l) { return l.find("\"user\":\"" + account.user() + "\"") != std::string_view::npos; },
      std::chrono::seconds(10)));
}

TEST_CASE("delegated: no token and no secret value is in any line that was written for the cases above") {
  const std::string written = guarded().service().process().output() + guarded().audit();
  CHECK(written.find("\"level\":\"debug\"") != std::string::npos);
  for (const std::string& text : guarded().must_not_be_written()) CHECK(written.find(text) == std::string::npos);
  CHECK(canary_in(written).empty());
}

}  // namespace quartermaster::test
