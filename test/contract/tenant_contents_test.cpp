// What a tenant may have beside quotas: limits, isolation, members; and how its deletion goes on.
#include "test/contract/accounts.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

constexpr const char* kRbac = "rbac.authorization.k8s.io";

/// A tenant's name, and its namespace's end.
struct Tenant {
  std::string name = unique_name("tenant");
  Namespace ns{cluster(), name};
  std::string target = "/api/v1/tenant/" + name;

  Tenant() = default;
  explicit Tenant(const std::string& body) {
    const HttpAnswer answer = service().post(target, body);
    INFO(answer.body);
    REQUIRE(answer.status == 201);
  }
  HttpAnswer put(const std::string& body, const std::string& query = "") const {
    return service().put(target + query, body);
  }
  bool has(const std::string& plural, const std::string& object) const {
    return cluster().exists(ns.path(plural, object));
  }
  json::value stored(const std::string& plural, const std::string& object) const {
    return cluster().get(ns.path(plural, object));
  }
};

constexpr const char* kLimits = "walm-default-limitrange";
constexpr const char* kPolicy = "tenant-isolation";

/// From now on the service may bind this cluster role, as with the chart's tenants.memberRoles.
void let_service_bind(const std::string& role) {
  dynamic_cast<Accounts&>(cluster()).grant({"default", "quartermaster"},
                                           {.verb = "bind", .group = kRbac, .resource = "clusterroles", .name = role});
}

std::string message(const HttpAnswer& answer) { return text_at(answer.json(), "/errMessage"); }

/// "User jane Group devs ServiceAccount ci:deployer"
std::string subjects_of(const json::value& binding) {
  std::string all;
  const json::value* subjects = find(binding, "/subjects");
  if (subjects == nullptr || subjects->is_null()) return all;
  for (const json::value& subject : subjects->as_array()) {
    const json::value* ns = find(subject, "/namespace");
    all += (all.empty() ? "" : " ") + text_at(subject, "/kind") + " " +
           (ns == nullptr ? "" : std::string(ns->as_string()) + ":") + text_at(subject, "/name");
  }
  return all;
}

}  // namespace

TEST_CASE("a tenant's limits take the place of the default ones, and can be changed and taken away") {
  const Tenant t{R"({"tenantLimits": [{"type": "Container", "default": {"cpu": "0.2"}, "max": {"cpu": "2"}},
                                      {"type": "PersistentVolumeClaim", "max": {"storage": "10Gi"}}]})"};
  const json::value made = t.stored("limitranges", kLimits);
  CHECK(at(made, "/spec/limits/0/default") == parse_json(R"({"cpu": "200m"})"));
  CHECK(at(made, "/spec/limits/1/max") == parse_json(R"({"storage": "10Gi"})"));

  CHECK(t.put("{}", "?prune=true").status == 200);  // what is not named stays
  CHECK(t.has("limitranges", kLimits));
  const std::string body = R"({"tenantLimits": [{"type": "Container", "default": {"cpu": "1"},
      "defaultRequest": {"cpu": "0.5"}, "min": {"cpu": "0.1"}, "max": {"cpu": "2"}, "maxLimitRequestRatio": {"cpu": "4"}}]})";
  const HttpAnswer tried = t.put(body, "?dryRun=true");
  REQUIRE(tried.status == 200);
  const HttpAnswer done = t.put(body);
  REQUIRE(done.status == 200);
  CHECK(at(done.json(), "/changes") == at(tried.json(), "/changes"));
  CHECK(at(done.json(), "/changes/0/kind") == json::value("LimitRange"));
  CHECK(at(done.json(), "/changes/0/action") == json::value("update"));
  CHECK_THAT(print(at(done.json(), "/changes/0/fields")),
             Catch::Contains(R"({"field":"spec.limits[Container].default[cpu]","old":"200m","new":"1"})"));
  const json::value changed = t.stored("limitranges", kLimits);
  CHECK(at(changed, "/metadata/uid") == at(made, "/metadata/uid"));
  CHECK(at(changed, "/spec/limits").as_array().size() == 1);
  CHECK(at(changed, "/spec/limits/0/maxLimitRequestRatio") == parse_json(R"({"cpu": "4"})"));
  CHECK(at(t.put(body).json(), "/changes/0/action") == json::value("none"));

  CHECK(t.put(R"({"tenantLimits": []})").status == 200);
  CHECK_FALSE(t.has("limitranges", kLimits));
  const HttpAnswer again = t.put(R"({"tenantLimits": []})");
  CHECK(at(again.json(), "/changes") == json::value(json::array{}));
  const Tenant none{R"({"tenantLimits": []})"};
  CHECK_FALSE(none.has("limitranges", kLimits));
}

