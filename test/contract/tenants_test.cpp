// Tenants: namespaces with a label, quotas and a limit range.
#include <algorithm>

#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

/// A tenant's name, and its namespace's end.
struct Tenant {
  std::string name = unique_name("tenant");
  Namespace ns{cluster(), name};
  std::string target = "/api/v1/tenant/" + name;

  Tenant() = default;
  explicit Tenant(const std::string& body) {
    INFO(body);
    REQUIRE(service().post(target, body).status == 201);
  }
  json::value read() const {
    const HttpAnswer answer = service().get(target);
    REQUIRE(answer.status == 200);
    return answer.json();
  }
  json::value stored() const { return cluster().get(namespace_path(name)); }
  json::value quota(const std::string& quota_name) const {
    return cluster().get(ns.path("resourcequotas", quota_name));
  }
};

constexpr const char* kFullQuota = R"({"tenantLabels": {"team": "blue"}, "tenantAnnotations": {"note": "x"},
    "tenantQuotas": [{"quotaName": "q", "hard": {"limitCpu": "4", "limitMemory": "8Gi", "requestsCpu": "2",
      "requestsMemory": "4Gi", "requestsStorage": "100Gi", "pods": "20"}}]})";

const json::value kEmptyQuantities = parse_json(
    R"({"limitCpu": "", "limitMemory": "", "requestsCpu": "", "requestsMemory": "", "requestsStorage": "", "pods": ""})");

std::vector<std::string> names_in(const json::value& list) {
  std::vector<std::string> names;
  for (const json::value& item : at(list, "/items").as_array()) names.push_back(text_at(item, "/tenantName"));
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("a tenant is made of a namespace, its quotas and a limit range: 201 with the object") {
  const Tenant t;
  const HttpAnswer answer = service().post(t.target, kFullQuota);
  REQUIRE(answer.status == 201);
  CHECK(text_at(answer.json(), "/tenantName") == t.name);

  CHECK(at(t.stored(), "/metadata/labels/team") == json::value("blue"));
  CHECK(at(t.stored(), "/metadata/labels/multi-tenant") == json::value("tenant-tiller-" + t.name));
  CHECK(at(t.stored(), "/metadata/annotations/note") == json::value("x"));
  CHECK(at(t.quota("q"), "/spec/hard") == parse_json(R"({"limits.cpu": "4", "limits.memory": "8Gi", "requests.cpu": "2",
      "requests.memory": "4Gi", "requests.storage": "100Gi", "pods": "20"})"));
  const json::value limits = cluster().get(t.ns.path("limitranges", "walm-default-limitrange"));
  CHECK(text_at(limits, "/spec/limits/0/type") == "Container");
  CHECK(at(limits, "/spec/limits/0/default") == parse_json(R"({"cpu": "100m", "memory": "128Mi"})"));
}

TEST_CASE("a tenant shows all its fields") {
  const Tenant t{kFullQuota};
  const json::value body = t.read();
  CHECK(text_at(body, "/tenantName") == t.name);
  CHECK(text_at(body, "/tenantCreationTime") == text_at(t.stored(), "/metadata/creationTimestamp"));
  CHECK(at(body, "/tenantLabels/team") == json::value("blue"));
  CHECK(at(body, "/tenantAnnotations") == parse_json(R"({"note": "x"})"));
  CHECK(text_at(body, "/tenantStatus") == "Active");
  CHECK(at(body, "/multiTenant") == json::value(true));
  CHECK(at(body, "/ready") == json::value(true));
  CHECK(text_at(body, "/tenantQuotas/0/quotaName") == "q");
  CHECK(at(body, "/tenantQuotas/0/hard") == parse_json(R"({"limitCpu": "4", "limitMemory": "8Gi", "requestsCpu": "2",
      "requestsMemory": "4Gi", "requestsStorage": "100Gi", "pods": "20"})"));
  CHECK(text_at(body, "/unifyUnitTenantQuotas/0/quotaName") == "q");
  CHECK(at(body, "/unifyUnitTenantQuotas/0/hard/limitCpu").to_number<double>() == 4);
  CHECK(at(body, "/unifyUnitTenantQuotas/0/hard/limitMemory").to_number<double>() == 8192);
  CHECK(at(body, "/unifyUnitTenantQuotas/0/hard/requestsCpu").to_number<double>() == 2);
  CHECK(at(body, "/unifyUnitTenantQuotas/0/hard/requestsMemory").to_number<double>() == 4096);
  CHECK(at(body, "/unifyUnitTenantQuotas/0/hard/requestsStorage").to_number<double>() == 100);
  CHECK(at(body, "/unifyUnitTenantQuotas/0/hard/pods").to_number<double>() == 20);
  CHECK(at(body, "/unifyUnitTenantQuotas/0/used/pods").to_number<double>() == 0);

  const json::value list = service().get("/api/v1/tenant?labelselector=multi-tenant%3Dtenant-tiller-" + t.name).json();
  CHECK(at(list, "/num") == json::value(1));
  // What is used may be counted between the two reads.
  CHECK(text_at(list, "/items/0/tenantName") == t.name);
  CHECK(at(list, "/items/0/tenantQuotas/0/hard") == at(body, "/tenantQuotas/0/hard"));
}

TEST_CASE("quantities are shown as Kubernetes prints them, and as numbers in one unit") {
  const Tenant t{R"({"tenantQuotas": [{"quotaName": "q", "hard": {"limitCpu": "0.5", "limitMemory": "1024Mi",
      "requestsCpu": "1500m", "requestsMemory": "1e9", "requestsStorage": "512Mi", "pods": "1k"}}]})"};
  const json::value body = t.read();
  CHECK(at(body, "/tenantQuotas/0/hard") == parse_json(R"({"limitCpu": "500m", "limitMemory": "1Gi",
      "requestsCpu": "1500m", "requestsMemory": "1e9", "requestsStorage": "512Mi", "pods": "1k"})"));
  const json::value unified = at(body, "/unifyUnitTenantQuotas/0/hard");
  CHECK(at(unified, "/limitCpu").to_number<double>() == Approx(0.5));
  CHECK(at(unified, "/limitMemory").to_number<double>() == Approx(1024));
  CHECK(at(unified, "/requestsCpu").to_number<double>() == Approx(1.5));
  CHECK(at(unified, "/requestsMemory").to_number<double>() == Approx(953.67431640625));
  CHECK(at(unified, "/requestsStorage").to_number<double>() == Approx(0.5));
  CHECK(at(unified, "/pods").to_number<double>() == 1000);
}

