// What the chart grants is what the service needs: the features cover all routes, and the chart's file is theirs.
#include "server/api/permissions.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>

#include "server/api/route.hpp"

using namespace quartermaster;

TEST_CASE("permissions: each route that speaks with the API server is in one feature") {
  std::map<std::string, int> count;
  for (const auto& feature : api::features()) {
    for (const auto route : feature.routes) ++count[std::string(route)];
  }
  for (const auto& route : api::routes()) {
    const bool of_objects = route.pattern.starts_with("/api/");
    const auto name = std::string(boost::beast::http::to_string(route.method)) + " " + std::string(route.pattern);
    INFO(name);
    CHECK(count[name] == (of_objects ? 1 : 0));
    count.erase(name);
  }
  for (const auto& [left, times] : count) FAIL_CHECK(left << " is no route");
}

TEST_CASE("permissions: each kind is in some feature, each cached one in the cache") {
  const auto features = api::features();
  for (const auto& kind : model::kKinds) {
    INFO(kind.resource);
    if (kind.kind == model::Kind::cluster_role) continue;  // bound by name alone: the chart's tenants.memberRoles
    const auto grants = [&kind](const api::Feature& feature) {
      return std::ranges::any_of(feature.permissions, [&kind](const auto& p) { return p.kind == kind.kind; });
    };
    CHECK(std::any_of(features.begin() + 1, features.end(), grants));
    CHECK(grants(features.front()) == (kind.record != nullptr));
  }
}

TEST_CASE("permissions: the chart's rules are these; with QUARTERMASTER_WRITE_RULES=1 this case writes them") {
  const std::string path = QUARTERMASTER_SOURCE_DIR "/helm/quartermaster/files/rules.yaml";
  if (std::getenv("QUARTERMASTER_WRITE_RULES") != nullptr) std::ofstream(path) << api::rules_yaml();
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == api::rules_yaml());
}
