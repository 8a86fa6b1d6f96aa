// What an update of a tenant does, and in which order; and what it does not touch.
#include "server/api/tenant_steps.hpp"

#include <catch2/catch.hpp>

#include "test/support/result.hpp"

namespace quartermaster::api {
namespace {

template <class T>
T from(const std::string& text, T (*read)(json::Value)) {
  const auto document = json::parse(text);
  REQUIRE(document);
  return read(document->root());
}

TenantBody body_of(const std::string& text) {
  const auto document = json::parse(text, json::kRequestBody);
  REQUIRE(document);
  const auto body = parse_tenant_body(document->root(), "demo", true);
  REQUIRE(body);
  return *body;
}

std::string meta(const std::string& name, bool ours) {
  return R"("metadata": {"name": ")" + name + R"(", "uid": "uid-of-)" + name + R"(")" +
         (ours ? R"(, "labels": {"app.kubernetes.io/managed-by": "quartermaster"}})" : "}");
}

model::ResourceQuota quota(const std::string& name, bool ours = true) {
  return from("{" + meta(name, ours) + R"(, "spec": {"hard": {"pods": "1"}}})", model::resource_quota_from);
}

model::RoleBinding binding(const std::string& name, const std::string& role, bool ours = true) {
  return from("{" + meta(name, ours) + R"(, "roleRef": {"kind": "ClusterRole", "name": ")" + role + R"("}})",
              model::role_binding_from);
}

/// "create resource quota q, delete role binding b"
std::string told(const TenantPlan& plan) {
  CHECK_FALSE(plan.obstacle);
  std::string all;
  for (const auto& step : plan.steps) {
    using enum model::ObjectChange::Action;
    const std::string action = step.action == create ? "create" : step.action == remove ? "delete" : "update";
    all += (all.empty() ? "" : ", ") + action + " " + name_of(step);
  }
  return all;
}

TEST_CASE("An update goes from the namespace to what is in it; what is deleted comes last") {
  const TenantContents contents{.quotas = {quota("q"), quota("old")},
                                .bindings = {binding("b", "edit"), binding("gone", "edit")}};
  const auto body = body_of(R"({"tenantLabels": {"a": "b"}, "tenantQuotas": [{"quotaName": "q"}, {"quotaName": "new"}],
      "tenantMembers": [{"bindingName": "b", "clusterRole": "edit"}, {"clusterRole": "view"}],
      "tenantIsolation": {}, "tenantLimits": [{"type": "Pod"}]})");
  CHECK(told(plan_of(body, {}, contents, true)) ==
        "update namespace , update resource quota q, create resource quota new, create limit range "
        "walm-default-limitrange, "
        "create network policy tenant-isolation, update role binding b, create role binding view, "
        "delete resource quota old, delete role binding gone");
}

TEST_CASE("Only what the body names is touched, and only what is ours is pruned") {
  const TenantContents contents{.quotas = {quota("ours"), quota("theirs", false)},
                                .bindings = {binding("ours", "edit"), binding("theirs", "edit", false)}};
  const auto [text, prune, expected] = GENERATE(table<std::string, bool, std::string>({
      {"{}", false, ""},
      {"{}", true, "delete resource quota ours"},
      {R"({"tenantMembers": []})", false, ""},
      {R"({"tenantMembers": []})", true, "delete resource quota ours, delete role binding ours"},
      {R"({"tenantQuotas": [{"quotaName": "theirs"}]})", false, "update resource quota theirs"},
      {R"({"tenantLimits": []})", true, "delete resource quota ours"},
      {R"({"tenantIsolation": {"enabled": false}})", false, ""},
  }));
  CAPTURE(text, prune);
  CHECK(told(plan_of(body_of(text), {}, contents, prune)) == expected);
}

TEST_CASE("What has a name that is wanted and is not ours stops the update") {
  TenantContents contents;
  contents.bindings = {binding("edit", "edit", false), binding("team", "view")};
  contents.limits = {from("{" + meta("walm-default-limitrange", false) + "}", model::limit_range_from)};
  contents.policies = {from("{" + meta("tenant-isolation", false) + "}", model::network_policy_from)};
  const auto [text, code, message] = GENERATE(table<std::string, ErrorCode, std::string>({
      {R"({"tenantMembers": [{"clusterRole": "edit"}]})", ErrorCode::conflict,
       "role binding edit exists and was not made"},
      {R"({"tenantMembers": [{"bindingName": "team", "clusterRole": "edit"}]})", ErrorCode::immutable,
       "role binding team is of ClusterRole view, which cannot be changed to edit"},
      {R"({"tenantLimits": []})", ErrorCode::conflict, "limit range walm-default-limitrange exists"},
      {R"({"tenantLimits": [{"type": "Pod"}]})", ErrorCode::conflict, "limit range walm-default-limitrange exists"},
      {R"({"tenantIsolation": {}})", ErrorCode::conflict, "network policy tenant-isolation exists"},
      {R"({"tenantIsolation": {"enabled": false}})", ErrorCode::conflict, "network policy tenant-isolation exists"},
  }));
  CAPTURE(text);
  const auto plan = plan_of(body_of(text), {}, contents, false);
  REQUIRE(plan.obstacle);
  CHECK(plan.obstacle->code == code);
  CHECK_THAT(plan.obstacle->message, Catch::StartsWith(message));
  CHECK(plan.steps.size() == 1);  // whose right is asked for before anything is said
}

TEST_CASE("A change of a binding holds for this very binding: one made anew may be of another role") {
  TenantContents contents;
  contents.bindings = {binding("edit", "edit")};
  const auto steps =
      plan_of(body_of(R"({"tenantMembers": [{"clusterRole": "edit", "users": ["jane"], "groups": ["devs"],
      "serviceAccounts": ["ci:deployer"]}]})"),
              {}, contents, false)
          .steps;
  REQUIRE(steps.size() == 1);
  CHECK(
      steps.at(0).body ==
      R"({"metadata":{"uid":"uid-of-edit"},"subjects":[{"kind":"User","name":"jane","apiGroup":"rbac.authorization.k8s.io"},)"
      R"({"kind":"Group","name":"devs","apiGroup":"rbac.authorization.k8s.io"},)"
      R"({"kind":"ServiceAccount","name":"deployer","namespace":"ci"}]})");
}

TEST_CASE("What is made is marked as ours") {
  const auto steps = plan_of(body_of(R"({"tenantMembers": [{"clusterRole": "edit"}], "tenantLimits": [{"type": "Pod",
      "max": {"cpu": "0.5"}}], "tenantIsolation": {"allowNamespaces": [{"labels": {"a": "b"}}]}})"),
                             {}, {}, false)
                         .steps;
  REQUIRE(steps.size() == 3);
  const std::string labels = R"("labels":{"app.kubernetes.io/managed-by":"quartermaster"})";
  CHECK(steps.at(0).body == R"({"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"walm-default-limitrange",)" +
                                labels + R"(},"spec":{"limits":[{"type":"Pod","max":{"cpu":"500m"}}]}})");
  CHECK(steps.at(1).body ==
        R"({"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"tenant-isolation",)" +
            labels +
            R"(},"spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{"from":[{"podSelector":{}},)"
            R"({"namespaceSelector":{"matchLabels":{"a":"b"}}}]}]}})");
  CHECK(
      steps.at(2).body ==
      R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"edit",)" + labels +
          R"(},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"},"subjects":[]})");
}

}  // namespace
}  // namespace quartermaster::api