TEST_CASE("what is used is shown") {
  const Tenant t{R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "3"}}]})"};
  CHECK(at(t.read(), "/tenantQuotas/0/hard/limitCpu") == json::value(""));
  for (const std::string name : {"a", "b"}) t.ns.create("pods", pod(name));
  if (!cluster().has_controllers()) {
    set_status(cluster(), t.ns.path("resourcequotas", "q"), {{"hard", {{"pods", "3"}}}, {"used", {{"pods", "2"}}}});
  }
  CHECK(poll_until([&] { return text_at(t.read(), "/tenantQuotas/0/used/pods") == "2"; }, std::chrono::seconds(30)));
  CHECK(at(t.read(), "/unifyUnitTenantQuotas/0/used/pods").to_number<double>() == 2);
}

TEST_CASE("all fields of a tenant are optional, and an empty string is as good as none") {
  const Tenant none{"{}"};
  CHECK(at(none.read(), "/tenantQuotas") == json::value(json::array{}));
  CHECK(at(none.read(), "/unifyUnitTenantQuotas") == json::value(json::array{}));
  CHECK(at(none.read(), "/tenantAnnotations") == json::value(json::object{}));

  const Tenant empty{R"({"tenantQuotas": [{"quotaName": "q", "hard": {"limitCpu": "", "pods": "1"}}]})"};
  CHECK(at(empty.quota("q"), "/spec/hard") == parse_json(R"({"pods": "1"})"));
  // So that an answer's quotas can be sent back.
  const json::value quotas = at(empty.read(), "/tenantQuotas");
  json::value back = json::array{{{"quotaName", at(quotas, "/0/quotaName")}, {"hard", at(quotas, "/0/hard")}}};
  CHECK(service().put(empty.target, print({{"tenantQuotas", back}})).status == 200);
  CHECK(at(empty.quota("q"), "/spec/hard") == parse_json(R"({"pods": "1"})"));
}

