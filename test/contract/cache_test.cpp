// What a cache may not be noticed by, and what it tells of itself.
#include <algorithm>

#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

bool has_caches(Service& of) { return !at(of.get("/stats").json(), "/caches").as_object().empty(); }

std::string next_of(const HttpAnswer& answer) {
  const json::value body = answer.json();
  const json::value* next = find(body, "/continue");
  return next == nullptr ? "" : std::string(next->as_string());
}

/// Claims a to e.
struct FiveClaims {
  Namespace ns{cluster()};
  std::string list = "/api/v1/pvc/" + ns.name();
  FiveClaims() {
    for (const std::string name : {"a", "b", "c", "d", "e"}) ns.create("persistentvolumeclaims", claim(name));
  }
};

}  // namespace

TEST_CASE("a list that is read in parts is of one moment, on any replica") {
  const FiveClaims claims;
  const HttpAnswer first = service().get(claims.list + "?limit=2");
  CHECK(item_names(first) == std::vector<std::string>{"a", "b"});
  const std::string rest = "?limit=2&continue=" + next_of(first);

  claims.ns.create("persistentvolumeclaims", claim("b2"));
  cluster().raw("DELETE", claims.ns.path("persistentvolumeclaims", "d"));
  service().get(claims.list);  // by now the cache knows
  Service replica(cluster().kubeconfig());
  replica.wait_until_ready();
  Service direct(cluster().kubeconfig(), {"--no-cache"});
  for (Service* one : {&service(), &replica, &direct}) {
    const HttpAnswer second = one->get(claims.list + rest);
    INFO(second.body);
    CHECK(item_names(second) == std::vector<std::string>{"c", "d"});
    CHECK(second.header("X-Resource-Version") == first.header("X-Resource-Version"));
    const HttpAnswer third = one->get(claims.list + "?continue=" + next_of(second));
    CHECK(item_names(third) == std::vector<std::string>{"e"});
    CHECK(next_of(third).empty());
  }
}

TEST_CASE("storage classes and tenants in parts are of one moment, too") {
  const std::string mark = unique_name("mark");
  std::vector<std::unique_ptr<Namespace>> made;
  std::vector<std::string> classes, tenants;
  for (int i = 0; i < 3; ++i) {
    classes.push_back(unique_name("part-" + std::to_string(i)));
    tenants.push_back(unique_name("part-" + std::to_string(i)));
    cluster().create("/apis/storage.k8s.io/v1/storageclasses",
                     merged(storage_class(classes.back()), {{"metadata", {{"labels", {{"mark", mark}}}}}}));
    cluster().create("/api/v1/namespaces", {{"metadata", {{"name", tenants.back()}, {"labels", {{"mark", mark}}}}}});
    made.push_back(std::make_unique<Namespace>(cluster(), tenants.back()));
  }
  const auto names = [](const HttpAnswer& answer) {
    std::vector<std::string> all;
    const json::value body = answer.json();
    for (const json::value& item : at(body, "/items").as_array())
      all.push_back(find(item, "/tenantName") != nullptr ? text_at(item, "/tenantName") : text_at(item, "/name"));
    return all;
  };
  Service direct(cluster().kubeconfig(), {"--no-cache"});
  for (const auto& [path, expected] :
       {std::pair{std::string("/api/v1/storageclass"), classes}, std::pair{std::string("/api/v1/tenant"), tenants}}) {
    INFO(path);
    const std::string list = path + "?labelselector=mark%3D" + mark;
    CHECK(names(service().get(list)) == expected);
    const HttpAnswer first = service().get(list + "&limit=1");
    CHECK(names(first) == std::vector<std::string>{expected[0]});
    for (Service* one : {&service(), &direct}) {
      const HttpAnswer rest = one->get(list + "&continue=" + next_of(first));
      CHECK(names(rest) == std::vector<std::string>{expected[1], expected[2]});
    }
  }
  for (const auto& name : classes) cluster().raw("DELETE", "/apis/storage.k8s.io/v1/storageclasses/" + name);
}

TEST_CASE("tenants in parts have the quotas of one moment, too, past the cache or not") {
  const std::string mark = unique_name("mark"), list = "/api/v1/tenant?labelselector=mark%3D" + mark;
  std::vector<std::unique_ptr<Namespace>> made;
  std::string version;
  for (int i = 0; i < 3; ++i) {
    const std::string name = unique_name("part-" + std::to_string(i));
    cluster().create("/api/v1/namespaces", {{"metadata", {{"name", name}, {"labels", {{"mark", mark}}}}}});
    made.push_back(std::make_unique<Namespace>(cluster(), name));
    const json::value quota =
        made.back()->create("resourcequotas", {{"metadata", {{"name", "q"}}}, {"spec", {{"hard", {{"pods", "1"}}}}}});
    version = text_at(quota, "/metadata/resourceVersion");
  }
  Service direct(cluster().kubeconfig(), {"--no-cache"});
  std::vector<std::string> rests;
  for (Service* one : {&service(), &direct}) {
    const HttpAnswer first = one->get(list + "&limit=1&resourceVersion=" + version);
    CHECK(text_at(first.json(), "/items/0/tenantQuotas/0/hard/pods") == "1");
    rests.push_back(list + "&limit=1&continue=" + next_of(first));
  }
  for (const auto& ns : made) cluster().patch(ns->path("resourcequotas", "q"), {{"spec", {{"hard", {{"pods", "2"}}}}}});
  service().get(list);  // by now the cache knows
  for (const std::string& rest : rests) {
    for (Service* one : {&service(), &direct}) {
      std::string next = rest;
      for (int i = 1; i < 3; ++i) {
        const HttpAnswer part = one->get(next);
        INFO(next << "\n" << part.body);
        REQUIRE(part.status == 200);
        CHECK(text_at(part.json(), "/items/0/tenantName") == made[static_cast<std::size_t>(i)]->name());
        CHECK(text_at(part.json(), "/items/0/tenantQuotas/0/hard/pods") == "1");
        next = list + "&limit=1&continue=" + next_of(part);
      }
      CHECK(next.ends_with("continue="));
    }
  }
}