TEST_CASE("what the API server does not take is found out before anything of a tenant is changed") {
  const Tenant t{R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "1"}}]})"};
  const HttpAnswer answer = t.put(R"({"tenantLabels": {"touched": "yes"},
      "tenantQuotas": [{"quotaName": "q", "hard": {"pods": "2"}}, {"quotaName": "new", "hard": {"pods": "2"}}],
      "tenantLimits": [{"type": "Container", "min": {"cpu": "2"}, "max": {"cpu": "1"}}], "tenantIsolation": {}})");
  CHECK(outcome(answer) == "422 Invalid");
  CHECK_THAT(message(answer), Catch::StartsWith("updating limit range walm-default-limitrange: ") &&
                                  Catch::EndsWith("; nothing was changed"));
  CHECK(find(cluster().get(namespace_path(t.name)), "/metadata/labels/touched") == nullptr);
  CHECK(at(t.stored("resourcequotas", "q"), "/spec/hard/pods") == json::value("1"));
  CHECK_FALSE(t.has("resourcequotas", "new"));
  CHECK_FALSE(t.has("networkpolicies", kPolicy));
}

TEST_CASE("a tenant can be isolated from the traffic of others") {
  const Tenant t{R"({"tenantIsolation": {"allowNamespaces": [{"labels": {"team": "ingress"}}]}})"};
  const json::value made = t.stored("networkpolicies", kPolicy);
  CHECK(at(made, "/spec/podSelector") == json::value(json::object{}));
  CHECK(at(made, "/spec/policyTypes") == parse_json(R"(["Ingress"])"));
  CHECK(at(made, "/spec/ingress/0/from") ==
        parse_json(R"([{"podSelector": {}}, {"namespaceSelector": {"matchLabels": {"team": "ingress"}}}])"));

  // Somebody has made it narrower: it is made as it should be.
  cluster().patch(t.ns.path("networkpolicies", kPolicy),
                  {{"spec", {{"podSelector", {{"matchLabels", {{"a", "b"}}}}}}}});
  const HttpAnswer mended = t.put(R"({"tenantIsolation": {}})");
  REQUIRE(mended.status == 200);
  CHECK_THAT(print(at(mended.json(), "/changes/0/fields")), Catch::Contains("spec.podSelector"));
  const json::value changed = t.stored("networkpolicies", kPolicy);
  CHECK(at(changed, "/spec/podSelector") == json::value(json::object{}));
  CHECK(at(changed, "/spec/ingress/0/from") == parse_json(R"([{"podSelector": {}}])"));

  CHECK(t.put("{}", "?prune=true").status == 200);
  CHECK(t.has("networkpolicies", kPolicy));
  const HttpAnswer off = t.put(R"({"tenantIsolation": {"enabled": false}})");
  CHECK(at(off.json(), "/changes/0/action") == json::value("delete"));
  CHECK_FALSE(t.has("networkpolicies", kPolicy));
}

TEST_CASE("members of a tenant are role bindings, made, changed and pruned") {
  let_service_bind("view");
  const Tenant t{R"({"tenantMembers": [{"clusterRole": "view", "users": ["jane"], "groups": ["devs"],
                                        "serviceAccounts": ["ci:deployer"]},
                                       {"bindingName": "guests", "clusterRole": "view", "groups": ["guests"]}]})"};
  const json::value made = t.stored("rolebindings", "view");
  CHECK(at(made, "/roleRef") ==
        parse_json(R"({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"})"));
  CHECK(subjects_of(made) == "User jane Group devs ServiceAccount ci:deployer");
  t.ns.create("rolebindings", {{"metadata", {{"name", "of-somebody-else"}}},
                               {"roleRef", {{"apiGroup", kRbac}, {"kind", "ClusterRole"}, {"name", "view"}}}});

  const std::string body = R"({"tenantMembers": [{"clusterRole": "view", "users": ["jane", "joe"]},
                                                 {"bindingName": "new", "clusterRole": "view"}]})";
  const HttpAnswer tried = t.put(body, "?dryRun=true&prune=true");
  INFO(tried.body);
  REQUIRE(tried.status == 200);
  CHECK(at(tried.json(), "/changes") == parse_json(R"([
      {"kind": "RoleBinding", "name": "view", "action": "update", "fields": [
        {"field": "subjects[Group devs]", "old": "Group devs", "new": ""},
        {"field": "subjects[ServiceAccount ci:deployer]", "old": "ServiceAccount ci:deployer", "new": ""},
        {"field": "subjects[User joe]", "old": "", "new": "User joe"}]},
      {"kind": "RoleBinding", "name": "new", "action": "create", "fields": [
        {"field": "roleRef", "old": "", "new": "ClusterRole view"}]},
      {"kind": "RoleBinding", "name": "guests", "action": "delete", "fields": [
        {"field": "roleRef", "old": "ClusterRole view", "new": ""},
        {"field": "subjects[Group guests]", "old": "Group guests", "new": ""}]}])"));
  CHECK(subjects_of(t.stored("rolebindings", "view")) == "User jane Group devs ServiceAccount ci:deployer");

  CHECK(at(t.put(body).json(), "/changes").as_array().size() == 2);
  CHECK(t.has("rolebindings", "guests"));  // not pruned
  CHECK(t.put("{}", "?prune=true").status == 200);
  CHECK(t.has("rolebindings", "guests"));  // members are not named
  CHECK(t.put(body, "?prune=true").status == 200);
  CHECK_FALSE(t.has("rolebindings", "guests"));
  CHECK(subjects_of(t.stored("rolebindings", "view")) == "User jane User joe");
  CHECK(t.put(R"({"tenantMembers": []})", "?prune=true").status == 200);
  CHECK_FALSE(t.has("rolebindings", "view"));
  CHECK(t.has("rolebindings", "of-somebody-else"));
}

