// From a path to its route.
#include "server/api/router.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "server/http/target.hpp"
#include "test/support/result.hpp"

namespace quartermaster::api {
namespace {

using http::Verb;

const Router& router() {
  static const Router all(routes());
  return all;
}

Result<Match> find(Verb method, const std::string& target) {
  return router().find(method, http::parse_target(target).value().segments);
}

TEST_CASE("Paths lead to their routes") {
  using Path = std::map<std::string, std::string, std::less<>>;
  const auto [method, target, pattern, path] = GENERATE(table<Verb, std::string, std::string, Path>({
      {Verb::get, "/api/v1/pvc/demo", "/api/v1/pvc/{namespace}", {{"namespace", "demo"}}},
      {Verb::get, "/api/v1/pvc/demo/", "/api/v1/pvc/{namespace}", {{"namespace", "demo"}}},
      {Verb::head, "/api/v1/pvc/demo", "/api/v1/pvc/{namespace}", {{"namespace", "demo"}}},
      {Verb::delete_, "/api/v1/pvc/demo", "/api/v1/pvc/{namespace}", {{"namespace", "demo"}}},
      {Verb::get,
       "/api/v1/pvc/%64emo/name/data.1",
       "/api/v1/pvc/{namespace}/name/{pvcname}",
       {{"namespace", "demo"}, {"pvcname", "data.1"}}},
      {Verb::post,
       "/api/v1/pod/demo/name/name/restart",
       "/api/v1/pod/{namespace}/name/{pod}/restart",
       {{"namespace", "demo"}, {"pod", "name"}}},
      {Verb::get, "/api/v1/storageclass/standard.ssd", "/api/v1/storageclass/{name}", {{"name", "standard.ssd"}}},
      {Verb::get, "/api/v1/tenant", "/api/v1/tenant", {}},
      {Verb::get, "/liveniess", "/liveniess", {}},
      {Verb::get, "/openapi.json", "/openapi.json", {}},
      {Verb::get, "/docs/", "/docs", {}},
  }));
  CAPTURE(target);
  const auto match = find(method, target);
  REQUIRE(match);
  CHECK(match->route->pattern == pattern);
  CHECK(match->route->method == (method == Verb::head ? Verb::get : method));
  CHECK(match->path == path);
}

TEST_CASE("Unknown paths are not found") {
  const std::string target = GENERATE("/", "/api", "/api/v1", "/api/v1/pod", "/api/v1/pvc/demo/name",
                                      "/api/v1/pvc/demo/data-1", "/API/v1/pvc/demo", "/api/v1/pvc/demo/name/a/b",
                                      "/api/v2/pvc/demo", "/livez/a", "/api/v1/pvc/demo/Name/a");
  CAPTURE(target);
  const auto match = find(Verb::get, target);
  REQUIRE_FALSE(match);
  CHECK(match.error().code == ErrorCode::not_found);
}

TEST_CASE("Another method is not allowed, and those that are can be told") {
  const auto [method, target, allowed] = GENERATE(table<Verb, std::string, std::vector<std::string>>({
      {Verb::post, "/livez", {"GET"}},
      {Verb::options, "/livez", {"GET"}},
      {Verb::put, "/api/v1/pvc/demo", {"GET", "DELETE"}},
      {Verb::patch, "/api/v1/secret/demo", {"GET", "POST", "PUT", "DELETE"}},
      {Verb::get, "/api/v1/pod/demo/name/a/restart", {"POST"}},
      {Verb::head, "/api/v1/pod/demo/name/a/restart", {"POST"}},
      {Verb::post, "/api/v1/pvc/BAD", {"GET", "DELETE"}},
  }));
  CAPTURE(target);
  const auto match = find(method, target);
  REQUIRE_FALSE(match);
  CHECK(match.error().code == ErrorCode::method_not_allowed);
  std::vector<std::string> told;
  for (const auto& cause : match.error().causes) told.push_back(cause.field);
  CHECK(told == allowed);
}

TEST_CASE("Names are checked by the rule for what they name") {
  const auto [target, wrong] = GENERATE(table<std::string, std::string>({
      {"/api/v1/pvc/a.b", "namespace"},  // a label, no subdomain
      {"/api/v1/pvc/A", "namespace"},
      {"/api/v1/pvc/-", "namespace"},
      {"/api/v1/pvc/a%2Fb", "namespace"},
      {"/api/v1/pvc/%20", "namespace"},
      {"/api/v1/pvc/" + std::string(64, 'a'), "namespace"},
      {"/api/v1/pvc/demo/name/A", "pvcname"},
      {"/api/v1/pvc/demo/name/a..b", "pvcname"},
      {"/api/v1/pvc/demo/name/" + std::string(254, 'a'), "pvcname"},
      {"/api/v1/pvc/A/name/A", "namespace"},
      {"/api/v1/secret/demo/name/a_b", "secretname"},
      {"/api/v1/pod/demo/name/a%3fb", "pod"},
      {"/api/v1/storageclass/a%25", "name"},
      {"/api/v1/tenant/a.b", "tenantName"},
  }));
  CAPTURE(target);
  const auto match = find(Verb::get, target);
  REQUIRE_FALSE(match);
  CHECK(match.error().code == ErrorCode::bad_request);
  CHECK_THAT(match.error().message, Catch::StartsWith("path parameter " + wrong + ": must "));
}

TEST_CASE("The core routes are there") {
  // Existing clients depend on these.
  const auto [method, target] = GENERATE(table<Verb, std::string>({
      {Verb::get, "/api/v1/pod/n/name/p/events"},
      {Verb::get, "/api/v1/pod/n/name/p/logs"},
      {Verb::post, "/api/v1/pod/n/name/p/restart"},
      {Verb::get, "/api/v1/pvc/n"},
      {Verb::get, "/api/v1/pvc/n/name/p"},
      {Verb::delete_, "/api/v1/pvc/n"},
      {Verb::delete_, "/api/v1/pvc/n/name/p"},
      {Verb::get, "/api/v1/secret/n"},
      {Verb::get, "/api/v1/secret/n/name/s"},
      {Verb::post, "/api/v1/secret/n"},
      {Verb::put, "/api/v1/secret/n"},
      {Verb::delete_, "/api/v1/secret/n"},
      {Verb::patch, "/api/v1/secret/n/name/s"},
      {Verb::get, "/api/v1/secret/n/name/s/usage"},
      {Verb::delete_, "/api/v1/secret/n/name/s"},
      {Verb::get, "/api/v1/storageclass"},
      {Verb::get, "/api/v1/storageclass/s"},
      {Verb::get, "/liveniess"},
      {Verb::get, "/liveness"},
      {Verb::get, "/livez"},
      {Verb::get, "/readiness"},
      {Verb::get, "/readyz"},
      {Verb::get, "/stats"},
      {Verb::get, "/api/v1/tenant"},
      {Verb::get, "/api/v1/tenant/t"},
      {Verb::post, "/api/v1/tenant/t"},
      {Verb::put, "/api/v1/tenant/t"},
      {Verb::delete_, "/api/v1/tenant/t"},
      {Verb::get, "/api/v1/pod/n"},
      {Verb::get, "/api/v1/pod/n/name/p"},
      {Verb::get, "/metrics"},
      {Verb::get, "/version"},
      {Verb::get, "/openapi.json"},
      {Verb::get, "/docs"},
      {Verb::get, "/docs/rapidoc.js"},
  }));
  CAPTURE(target);
  CHECK(find(method, target));
  CHECK(routes().size() == 39);
}

}  // namespace
}  // namespace quartermaster::api
