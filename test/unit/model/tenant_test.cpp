// Tenants: the DTO of a namespace and its quotas, and the bodies that make and change a tenant.
#include "model/tenant.hpp"

#include "model/limit_range.hpp"
#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

std::string dto(std::string_view raw_namespace, const std::vector<std::string>& raw_quotas) {
  std::vector<ResourceQuota> quotas;
  for (const std::string& raw : raw_quotas) quotas.push_back(from_json(raw, resource_quota_from));
  const Namespace ns = from_json(raw_namespace, namespace_from);
  return written([&](json::Writer& w) { write_tenant(w, ns, quotas); });
}

std::string quota_dto(const std::string& hard) {
  return dto("{}", {R"({"metadata": {"name": "q"}, "spec": {"hard": )" + hard + "}}"});
}

TEST_CASE("A tenant's DTO") {
  CHECK(
      dto(R"({"metadata": {"name": "acme", "creationTimestamp": "2019-07-05T04:17:59Z",
                 "labels": {"multi-tenant": "tenant-tiller-acme"}, "annotations": {"owner": "ann"}},
                "status": {"phase": "Active"}})",
          {R"({"metadata": {"name": "z"}, "spec": {"hard": {"pods": "20"}}, "status": {"hard": {"pods": "10"}}})",
           R"({"metadata": {"name": "a"}, "spec": {"hard": {"limits.cpu": "1500m", "limits.memory": "8Gi",
                 "requests.cpu": "2", "requests.memory": "1000M", "requests.storage": "1536Mi", "pods": "100000",
                 "count/secrets": "5"}},
                 "status": {"used": {"limits.cpu": "0", "limits.memory": "512Mi", "requests.storage": "1Gi"}}})"}) ==
      R"({"tenantName":"acme","tenantCreationTime":"2019-07-05T04:17:59Z",)"
      R"("tenantLabels":{"multi-tenant":"tenant-tiller-acme"},"tenantAnnotations":{"owner":"ann"},)"
      R"("tenantStatus":"Active","tenantQuotas":[)"
      R"({"quotaName":"a","hard":{"limitCpu":"1500m","limitMemory":"8Gi","requestsCpu":"2","requestsMemory":"1G",)"
      R"("requestsStorage":"1536Mi","pods":"100k"},)"
      R"("used":{"limitCpu":"0","limitMemory":"512Mi","requestsCpu":"","requestsMemory":"","requestsStorage":"1Gi",)"
      R"("pods":""}},)"
      R"({"quotaName":"z","hard":{"limitCpu":"","limitMemory":"","requestsCpu":"","requestsMemory":"",)"
      R"("requestsStorage":"","pods":"20"},)"
      R"("used":{"limitCpu":"","limitMemory":"","requestsCpu":"","requestsMemory":"","requestsStorage":"","pods":""}}],)"
      R"("multiTenant":true,"ready":true,"unifyUnitTenantQuotas":[)"
      R"({"quotaName":"a","hard":{"limitCpu":1.5,"limitMemory":8192,"requestsCpu":2,"requestsMemory":953.67431640625,)"
      R"("requestsStorage":1.5,"pods":100000},)"
      R"("used":{"limitCpu":0,"limitMemory":512,"requestsCpu":0,"requestsMemory":0,"requestsStorage":1,"pods":0}},)"
      R"({"quotaName":"z","hard":{"limitCpu":0,"limitMemory":0,"requestsCpu":0,"requestsMemory":0,)"
      R"("requestsStorage":0,"pods":20},)"
      R"("used":{"limitCpu":0,"limitMemory":0,"requestsCpu":0,"requestsMemory":0,"requestsStorage":0,"pods":0}}],)"
      R"("conditions":[],"state":{"status":"Active","reason":"","message":""}})");
}

TEST_CASE("An empty namespace's DTO has every field") {
  const auto raw = GENERATE("{}", "null", R"({"metadata": {"labels": []}, "status": {"phase": 7, "conditions": "x"}})");
  CHECK(dto(raw, {}) == R"({"tenantName":"","tenantCreationTime":"","tenantLabels":{},"tenantAnnotations":{},)"
                        R"("tenantStatus":"","tenantQuotas":[],"multiTenant":false,"ready":false,)"
                        R"("unifyUnitTenantQuotas":[],"conditions":[],)"
                        R"("state":{"status":"","reason":"","message":""}})");
}