TEST_CASE("every namespace is in the list, and multiTenant narrows it to tenants") {
  const Tenant t{"{}"};
  const Namespace plain(cluster());
  const auto all = names_in(service().get("/api/v1/tenant").json());
  CHECK(contains(all, t.name));
  CHECK(contains(all, plain.name()));
  CHECK(contains(all, "default"));
  CHECK(std::is_sorted(all.begin(), all.end()));
  const auto tenants = names_in(service().get("/api/v1/tenant?multiTenant=true").json());
  CHECK(contains(tenants, t.name));
  CHECK_FALSE(contains(tenants, plain.name()));
  CHECK(contains(names_in(service().get("/api/v1/tenant?multiTenant=false").json()), plain.name()));
  const json::value one = service().get("/api/v1/tenant/" + plain.name()).json();
  CHECK(at(one, "/multiTenant") == json::value(false));
}

TEST_CASE("the limit range can be set, and turned off") {
  const std::string name = unique_name("tenant");
  const Namespace ns(cluster(), name);
  SECTION("set") {
    Service other(cluster().kubeconfig(), {"--tenant-limit-cpu", "0.25", "--tenant-limit-memory", "1Gi"});
    REQUIRE(other.post("/api/v1/tenant/" + name, "{}").status == 201);
    const json::value limits = cluster().get(ns.path("limitranges", "walm-default-limitrange"));
    CHECK(at(limits, "/spec/limits/0/default") == parse_json(R"({"cpu": "250m", "memory": "1Gi"})"));
  }
  SECTION("off") {
    Service other(cluster().kubeconfig(), {"--tenant-limit-range", "false"});
    REQUIRE(other.post("/api/v1/tenant/" + name, "{}").status == 201);
    CHECK_FALSE(cluster().exists(ns.path("limitranges", "walm-default-limitrange")));
  }
}

TEST_CASE("a tenant whose namespace is there is 409 AlreadyExists, and is left alone") {
  const Tenant t{"{}"};
  CHECK(outcome(service().post(t.target, R"({"tenantLabels": {"a": "b"}})")) == "409 AlreadyExists");
  const Namespace plain(cluster());
  const json::value before = cluster().get(namespace_path(plain.name()));
  CHECK(outcome(service().post("/api/v1/tenant/" + plain.name(), kFullQuota)) == "409 AlreadyExists");
  CHECK(cluster().get(namespace_path(plain.name())) == before);
  CHECK_FALSE(cluster().exists(plain.path("resourcequotas", "q")));
}

