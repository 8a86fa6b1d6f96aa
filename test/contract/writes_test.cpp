// What all writes have in common: dry run, status codes, versions.
#include "test/contract/routes.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

/// The object without what controllers change by themselves.
json::value snapshot(const std::string& path) {
  if (!cluster().exists(path)) return nullptr;
  json::value object = cluster().get(path);
  object.as_object().erase("status");
  for (const char* field : {"resourceVersion", "managedFields"}) object.at("metadata").as_object().erase(field);
  return object;
}

}  // namespace

TEST_CASE("a dry run of a write validates, answers and changes nothing") {
  const Namespace ns(cluster());
  const std::string secret_path = ns.path("secrets", "s");
  const std::string claim_path = ns.path("persistentvolumeclaims", "c");
  ns.create("secrets", {{"metadata", {{"name", "s"}}}, {"data", {{"k", "YzRuNHJ5LXZhbHVldg=="}}}});
  ns.create("persistentvolumeclaims", claim("c", {{"metadata", {{"labels", {{"app", "a"}}}}}}));
  create_running_pod(cluster(), ns, "p");
  const json::value secret_before = snapshot(secret_path);
  const json::value claim_before = snapshot(claim_path);
  const json::value pod_before = snapshot(ns.path("pods", "p"));

  const std::string secret = "/api/v1/secret/" + ns.name();
  const std::string pvc = "/api/v1/pvc/" + ns.name();

  SECTION("of a secret") {
    CHECK(service().post(secret + "?dryRun=true", R"({"name": "new"})").status == 201);
    CHECK_FALSE(cluster().exists(ns.path("secrets", "new")));
    CHECK(outcome(service().post(secret + "?dryRun=true", R"({"name": "s"})")) == "409 AlreadyExists");
    CHECK(outcome(service().post(secret + "?dryRun=true", R"({"name": "new", "data": {"k": "!"}})")) == "422 Invalid");
    const HttpAnswer updated =
        service().put(secret + "?dryRun=true", R"({"name": "s", "data": {"k": "YzRuNHJ5LXZhbHVldw=="}})");
    CHECK(updated.status == 200);
    CHECK(text_at(updated.json(), "/data/k") == "YzRuNHJ5LXZhbHVldw==");
    CHECK(outcome(service().put(secret + "?dryRun=true", R"({"name": "absent"})")) == "404 NotFound");
    CHECK(service().del(secret + "/name/s?dryRun=true").status == 200);
    CHECK(service().del(secret + "?name=s&dryRun=true").status == 200);
    CHECK(outcome(service().del(secret + "/name/absent?dryRun=true")) == "404 NotFound");
    CHECK(snapshot(secret_path) == secret_before);
  }
  SECTION("of a claim") {
    CHECK(service().del(pvc + "/name/c?dryRun=true").status == 200);
    CHECK(service().del(pvc + "?labelselector=app%3Da&dryRun=true").status == 200);
    CHECK(snapshot(claim_path) == claim_before);
  }
  SECTION("of a pod's restart") {
    const std::string restart = "/api/v1/pod/" + ns.name() + "/name/p/restart";
    CHECK(outcome(service().post(restart + "?dryRun=true", "")) == "409 Unmanaged");
    CHECK(service().post(restart + "?dryRun=true&force=true", "").status / 100 == 2);
    CHECK(snapshot(ns.path("pods", "p")) == pod_before);
  }
  SECTION("of a tenant") {
    const std::string name = unique_name("tenant");
    const std::string tenant = "/api/v1/tenant/" + name;
    const std::string body = R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "3"}}]})";
    CHECK(service().post(tenant + "?dryRun=true", body).status == 201);
    CHECK_FALSE(cluster().exists(namespace_path(name)));
    const HttpAnswer bad =
        service().post(tenant + "?dryRun=true", R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "many"}}]})");
    CHECK(outcome(bad) == "422 Invalid");

    const Namespace made(cluster(), name);
    REQUIRE(service().post(tenant, body).status == 201);
    const json::value namespace_before = snapshot(namespace_path(name));
    const json::value quota_before = snapshot(made.path("resourcequotas", "q"));
    CHECK(
        service()
            .put(
                tenant + "?dryRun=true",
                R"({"tenantLabels": {"a": "b"}, "tenantQuotas": [{"quotaName": "q", "hard": {"pods": "9"}}, {"quotaName": "r"}]})")
            .status == 200);
    CHECK(service().put(tenant + "?dryRun=true&prune=true", "{}").status == 200);
    CHECK(service().del(tenant + "?dryRun=true").status / 100 == 2);
    CHECK(snapshot(namespace_path(name)) == namespace_before);
    CHECK(snapshot(made.path("resourcequotas", "q")) == quota_before);
    CHECK_FALSE(cluster().exists(made.path("resourcequotas", "r")));
  }
}