TEST_CASE("what is not this service's is not touched: 409, and nothing is changed") {
  let_service_bind("view");
  const Tenant t{R"({"tenantLimits": []})"};
  t.ns.create("rolebindings", {{"metadata", {{"name", "theirs"}}},
                               {"roleRef", {{"apiGroup", kRbac}, {"kind", "ClusterRole"}, {"name", "view"}}}});
  t.ns.create("limitranges", {{"metadata", {{"name", kLimits}}},
                              {"spec", {{"limits", parse_json(R"([{"type": "Container", "max": {"cpu": "1"}}])")}}}});
  t.ns.create("networkpolicies", {{"metadata", {{"name", kPolicy}}}, {"spec", {{"podSelector", json::object{}}}}});
  for (const std::string fields :
       {R"("tenantMembers": [{"bindingName": "theirs", "clusterRole": "view", "users": ["jane"]}])",
        R"("tenantLimits": [{"type": "Container", "max": {"cpu": "2"}}])", R"("tenantLimits": [])",
        R"("tenantIsolation": {})", R"("tenantIsolation": {"enabled": false})"}) {
    INFO(fields);
    const HttpAnswer answer = t.put(R"({"tenantLabels": {"touched": "yes"}, )" + fields + "}");
    CHECK(outcome(answer) == "409 Conflict");
    CHECK_THAT(message(answer), Catch::Contains("was not made by this service"));
  }
  CHECK(subjects_of(t.stored("rolebindings", "theirs")).empty());
  CHECK(at(t.stored("limitranges", kLimits), "/spec/limits/0/max/cpu") == json::value("1"));
  CHECK(find(cluster().get(namespace_path(t.name)), "/metadata/labels/touched") == nullptr);
}

TEST_CASE("the cluster role of a binding cannot be changed: 409 Immutable") {
  let_service_bind("view");
  const Tenant t{R"({"tenantMembers": [{"bindingName": "team", "clusterRole": "view", "users": ["jane"]}]})"};
  const HttpAnswer answer =
      t.put(R"({"tenantMembers": [{"bindingName": "team", "clusterRole": "edit", "users": ["joe"]}]})");
  CHECK(outcome(answer) == "409 Immutable");
  CHECK_THAT(message(answer), Catch::Contains("ClusterRole view") && Catch::Contains("edit"));
  CHECK(subjects_of(t.stored("rolebindings", "team")) == "User jane");
}

TEST_CASE("a cluster role that the service may not bind is 403 that says what is missing") {
  // One whose rules are its own: those of view, edit and admin are another controller's doing.
  const std::string role = "system:node-problem-detector";
  const std::string members =
      R"("tenantMembers": [{"bindingName": "team", "clusterRole": ")" + role + R"(", "users": ["jane"]}])";
  const Tenant t{"{}"};
  const HttpAnswer answer = t.put(R"({"tenantLabels": {"touched": "yes"}, )" + members + "}");
  CHECK(outcome(answer) == "403 Forbidden");
  CHECK_THAT(message(answer), Catch::StartsWith("creating role binding team: "));
  CHECK_THAT(message(answer), Catch::Contains("attempting to grant RBAC permissions not currently held"));
  CHECK_THAT(message(answer), Catch::Contains("tenants.memberRoles"));
  CHECK_THAT(message(answer), Catch::EndsWith("; nothing was changed"));
  CHECK(find(cluster().get(namespace_path(t.name)), "/metadata/labels/touched") == nullptr);
  CHECK_FALSE(t.has("rolebindings", "team"));
  CHECK(outcome(t.put("{" + members + "}", "?dryRun=true")) == "403 Forbidden");

  // A new tenant is not half made.
  const Tenant absent;
  const HttpAnswer refused = service().post(absent.target, "{" + members + "}");
  CHECK(outcome(refused) == "403 Forbidden");
  CHECK_THAT(message(refused), Catch::EndsWith("; what this request had made was deleted again"));
  const HttpAnswer left = cluster().raw("GET", namespace_path(absent.name));
  CHECK((left.status == 404 || text_at(left.json(), "/status/phase") == "Terminating"));

  let_service_bind(role);
  CHECK(outcome(t.put("{" + members + "}")) == "200");
  CHECK(subjects_of(t.stored("rolebindings", "team")) == "User jane");
}

