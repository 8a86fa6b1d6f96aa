// All routes, with what each takes and answers.
#include <initializer_list>

#include "server/api/handlers.hpp"

namespace quartermaster::api {
namespace {

using enum ParameterType;
using Parameters = std::vector<Parameter>;
using Statuses = std::vector<unsigned>;

// Whatever speaks with the API server may answer these.
constexpr std::initializer_list<unsigned> kUpstream = {400, 403, 500, 502, 503, 504};

constexpr Parameter kTimeout{"timeout", duration};
constexpr Parameter kDryRun{"dryRun", boolean};
constexpr Parameter kIgnoreNotFound{"ignoreNotFound", boolean};
constexpr Parameter kSelector{"labelselector", selector};
constexpr Parameter kVersion{"resourceVersion", resource_version};

Parameters with_timeout(std::initializer_list<Parameter> own) {
  Parameters all(own);
  all.push_back(kTimeout);
  return all;
}

Parameters list_parameters(std::initializer_list<Parameter> own = {}) {
  Parameters all = {kSelector, {"limit", count}, {"continue", text}, kVersion};
  all.insert(all.end(), own);
  all.push_back(kTimeout);
  return all;
}

Statuses upstream(std::initializer_list<unsigned> own) {
  Statuses all(own);
  all.insert(all.end(), kUpstream);
  return all;
}

/// A body can be too slow, too large or of the wrong type.
Statuses upstream_with_body(std::initializer_list<unsigned> own) {
  auto all = upstream(own);
  all.insert(all.end(), {408, 413, 415});
  return all;
}

const auto kGet = http::Verb::get;
const auto kPost = http::Verb::post;
const auto kPut = http::Verb::put;
const auto kDelete = http::Verb::delete_;

std::vector<Route> make_routes() {
  const auto probe = [](std::string_view pattern) {
    return Route{kGet, pattern, get_liveness, {}, false, {200, 400, 500}};
  };
  const auto readiness = [](std::string_view pattern) {
    return Route{kGet, pattern, get_readiness, {{"verbose", flag}}, false, {200, 400, 500, 503}};
  };
  const auto state = [](std::string_view pattern, HandlerFunction handle) {
    return Route{kGet, pattern, handle, {}, false, {200, 400, 500}};
  };
  return {
      {kGet, "/api/v1/pod/{namespace}", list_pods, list_parameters(), false, upstream({200, 304, 410})},
      {kGet, "/api/v1/pod/{namespace}/name/{pod}", get_pod, with_timeout({kVersion}), false, upstream({200, 304, 404})},
      {kGet, "/api/v1/pod/{namespace}/name/{pod}/events", list_pod_events, with_timeout({}), false,
       upstream({200, 404})},
      {kGet, "/api/v1/pod/{namespace}/name/{pod}/logs", get_pod_logs,
       with_timeout({{"container", text},
                     {"tail", count},
                     {"follow", boolean},
                     {"previous", boolean},
                     {"timestamps", boolean},
                     {"sinceSeconds", positive},
                     {"sinceTime", time},
                     {"limitBytes", positive}}),
       false, upstream({200, 404, 413})},
      {kPost, "/api/v1/pod/{namespace}/name/{pod}/restart", restart_pod, with_timeout({{"force", boolean}, kDryRun}),
       false, upstream_with_body({200, 404, 409})},

      {kGet, "/api/v1/pvc/{namespace}", list_pvcs, list_parameters(), false, upstream({200, 304, 410})},
      {kDelete, "/api/v1/pvc/{namespace}", delete_pvcs, with_timeout({kSelector, {"force", boolean}, kDryRun}), false,
       upstream_with_body({200, 202, 207, 409})},
      {kGet, "/api/v1/pvc/{namespace}/name/{pvcname}", get_pvc, with_timeout({kVersion}), false,
       upstream({200, 304, 404})},
      {kDelete, "/api/v1/pvc/{namespace}/name/{pvcname}", delete_pvc,
       with_timeout({{"force", boolean}, kDryRun, kIgnoreNotFound}), false, upstream_with_body({200, 202, 404, 409})},

      {kGet, "/api/v1/secret/{namespace}", list_secrets, list_parameters({{"values", boolean}}), false,
       upstream({200, 410})},
      {kPost, "/api/v1/secret/{namespace}", create_secret, with_timeout({kDryRun}), true,
       upstream_with_body({201, 404, 409, 422})},
      {kPut, "/api/v1/secret/{namespace}", update_secret, with_timeout({kDryRun}), true,
       upstream_with_body({200, 404, 409, 422})},
      {kDelete, "/api/v1/secret/{namespace}", delete_secret_by_body,
       with_timeout({{"name", name}, kDryRun, kIgnoreNotFound}), true, upstream_with_body({200, 202, 404, 409})},
      {kGet, "/api/v1/secret/{namespace}/name/{secretname}", get_secret, with_timeout({{"decode", boolean}, kVersion}),
       false, upstream({200, 404})},
      {kDelete, "/api/v1/secret/{namespace}/name/{secretname}", delete_secret, with_timeout({kDryRun, kIgnoreNotFound}),
       false, upstream_with_body({200, 202, 404, 409})},

      {kGet, "/api/v1/storageclass", list_storage_classes, list_parameters(), false, upstream({200, 304, 410})},
      {kGet, "/api/v1/storageclass/{name}", get_storage_class, with_timeout({kVersion}), false,
       upstream({200, 304, 404})},

      {kGet, "/api/v1/tenant", list_tenants, list_parameters({{"multiTenant", boolean}}), false,
       upstream({200, 304, 410})},
      {kGet, "/api/v1/tenant/{tenantName}", get_tenant, with_timeout({kVersion}), false, upstream({200, 304, 404})},
      {kPost, "/api/v1/tenant/{tenantName}", create_tenant, with_timeout({kDryRun}), true,
       upstream_with_body({201, 404, 409, 422})},
      {kPut, "/api/v1/tenant/{tenantName}", update_tenant, with_timeout({{"prune", boolean}, kDryRun}), true,
       upstream_with_body({200, 404, 409, 422})},
      {kDelete, "/api/v1/tenant/{tenantName}", delete_tenant, with_timeout({kDryRun, kIgnoreNotFound}), false,
       upstream_with_body({200, 202, 404, 409})},

      probe("/liveniess"),
      probe("/liveness"),
      probe("/livez"),
      readiness("/readiness"),
      readiness("/readyz"),
      state("/stats", get_stats),
      state("/metrics", get_metrics),
      state("/version", get_version),
      state("/openapi.json", get_openapi),
  };
}

}  // namespace

std::span<const Route> routes() {
  static const std::vector<Route> all = make_routes();
  return all;
}

}  // namespace quartermaster::api