TEST_CASE("a tenant that is going away is 409 Terminating on create, and says what holds it up") {
  const Tenant t{"{}"};
  cluster().patch(namespace_path(t.name), {{"metadata", {{"finalizers", {"example.com/hold"}}}}});
  CHECK(service().del(t.target).status == 202);
  CHECK(outcome(service().post(t.target, "{}")) == "409 Terminating");
  const json::value body = t.read();
  CHECK(text_at(body, "/tenantStatus") == "Terminating");
  CHECK(at(body, "/ready") == json::value(false));
  CHECK(at(body, "/conditions").is_array());
  cluster().patch(namespace_path(t.name), {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_CASE("a quota's name that is none is 400 that names the place") {
  const Tenant t;
  check_stays_local([&] {
    for (const std::string body : {R"({"tenantQuotas": [{"quotaName": "q"}, {"quotaName": "Not_A_Name"}]})",
                                   R"({"tenantQuotas": [{"quotaName": "q"}, {"hard": {"pods": "1"}}]})",
                                   R"({"tenantQuotas": [{"quotaName": "q"}, {"quotaName": ""}]})"}) {
      INFO(body);
      const HttpAnswer answer = service().post(t.target, body);
      CHECK(outcome(answer) == "400 BadRequest");
      CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains("tenantQuotas[1].quotaName"));
    }
  });
}

TEST_CASE("what holds up a tenant that is going away is told") {
  NEEDS_CONTROLLERS();
  const Tenant t{"{}"};
  t.ns.create("secrets", {{"metadata", {{"name", "held"}, {"finalizers", {"example.com/hold"}}}}});
  CHECK(service().del(t.target).status == 202);
  CHECK(poll_until([&] { return print(at(t.read(), "/conditions")).find("example.com/hold") != std::string::npos; },
                   std::chrono::seconds(30)));
  cluster().patch(t.ns.path("secrets", "held"), {{"metadata", {{"finalizers", nullptr}}}});
}

TEST_CASE("bad quantities and labels of a tenant are 422 that names the field, before anything is made") {
  struct Row {
    const char* body;
    const char* field;
  };
  const std::vector<Row> rows = {
      {R"({"tenantQuotas": [{"quotaName": "q", "hard": {"limitCpu": "four"}}]})", "tenantQuotas[0].hard.limitCpu"},
      {R"({"tenantQuotas": [{"quotaName": "a"}, {"quotaName": "b", "hard": {"limitMemory": "8GiB"}}]})",
       "tenantQuotas[1].hard.limitMemory"},
      {R"({"tenantQuotas": [{"quotaName": "q", "hard": {"requestsCpu": "1.5.2"}}]})",
       "tenantQuotas[0].hard.requestsCpu"},
      {R"({"tenantQuotas": [{"quotaName": "q", "hard": {"requestsMemory": "-1Gi"}}]})",
       "tenantQuotas[0].hard.requestsMemory"},
      {R"({"tenantQuotas": [{"quotaName": "q", "hard": {"requestsStorage": "1 Gi"}}]})",
       "tenantQuotas[0].hard.requestsStorage"},
      {R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "many"}}]})", "tenantQuotas[0].hard.pods"},
      {R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "1.5"}}]})", "tenantQuotas[0].hard.pods"},
      {R"({"tenantQuotas": [{"quotaName": "q"}, {"quotaName": "q"}]})", "tenantQuotas[1].quotaName"},
      {R"({"tenantLabels": {"-bad": "x"}})", "tenantLabels"},
      {R"({"tenantLabels": {"a": "not a value"}})", "tenantLabels"},
      {R"({"tenantAnnotations": {"bad key": "x"}})", "tenantAnnotations"},
  };
  const Tenant existing{"{}"};
  const Tenant absent;
  check_stays_local([&] {
    for (const Row& row : rows) {
      INFO(row.body);
      for (const HttpAnswer& answer :
           {service().post(absent.target, row.body), service().put(existing.target, row.body)}) {
        CHECK(outcome(answer) == "422 Invalid");
        CHECK_THAT(print(at(answer.json(), "/details/causes")), Catch::Contains(row.field));
      }
    }
  });
  CHECK_FALSE(cluster().exists(namespace_path(absent.name)));
}

TEST_CASE("an update sets what is named, removes what is null and keeps the rest") {
  const Tenant t{R"({"tenantLabels": {"a": "1", "b": "2"}, "tenantAnnotations": {"c": "3", "d": "4"}})"};
  const HttpAnswer answer =
      service().put(t.target, R"({"tenantLabels": {"a": null, "new": "5"}, "tenantAnnotations": {"c": "6"}})");
  REQUIRE(answer.status == 200);
  CHECK(text_at(answer.json(), "/tenantName") == t.name);
  const json::value stored = t.stored();
  CHECK(find(stored, "/metadata/labels/a") == nullptr);
  CHECK(at(stored, "/metadata/labels/b") == json::value("2"));
  CHECK(at(stored, "/metadata/labels/new") == json::value("5"));
  CHECK(at(stored, "/metadata/labels/multi-tenant") == json::value("tenant-tiller-" + t.name));
  CHECK(at(stored, "/metadata/annotations/c") == json::value("6"));
  CHECK(at(stored, "/metadata/annotations/d") == json::value("4"));
}