TEST_CASE("A Terminating tenant says what holds it up") {
  const std::string tenant = dto(R"({"status": {"phase": "Terminating", "conditions": [
      {"type": "NamespaceDeletionContentFailure", "status": "False", "reason": "ContentDeleted", "message": "All gone"},
      {"type": "NamespaceContentRemaining", "status": "True", "reason": "SomeResourcesRemain", "message": "1 claim"},
      {"type": "NamespaceFinalizersRemaining", "status": "True", "reason": "SomeFinalizersRemain", "message": "f"}]}})",
                                 {});
  CHECK_THAT(tenant, Catch::Contains(R"("ready":false)"));
  CHECK_THAT(
      tenant,
      Catch::EndsWith(
          R"("conditions":[)"
          R"({"type":"NamespaceContentRemaining","status":"True","reason":"SomeResourcesRemain","message":"1 claim"},)"
          R"({"type":"NamespaceFinalizersRemaining","status":"True","reason":"SomeFinalizersRemain","message":"f"}],)"
          R"("deletion":{"remaining":[],"finalizers":[],"namespaceFinalizers":[]},)"
          R"("state":{"status":"Terminating","reason":"SomeResourcesRemain","message":"1 claim"}})"));
}

TEST_CASE("Conditions of an Active tenant hold nothing up") {
  CHECK_THAT(
      dto(R"({"status": {"phase": "Active", "conditions": [{"type": "T", "status": "True", "reason": "R"}]}})", {}),
      Catch::EndsWith(R"("conditions":[],"state":{"status":"Active","reason":"","message":""}})"));
}

TEST_CASE("A quota's older resource names are read where the newer ones are missing") {
  CHECK_THAT(quota_dto(R"({"cpu": "1", "memory": "1Gi"})"),
             Catch::Contains(R"("requestsCpu":"1","requestsMemory":"1Gi")"));
  CHECK_THAT(quota_dto(R"({"cpu": "1", "requests.cpu": "2"})"), Catch::Contains(R"("requestsCpu":"2")"));
}

TEST_CASE("A quantity that does not parse is shown as it is, and counts as 0") {
  const std::string tenant = quota_dto(R"({"limits.cpu": "lots", "limits.memory": 5, "pods": "-"})");
  CHECK_THAT(tenant, Catch::Contains(R"("hard":{"limitCpu":"lots","limitMemory":"","requestsCpu":"",)"));
  CHECK_THAT(tenant, Catch::Contains(R"("hard":{"limitCpu":0,"limitMemory":0,"requestsCpu":0,)"));
}

TEST_CASE("Reserved namespaces are never tenants") {
  const auto [name, expected] = GENERATE(table<std::string, bool>({
      {"kube-system", true},
      {"kube-anything", true},
      {"default", true},
      {"quartermaster", true},
      {"kube", false},
      {"my-kube-system", false},
      {"default-2", false},
  }));
  CHECK(is_reserved_namespace(name, "quartermaster") == expected);
}

TEST_CASE("A tenant is known by its label, whatever the value") {
  CHECK(tenant_label_value("acme") == "tenant-tiller-acme");
  CHECK(is_tenant(from_json(R"({"metadata": {"labels": {"multi-tenant": ""}}})", namespace_from)));
  CHECK_FALSE(is_tenant(from_json(R"({"metadata": {"labels": {"multi": "tenant"}}})", namespace_from)));
}

TEST_CASE("A namespace's bodies") {
  CHECK(
      written([](json::Writer& w) {
        write_namespace_manifest(w, "acme", {{"a", "1"}}, {{"b", "2"}});
      }) ==
      R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"acme","labels":{"a":"1"},"annotations":{"b":"2"}}})");
  const Namespace ns = from_json(R"({"metadata": {"uid": "u1", "resourceVersion": "42"}})", namespace_from);
  CHECK(written([&](json::Writer& w) {
          write_patch(w, ns, {.labels = {{"a", "2"}, {"gone", std::nullopt}}, .annotations = {{"b", ""}}});
        }) == R"({"metadata":{"uid":"u1","labels":{"a":"2","gone":null},"annotations":{"b":""}}})");
  CHECK(written([&](json::Writer& w) { write_patch(w, ns, MetadataPatch{}); }) == R"({"metadata":{"uid":"u1"}})");
}

TEST_CASE("A resource quota's manifest is labelled as ours") {
  CHECK(written([](json::Writer& w) {
          write_manifest(w, ResourceQuotaSpec{.name = "q", .hard = {{"pods", "20"}, {"limits.cpu", "4"}}});
        }) == R"({"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q",)"
              R"("labels":{"app.kubernetes.io/managed-by":"quartermaster"}},)"
              R"("spec":{"hard":{"limits.cpu":"4","pods":"20"}}})");
}