TEST_CASE("dryRun=false is an ordinary write") {
  const Namespace ns(cluster());
  CHECK(service().post("/api/v1/secret/" + ns.name() + "?dryRun=false", R"({"name": "s"})").status == 201);
  CHECK(cluster().exists(ns.path("secrets", "s")));
}

TEST_CASE("deleting what is not there is 404, or 200 with ignoreNotFound") {
  const Namespace ns(cluster());
  for (const std::string& target :
       {"/api/v1/secret/" + ns.name() + "/name/absent", "/api/v1/secret/" + ns.name() + "?name=absent",
        "/api/v1/pvc/" + ns.name() + "/name/absent", std::string("/api/v1/tenant/absent")}) {
    INFO(target);
    CHECK(outcome(service().del(target)) == "404 NotFound");
    CHECK(outcome(service().del(with_query(target, "ignoreNotFound=false"))) == "404 NotFound");
    CHECK(service().del(with_query(target, "ignoreNotFound=true")).status == 200);
  }
}

TEST_CASE("a delete that waits for a finalizer is 202, and 200 once it is done") {
  const Namespace ns(cluster());
  const json::object held = {{"metadata", {{"finalizers", {"example.com/hold"}}}}};
  ns.create("secrets", merged({{"metadata", {{"name", "s"}}}}, held));
  ns.create("persistentvolumeclaims", merged(claim("c"), held));
  ns.create("secrets", merged({{"metadata", {{"name", "by-parameter"}}}}, held));
  CHECK(service().del("/api/v1/secret/" + ns.name() + "?name=by-parameter").status == 202);
  cluster().patch(ns.path("secrets", "by-parameter"), {{"metadata", {{"finalizers", nullptr}}}});
  CHECK(service().del("/api/v1/secret/" + ns.name() + "/name/s").status == 202);
  CHECK(service().del("/api/v1/pvc/" + ns.name() + "/name/c").status == 202);
  for (const std::string& path : {ns.path("secrets", "s"), ns.path("persistentvolumeclaims", "c")}) {
    CHECK(cluster().exists(path));
    cluster().patch(path, {{"metadata", {{"finalizers", nullptr}}}});
    CHECK_FALSE(cluster().exists(path));
  }
  ns.create("secrets", {{"metadata", {{"name", "free"}}}});
  CHECK(service().del("/api/v1/secret/" + ns.name() + "/name/free").status == 200);
}

TEST_CASE("every write answers with the version that it made, and reads take it") {
  const Namespace ns(cluster());
  const std::string secret = "/api/v1/secret/" + ns.name();
  const std::string name = unique_name("tenant");
  const Namespace tenant(cluster(), name);
  ns.create("persistentvolumeclaims", claim("c"));
  create_running_pod(cluster(), ns, "p");

  const auto version = [](const HttpAnswer& answer) {
    CHECK(answer.status / 100 == 2);
    std::string text = answer.header("X-Resource-Version");
    CHECK_FALSE(text.empty());
    CHECK(text.find_first_not_of("0123456789") == std::string::npos);
    return text;
  };
  const std::string created = version(service().post(secret, R"({"name": "s"})"));
  CHECK(text_at(cluster().get(ns.path("secrets", "s")), "/metadata/resourceVersion") == created);
  const std::string updated = version(service().put(secret, R"({"name": "s", "data": {"k": "YzRuNHJ5LXZhbHVldg=="}})"));
  CHECK(text_at(cluster().get(ns.path("secrets", "s")), "/metadata/resourceVersion") == updated);
  CHECK(updated != created);
  version(service().post("/api/v1/tenant/" + name, R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "1"}}]})"));
  const std::string tenant_version =
      version(service().put("/api/v1/tenant/" + name, R"({"tenantLabels": {"a": "b"}})"));
  const HttpAnswer read = service().get("/api/v1/tenant/" + name + "?resourceVersion=" + tenant_version);
  CHECK(text_at(read.json(), "/tenantLabels/a") == "b");
}

}  // namespace quartermaster::test