TEST_CASE("an update creates or replaces the quotas that are named, and touches only the six quantities") {
  const Tenant t{R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "1", "limitCpu": "2"}},
                                                  {"quotaName": "untouched", "hard": {"pods": "9"}}]})"};
  cluster().patch(t.ns.path("resourcequotas", "q"), {{"spec", {{"hard", {{"count/secrets", "50"}}}}}});
  REQUIRE(service()
              .put(t.target, R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "5"}},
                                                      {"quotaName": "new", "hard": {"requestsCpu": "3"}}]})")
              .status == 200);
  const json::value hard = at(t.quota("q"), "/spec/hard");
  CHECK(at(hard, "/pods") == json::value("5"));
  CHECK(at(hard, "/limits.cpu") == json::value("2"));
  CHECK(at(hard, "/count~1secrets") == json::value("50"));
  CHECK(at(t.quota("new"), "/spec/hard") == parse_json(R"({"requests.cpu": "3"})"));
  CHECK(at(t.quota("untouched"), "/spec/hard") == parse_json(R"({"pods": "9"})"));
}

TEST_CASE("prune=true deletes the quotas that this service made and the body does not name") {
  const Tenant t{R"({"tenantQuotas": [{"quotaName": "kept", "hard": {"pods": "1"}},
                                                  {"quotaName": "dropped", "hard": {"pods": "1"}}]})"};
  t.ns.create("resourcequotas", {{"metadata", {{"name", "of-somebody-else"}}}, {"spec", {{"hard", {{"pods", "7"}}}}}});
  const std::string body = R"({"tenantQuotas": [{"quotaName": "kept", "hard": {"pods": "2"}}]})";
  CHECK(service().put(t.target, body).status == 200);
  CHECK(cluster().exists(t.ns.path("resourcequotas", "dropped")));
  CHECK(service().put(t.target + "?prune=true", body).status == 200);
  CHECK_FALSE(cluster().exists(t.ns.path("resourcequotas", "dropped")));
  CHECK(cluster().exists(t.ns.path("resourcequotas", "kept")));
  CHECK(cluster().exists(t.ns.path("resourcequotas", "of-somebody-else")));
}

TEST_CASE("an update that only prunes answers with a version that knows of it") {
  const Tenant t{R"({"tenantQuotas": [{"quotaName": "dropped", "hard": {"pods": "1"}}]})"};
  const json::value before = cluster().get(t.ns.path("resourcequotas"));
  const HttpAnswer tried = service().put(t.target + "?prune=true&dryRun=true", "{}");
  CHECK(tried.header("X-Resource-Version").empty());
  const HttpAnswer answer = service().put(t.target + "?prune=true", "{}");
  REQUIRE(answer.status == 200);
  const std::string version = answer.header("X-Resource-Version");
  CHECK(std::stoull(version) > std::stoull(text_at(before, "/metadata/resourceVersion")));
  const json::value after = service().get(t.target + "?resourceVersion=" + version).json();
  CHECK(at(after, "/tenantQuotas") == json::value(json::array{}));
}

TEST_CASE("a dry run of an update answers with what it would change, and the update with what it has changed") {
  const Tenant t{R"({"tenantLabels": {"a": "1", "b": "2"}, "tenantQuotas": [
      {"quotaName": "changed", "hard": {"pods": "1", "limitCpu": "2"}},
      {"quotaName": "dropped", "hard": {"pods": "1"}}, {"quotaName": "same", "hard": {"limitCpu": "500m"}}]})"};
  t.ns.create("resourcequotas", {{"metadata", {{"name", "of-somebody-else"}}}, {"spec", {{"hard", {{"pods", "7"}}}}}});
  const std::string body = R"({"tenantLabels": {"a": null, "b": "3"}, "tenantQuotas": [
      {"quotaName": "changed", "hard": {"pods": "5", "requestsCpu": "0.1"}}, {"quotaName": "new", "hard": {"pods": "1k"}},
      {"quotaName": "same", "hard": {"limitCpu": "0.5"}}]})";
  const json::value expected = parse_json(R"([
      {"kind": "Namespace", "name": ")" + t.name +
                                          R"(", "action": "update", "fields": [
        {"field": "metadata.labels[a]", "old": "1", "new": ""}, {"field": "metadata.labels[b]", "old": "2", "new": "3"}]},
      {"kind": "ResourceQuota", "name": "changed", "action": "update", "fields": [
        {"field": "spec.hard[pods]", "old": "1", "new": "5"},
        {"field": "spec.hard[requests.cpu]", "old": "", "new": "100m"}]},
      {"kind": "ResourceQuota", "name": "new", "action": "create", "fields": [
        {"field": "spec.hard[pods]", "old": "", "new": "1k"}]},
      {"kind": "ResourceQuota", "name": "same", "action": "none", "fields": []},
      {"kind": "ResourceQuota", "name": "dropped", "action": "delete", "fields": [
        {"field": "spec.hard[pods]", "old": "1", "new": ""}]}])");
  const json::value namespace_before = t.stored();
  const HttpAnswer tried = service().put(t.target + "?prune=true&dryRun=true", body);
  REQUIRE(tried.status == 200);
  CHECK(at(tried.json(), "/changes") == expected);
  CHECK(at(t.stored(), "/metadata/labels") == at(namespace_before, "/metadata/labels"));
  CHECK(at(t.quota("changed"), "/spec/hard/pods") == json::value("1"));
  CHECK(cluster().exists(t.ns.path("resourcequotas", "dropped")));
  CHECK_FALSE(cluster().exists(t.ns.path("resourcequotas", "new")));

  const HttpAnswer done = service().put(t.target + "?prune=true", body);
  REQUIRE(done.status == 200);
  CHECK(at(done.json(), "/changes") == expected);
  CHECK(at(service().put(t.target + "?dryRun=true", "{}").json(), "/changes") == json::value(json::array{}));
}