TEST_CASE("an answer has the same entity tag, from the cache or not") {
  const FiveClaims claims;
  for (const std::string query : {"", "?labelselector=app", "/name/a"}) {
    INFO(query);
    const std::string cached = service().get(claims.list + query).header("ETag");
    CHECK(service().get(claims.list + query, {{"Cache-Control", "no-cache"}}).header("ETag") == cached);
    CHECK_FALSE(cached.empty());
  }
}

TEST_CASE("cached answers tell their age, others do not") {
  const FiveClaims claims;
  for (const std::string& target : {claims.list, claims.list + "/name/a", claims.list + "?limit=1"}) {
    INFO(target);
    CHECK(service().get(target).header("Age").empty() == !has_caches(service()));
    CHECK(service().get(target, {{"Cache-Control", "no-cache"}}).header("Age").empty());
  }
}

TEST_CASE("stats and the readiness checks tell of each cache") {
  Service cached(cluster().kubeconfig());
  cached.wait_until_ready();
  const json::value stats = cached.get("/stats").json();
  const std::string checks = cached.get("/readyz?verbose").body;
  for (const std::string resource :
       {"pods", "persistentvolumeclaims", "storageclasses", "namespaces", "resourcequotas", "statefulsets"}) {
    INFO(resource);
    CHECK(at(stats, "/caches/" + resource + "/synced") == json::value(true));
    CHECK(at(stats, "/caches/" + resource + "/denied") == json::value(false));
    CHECK_FALSE(text_at(stats, "/caches/" + resource + "/resourceVersion").empty());
    CHECK(checks.find("cache-" + resource) != std::string::npos);
    CHECK(cached.get("/metrics").body.find("quartermaster_cache_objects{resource=\"" + resource + "\"}") !=
          std::string::npos);
  }
  CHECK(at(stats, "/caches/namespaces/objects").to_number<int>() > 0);

  Service direct(cluster().kubeconfig(), {"--no-cache"});
  direct.wait_until_ready();
  CHECK_FALSE(has_caches(direct));
}

TEST_CASE("only the named namespaces are cached, and the others are read all the same") {
  const FiveClaims inside, outside;
  Service some(cluster().kubeconfig(), {"--namespaces", inside.ns.name()});
  some.wait_until_ready();
  CHECK(at(some.get("/stats").json(), "/caches/persistentvolumeclaims/objects") == json::value(5));
  const auto upstream = some.upstream_requests();
  CHECK(item_names(some.get(inside.list)).size() == 5);
  CHECK(some.get("/api/v1/tenant/" + inside.ns.name()).status == 200);
  CHECK(some.upstream_requests() == upstream);
  CHECK(item_names(some.get(outside.list)).size() == 5);
  CHECK(some.get("/api/v1/tenant/" + outside.ns.name()).status == 200);
  CHECK(some.get("/api/v1/tenant").status == 200);
  CHECK(some.upstream_requests() > upstream);
}

TEST_CASE("without the right to list, a kind is read from the API server each time") {
  Service powerless(cluster().powerless_kubeconfig());
  powerless.wait_until_ready();
  CHECK(at(powerless.get("/stats").json(), "/caches/pods/denied") == json::value(true));
  CHECK(powerless.get("/metrics").body.find("quartermaster_cache_denied{resource=\"pods\"} 1") != std::string::npos);
  CHECK(powerless.get("/readyz?verbose").body.find("may not list and watch pods") != std::string::npos);
  CHECK(outcome(powerless.get("/api/v1/pvc/default")) == "403 Forbidden");
}

TEST_CASE("what is read from the caches asks the API server nothing") {
  Service cached(cluster().kubeconfig());
  cached.wait_until_ready();
  const FiveClaims claims;
  REQUIRE(poll_until([&] { return item_names(cached.get(claims.list)).size() == 5; }));
  const auto version = cached.get(claims.list).header("X-Resource-Version");
  const auto before = cached.upstream_requests();
  for (const std::string& target :
       {claims.list, claims.list + "?labelselector=app", claims.list + "?limit=2", claims.list + "/name/a",
        claims.list + "?resourceVersion=" + version, std::string("/api/v1/storageclass"), std::string("/api/v1/tenant"),
        "/api/v1/tenant/" + claims.ns.name(), "/api/v1/pod/" + claims.ns.name()}) {
    INFO(target);
    CHECK(cached.get(target).status == 200);
    CHECK(cached.upstream_requests() == before);
  }
}

TEST_CASE("the caches agree with the API server when they check themselves") {
  const FiveClaims claims;
  Service checking(cluster().kubeconfig(), {"--cache-self-check", "100ms"});
  checking.wait_until_ready();
  const auto count = [&](const std::string& result) {
    const auto text = checking.get("/metrics").body;
    const auto name =
        "quartermaster_cache_self_checks_total{resource=\"persistentvolumeclaims\",result=\"" + result + "\"} ";
    const auto found = text.find(name);
    return found == std::string::npos ? 0.0 : std::stod(text.substr(found + name.size()));
  };
  CHECK(poll_until([&] { return count("same") >= 2; }));
  CHECK(count("different") == 0);
}

}  // namespace quartermaster::test