TEST_CASE("bad limits, isolation and members of a tenant are refused before anything is made") {
  struct Row {
    const char* body;
    const char* outcome;
    const char* place;
  };
  const std::vector<Row> rows = {
      {R"({"tenantLimits": [{"type": "Node"}]})", "422 Invalid", "tenantLimits[0].type"},
      {R"({"tenantLimits": [{"max": {"cpu": "1"}}]})", "400 BadRequest", "tenantLimits[0].type"},
      {R"({"tenantLimits": [{"type": "Pod"}, {"type": "Pod"}]})", "422 Invalid", "tenantLimits[1].type"},
      {R"({"tenantLimits": [{"type": "Pod", "max": {"cpu": "-1"}}]})", "422 Invalid", "tenantLimits[0].max.cpu"},
      {R"({"tenantIsolation": {"allowNamespaces": [{"labels": {}}]}})", "422 Invalid",
       "tenantIsolation.allowNamespaces[0].labels"},
      {R"({"tenantIsolation": {"allowNamespaces": [{}]}})", "400 BadRequest",
       "tenantIsolation.allowNamespaces[0].labels"},
      {R"({"tenantMembers": [{"users": ["jane"]}]})", "400 BadRequest", "tenantMembers[0].clusterRole"},
      {R"({"tenantMembers": [{"clusterRole": "a/b", "bindingName": "x"}]})", "422 Invalid",
       "tenantMembers[0].clusterRole"},
      {R"({"tenantMembers": [{"clusterRole": "system:x"}]})", "400 BadRequest", "tenantMembers[0].bindingName"},
      {R"({"tenantMembers": [{"clusterRole": "a", "users": [""]}]})", "422 Invalid", "tenantMembers[0].users[0]"},
      {R"({"tenantMembers": [{"clusterRole": "a", "serviceAccounts": ["deployer"]}]})", "422 Invalid",
       "tenantMembers[0].serviceAccounts[0]"},
      {R"({"tenantMembers": [{"clusterRole": "a"}, {"bindingName": "a", "clusterRole": "b"}]})", "422 Invalid",
       "tenantMembers[1].bindingName"},
  };
  const Tenant absent;
  check_stays_local([&] {
    for (const Row& row : rows) {
      INFO(row.body);
      const HttpAnswer answer = service().post(absent.target, row.body);
      CHECK(outcome(answer) == row.outcome);
      CHECK_THAT(message(answer), Catch::Contains(row.place));
    }
  });
}

TEST_CASE("the deletion of a tenant tells what is left and which finalizer holds it") {
  NEEDS_CONTROLLERS();
  const Tenant t{"{}"};
  t.ns.create("secrets", {{"metadata", {{"name", "held"}, {"finalizers", {"example.com/hold"}}}}});
  cluster().patch(namespace_path(t.name), {{"metadata", {{"finalizers", {"example.com/last"}}}}});
  const HttpAnswer first = service().del(t.target);
  REQUIRE(first.status == 202);
  CHECK(at(first.json(), "/deletion/namespaceFinalizers") == parse_json(R"(["example.com/last", "kubernetes"])"));

  const auto deletion = [&] { return at(service().get(t.target).json(), "/deletion"); };
  const json::value held = parse_json(R"([{"finalizer": "example.com/hold", "count": 1}])");
  CHECK(poll_until([&] { return at(deletion(), "/finalizers") == held; }, std::chrono::seconds(30)));
  CHECK(at(deletion(), "/remaining") == parse_json(R"([{"resource": "secrets", "count": 1}])"));
  const HttpAnswer again = service().del(t.target);
  CHECK(again.status == 202);
  CHECK(at(again.json(), "/deletion/finalizers") == held);

  cluster().patch(t.ns.path("secrets", "held"), {{"metadata", {{"finalizers", nullptr}}}});
  const json::value last = parse_json(R"(["example.com/last"])");
  CHECK(poll_until([&] { return at(deletion(), "/namespaceFinalizers") == last; }, std::chrono::seconds(30)));
  cluster().patch(namespace_path(t.name), {{"metadata", {{"finalizers", nullptr}}}});
  CHECK(poll_until([&] { return service().get(t.target).status == 404; }, std::chrono::seconds(30)));
}

}  // namespace quartermaster::test