TEST_CASE("an update of what is not there is 404") {
  CHECK(outcome(service().put("/api/v1/tenant/no-such-tenant", "{}")) == "404 NotFound");
}

TEST_CASE("a tenant is deleted with all that is in it: 202") {
  const Tenant t{kFullQuota};
  CHECK(service().del(t.target).status == 202);
  const HttpAnswer left = cluster().raw("GET", namespace_path(t.name));
  CHECK((left.status == 404 || text_at(left.json(), "/status/phase") == "Terminating"));
}

TEST_CASE("a deleted tenant goes away") {
  NEEDS_CONTROLLERS();
  const Tenant t{kFullQuota};
  CHECK(service().del(t.target).status == 202);
  CHECK(poll_until([&] { return service().get(t.target).status == 404; }, std::chrono::seconds(60)));
  CHECK(service().post(t.target, "{}").status == 201);
}

TEST_CASE("a namespace without the label is 409 NotTenant on update and delete") {
  const Namespace plain(cluster());
  const std::string target = "/api/v1/tenant/" + plain.name();
  CHECK(outcome(service().put(target, R"({"tenantLabels": {"a": "b"}})")) == "409 NotTenant");
  CHECK(outcome(service().del(target)) == "409 NotTenant");
  CHECK(outcome(service().del(target + "?dryRun=true")) == "409 NotTenant");
  CHECK(text_at(cluster().get(namespace_path(plain.name())), "/status/phase") == "Active");
}

TEST_CASE("kube-* and default are never tenants, whatever their labels") {
  cluster().patch(namespace_path("default"), {{"metadata", {{"labels", {{"multi-tenant", "x"}}}}}});
  for (const std::string name : {"default", "kube-system", "kube-public", "kube-anything"}) {
    INFO(name);
    const std::string target = "/api/v1/tenant/" + name;
    CHECK(outcome(service().post(target, "{}")) == "409 NotTenant");
    CHECK(outcome(service().put(target, R"({"tenantLabels": {"a": "b"}})")) == "409 NotTenant");
    CHECK(outcome(service().del(target)) == "409 NotTenant");
  }
  CHECK(find(cluster().get(namespace_path("default")), "/metadata/labels/a") == nullptr);
  cluster().patch(namespace_path("default"), {{"metadata", {{"labels", {{"multi-tenant", nullptr}}}}}});
}

TEST_CASE("the service's own namespace is never a tenant") {
  const Tenant t{"{}"};
  const std::string absent = unique_name("own");
  for (const std::string& own : {t.name, absent}) {
    INFO(own);
    Service other(cluster().kubeconfig(), {"--own-namespace", own});
    const std::string target = "/api/v1/tenant/" + own;
    CHECK(outcome(other.post(target, "{}")) == "409 NotTenant");
    CHECK(outcome(other.put(target, "{}")) == "409 NotTenant");
    CHECK(outcome(other.del(target)) == "409 NotTenant");
  }
  CHECK(text_at(t.read(), "/tenantStatus") == "Active");
}

}  // namespace quartermaster::test