TEST_CASE("A resource quota's patch sets what is named, under the name that the quota has for it") {
  const auto [current, expected] = GENERATE(table<std::string, std::string>({
      {R"({})", R"({"pods":"7","requests.cpu":"3"})"},
      {R"({"cpu": "1"})", R"({"cpu":"3","pods":"7"})"},
      {R"({"cpu": "1", "requests.cpu": "2"})", R"({"pods":"7","requests.cpu":"3"})"},
  }));
  const ResourceQuota quota =
      from_json(R"({"metadata": {"uid": "u1"}, "spec": {"hard": )" + current + "}}", resource_quota_from);
  CHECK(written([&](json::Writer& w) {
          write_patch(w, quota, {{"requests.cpu", "3"}, {"pods", "7"}});
        }) == R"({"metadata":{"uid":"u1"},"spec":{"hard":)" + expected + "}}");
}

TEST_CASE("A limit range's manifest has the limits that are on") {
  const auto [cpu, memory, expected] = GENERATE(table<std::string, std::string, std::string>({
      {"100m", "128Mi", R"({"cpu":"100m","memory":"128Mi"})"},
      {"", "128Mi", R"({"memory":"128Mi"})"},
      {"0.1", "", R"({"cpu":"100m"})"},
  }));
  const auto spec = default_limits(cpu, memory);
  CHECK(written([&](json::Writer& w) { write_manifest(w, spec); }) ==
        R"({"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"walm-default-limitrange",)"
        R"("labels":{"app.kubernetes.io/managed-by":"quartermaster"}},)"
        R"("spec":{"limits":[{"type":"Container","default":)" +
            expected + "}]}}");
}

TEST_CASE("How far a deletion is, is read from the conditions") {
  const auto progress = [](const std::string& content, const std::string& finalizers) {
    return deletion_progress(from_json(
        R"({"metadata": {"finalizers": ["example.com/own"]}, "spec": {"finalizers": ["kubernetes"]}, "status": {
            "phase": "Terminating", "conditions": [
              {"type": "NamespaceDeletionContentFailure", "status": "False", "message": "x: a has 1 resource instances"},
              {"type": "NamespaceContentRemaining", "status": "True", "message": ")" +
            content + R"("}, {"type": "NamespaceFinalizersRemaining", "status": "True", "message": ")" + finalizers +
            R"("}]}})",
        namespace_from));
  };
  const auto told = progress(
      "Some resources are remaining: configmaps. has 12 resource instances, deployments.apps has 1 resource instances",
      "Some content in the namespace has finalizers remaining: example.com/a has in it in 3 resource instances");
  CHECK(told.resources == std::vector<Remaining>{{"configmaps", 12}, {"deployments.apps", 1}});
  CHECK(told.finalizers == std::vector<Remaining>{{"example.com/a has in it", 3}});
  CHECK(told.own_finalizers == std::vector<std::string>{"example.com/own", "kubernetes"});
  for (const std::string odd : {"", ": ", ": , , ", "Some: x has", "Some: x has many", "All content removed"}) {
    CAPTURE(odd);
    CHECK(progress(odd, odd).resources.empty());
    CHECK(progress(odd, odd).finalizers.empty());
  }
  CHECK_THAT(written([&](json::Writer& w) { write(w, told); }),
             Catch::StartsWith(R"({"remaining":[{"resource":"configmaps","count":12},)"));
}

TEST_CASE("A limit range is read") {
  const LimitRange range = from_json(R"({"metadata": {"name": "l"}, "spec": {"limits": [
      {"type": "Pod", "max": {"cpu": "9"}}, null,
      {"type": "Container", "default": {"cpu": "100m"}, "max": {"cpu": "1"}, "maxLimitRequestRatio": {"cpu": "2"},
       "defaultRequest": {"cpu": "0.05"}, "min": {"cpu": "10m", "memory": "no quantity"}}]}})",
                                     limit_range_from);
  CHECK(range.meta.name == "l");
  REQUIRE(range.limits.size() == 3);
  CHECK(range.limits[0].type == "Pod");
  CHECK(range.limits[0].max.at("cpu").to_string() == "9");
  CHECK(range.limits[1].type.empty());
  const auto& containers = range.limits[2];
  CHECK(containers.default_limit.at("cpu").to_string() == "100m");
  CHECK(containers.default_request.at("cpu").to_string() == "50m");
  CHECK(containers.max_ratio.at("cpu").to_string() == "2");
  CHECK(containers.min.size() == 1);
  CHECK(from_json("{}", limit_range_from).limits.empty());
}

}  // namespace
}  // namespace quartermaster::model
