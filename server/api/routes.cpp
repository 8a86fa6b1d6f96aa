// All routes, with what each takes and answers.
#include <initializer_list>

#include "server/api/handlers.hpp"

namespace quartermaster::api {
namespace {

using enum ParameterType;
using Parameters = std::vector<Parameter>;
using Statuses = std::vector<unsigned>;
using model::Kind;

// Path parameters.
constexpr std::string_view kNs = "namespace";
constexpr std::string_view kTenant = "tenantName";

// Whatever speaks with the API server may answer these; first of all when it is asked who calls.
constexpr std::initializer_list<unsigned> kUpstream = {400, 401, 403, 429, 500, 502, 503, 504};

constexpr Parameter kTimeout{"timeout", duration};
constexpr Parameter kDryRun{"dryRun", boolean};
constexpr Parameter kPlan{"plan", token};
constexpr Parameter kIgnoreNotFound{"ignoreNotFound", boolean};
constexpr Parameter kSelector{"labelselector", selector};
constexpr Parameter kVersion{"resourceVersion", resource_version};
constexpr Parameter kRestartConsumers{"restartConsumers", boolean};

// Of a delete of claims that is planned.
constexpr Requirement kVolumes{"get", Kind::persistent_volume, "", "", "", Moment::volume};

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

/// Of logs, of one pod or of many.
Parameters log_parameters(std::initializer_list<Parameter> own) {
  Parameters all = {{"container", text},        {"tail", count},     {"follow", boolean}, {"timestamps", boolean},
                    {"sinceSeconds", positive}, {"sinceTime", time}, {"contains", text},  {"cursor", text}};
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

/// Nor can it be left out.
Statuses upstream_with_needed_body(std::initializer_list<unsigned> own) {
  auto all = upstream_with_body(own);
  all.push_back(411);
  return all;
}

/// For rollouts: what restarts a workload.
void add_rollout(std::vector<Requirement>& all, Moment moment) {
  for (const auto kind : {Kind::deployment, Kind::stateful_set, Kind::daemon_set}) {
    all.push_back({"patch", kind, kNs, "", "", moment});
  }
}

/// Of an update of a secret, with what its consumers' restart requires.
Access with_restarts(std::vector<Requirement> own) {
  own.push_back({"list", Kind::pod, kNs, "", "", Moment::restart});
  add_rollout(own, Moment::consumer);
  return Access::to(std::move(own));
}

/// Of a write of a tenant, with what limits, isolation and members require. Who binds a role must be allowed to bind
/// it, as the API server asks of whoever binds it there.
Access with_contents(std::vector<Requirement> own, std::initializer_list<std::string_view> verbs) {
  for (const auto kind : {Kind::limit_range, Kind::network_policy, Kind::role_binding}) {
    for (const auto verb : verbs) own.push_back({verb, kind, kTenant, "", "", Moment::contents});
  }
  own.push_back({"bind", Kind::cluster_role, kTenant, "", "", Moment::contents});
  return Access::to(std::move(own));
}

/// Of a pod's restart, in each of its modes.
Access to_restart() {
  std::vector<Requirement> all = {{"delete", Kind::pod, kNs, "pod", "", Moment::mode_delete},
                                  {"create", Kind::pod, kNs, "pod", "eviction", Moment::mode_evict},
                                  {"get", Kind::pod, kNs, "pod", "", Moment::mode_rollout}};
  add_rollout(all, Moment::workload);
  all.push_back({"list", Kind::pod, kNs, "", "", Moment::wait});
  all.push_back({"list", Kind::event, kNs, "", "", Moment::part});
  return Access::to(std::move(all));
}

/// Of a list that can be listened to: as `kubectl get --watch`, that needs "watch" beside "list".
Access to_streamed(std::vector<Requirement> lists) {
  for (std::size_t i = 0, count = lists.size(); i < count; ++i) {
    lists.push_back({"watch", lists[i].kind, lists[i].ns, "", "", Moment::stream});
  }
  return Access::to_cached(std::move(lists));
}

const auto kGet = http::Verb::get;
const auto kPost = http::Verb::post;
const auto kPut = http::Verb::put;
const auto kPatch = http::Verb::patch;
const auto kDelete = http::Verb::delete_;

std::vector<Route> make_routes() {
  const auto probe = [](std::string_view pattern) {
    return Route{kGet, pattern, get_liveness, Access::anyone(), {}, false, {200, 400, 500}, true};
  };
  const auto readiness = [](std::string_view pattern) {
    return Route{kGet, pattern, get_readiness, Access::anyone(), {{"verbose", flag}}, false, {200, 400, 500, 503},
                 true};
  };
  const auto state = [](std::string_view pattern, HandlerFunction handle) {
    return Route{kGet, pattern, handle, Access::path(), {}, false, {200, 400, 401, 403, 429, 500, 503}, true};
  };
  const auto about = [](std::string_view pattern, HandlerFunction handle) {
    return Route{kGet, pattern, handle, Access::anyone(), {}, false, {200, 400, 429, 500}};
  };
  return {
      {kGet, "/api/v1/pod/{namespace}", list_pods, to_streamed({{"list", Kind::pod, kNs}}), list_parameters(), false,
       upstream({200, 304, 406, 410})},
      {kGet, "/api/v1/pod/{namespace}/name/{pod}", get_pod, Access::to_cached({{"get", Kind::pod, kNs, "pod"}}),
       with_timeout({kVersion}), false, upstream({200, 304, 404})},
      {kGet, "/api/v1/pod/{namespace}/name/{pod}/events", list_pod_events,
       Access::to({{"get", Kind::pod, kNs, "pod"}, {"list", Kind::event, kNs}}), with_timeout({}), false,
       upstream({200, 404})},
      {kGet, "/api/v1/pod/{namespace}/name/{pod}/logs", get_pod_logs,
       Access::to({{"get", Kind::pod, kNs, "pod", "log"}}),
       log_parameters({{"previous", boolean}, {"limitBytes", positive}}), false, upstream({200, 204, 404, 413})},
      {kGet, "/api/v1/pod/{namespace}/logs", get_pods_logs,
       Access::to({{"list", Kind::pod, kNs}, {"get", Kind::pod, kNs, "", "log"}}), log_parameters({kSelector}), false,
       upstream({200})},
      {kGet, "/api/v1/pod/{namespace}/name/{pod}/timeline", get_pod_timeline,
       Access::to({{"get", Kind::pod, kNs, "pod"},
                   {"list", Kind::event, kNs},
                   {"watch", Kind::event, kNs, "", "", Moment::follow},
                   {"list", Kind::event, "", "", "", Moment::part}}),
       with_timeout({{"follow", boolean}}), false, upstream({200, 404})},
      {kPost, "/api/v1/pod/{namespace}/name/{pod}/restart", restart_pod, to_restart(),
       with_timeout({{"mode", restart_mode}, {"wait", duration}, {"force", boolean}, kDryRun}), false,
       upstream_with_body({200, 404, 409})},

      {kGet, "/api/v1/pvc/{namespace}", list_pvcs, to_streamed({{"list", Kind::pvc, kNs}}), list_parameters(), false,
       upstream({200, 304, 406, 410})},
      {kDelete, "/api/v1/pvc/{namespace}", delete_pvcs,
       Access::to({{"delete", Kind::pvc, kNs, "", "", Moment::each_selected},
                   {"list", Kind::pvc, kNs, "", "", Moment::told},
                   kVolumes}),
       with_timeout({kSelector, {"force", boolean}, kDryRun, kPlan}), false, upstream_with_body({200, 202, 207, 409})},
      {kGet, "/api/v1/pvc/{namespace}/name/{pvcname}", get_pvc, Access::to_cached({{"get", Kind::pvc, kNs, "pvcname"}}),
       with_timeout({kVersion}), false, upstream({200, 304, 404})},
      {kDelete, "/api/v1/pvc/{namespace}/name/{pvcname}", delete_pvc,
       Access::to({{"delete", Kind::pvc, kNs, "pvcname"}, kVolumes}),
       with_timeout({{"force", boolean}, kDryRun, kPlan, kIgnoreNotFound}), false,
       upstream_with_body({200, 202, 404, 409})},
      {kGet, "/api/v1/pvc/{namespace}/name/{pvcname}/usage", get_pvc_usage,
       Access::to({{"get", Kind::pvc, kNs, "pvcname"},
                   {"list", Kind::pod, kNs},
                   {"list", Kind::stateful_set, kNs},
                   {"get", Kind::node, "", "", "stats", Moment::node_stats},
                   {"get", Kind::node, "", "", "proxy", Moment::node_proxy}}),
       with_timeout({}), false, upstream({200, 404})},

      {kGet, "/api/v1/secret/{namespace}", list_secrets, Access::to({{"list", Kind::secret, kNs}}),
       list_parameters({{"values", boolean}}), false, upstream({200, 410})},
      {kPost, "/api/v1/secret/{namespace}", create_secret, Access::to({{"create", Kind::secret, kNs}}),
       with_timeout({kDryRun}), true, upstream_with_needed_body({201, 404, 409, 422})},
      {kPut, "/api/v1/secret/{namespace}", update_secret,
       with_restarts({{"update", Kind::secret, kNs, "", "", Moment::name},
                      {"get", Kind::secret, kNs, "", "", Moment::kept_data}}),
       with_timeout({kRestartConsumers, kDryRun}), true, upstream_with_needed_body({200, 404, 409, 422})},
      {kDelete, "/api/v1/secret/{namespace}", delete_secret_by_body,
       Access::to({{"delete", Kind::secret, kNs, "", "", Moment::name}}),
       with_timeout({{"name", name}, kDryRun, kIgnoreNotFound}), true, upstream_with_body({200, 202, 404, 409})},
      {kGet, "/api/v1/secret/{namespace}/name/{secretname}", get_secret,
       Access::to({{"get", Kind::secret, kNs, "secretname"}}), with_timeout({{"decode", boolean}, kVersion}), false,
       upstream({200, 404})},
      {kPatch, "/api/v1/secret/{namespace}/name/{secretname}", patch_secret,
       with_restarts({{"patch", Kind::secret, kNs, "secretname"}, {"get", Kind::secret, kNs, "secretname"}}),
       with_timeout({kRestartConsumers, kDryRun}), true, upstream_with_needed_body({200, 404, 409, 422})},
      {kDelete, "/api/v1/secret/{namespace}/name/{secretname}", delete_secret,
       Access::to({{"delete", Kind::secret, kNs, "secretname"}}), with_timeout({kDryRun, kIgnoreNotFound}), false,
       upstream_with_body({200, 202, 404, 409})},
      {kGet, "/api/v1/secret/{namespace}/name/{secretname}/usage", get_secret_usage,
       Access::to({{"list", Kind::pod, kNs, "", "", Moment::part},
                   {"list", Kind::service_account, kNs, "", "", Moment::part},
                   {"list", Kind::ingress, kNs, "", "", Moment::part},
                   {"get", Kind::secret, kNs, "secretname"}}),
       with_timeout({}), false, upstream({200, 404})},

      {kGet, "/api/v1/storageclass", list_storage_classes, to_streamed({{"list", Kind::storage_class}}),
       list_parameters(), false, upstream({200, 304, 406, 410})},
      {kGet, "/api/v1/storageclass/{name}", get_storage_class,
       Access::to_cached({{"get", Kind::storage_class, "", "name"}}), with_timeout({kVersion}), false,
       upstream({200, 304, 404})},

      {kGet, "/api/v1/tenant", list_tenants, to_streamed({{"list", Kind::namespace_}, {"list", Kind::resource_quota}}),
       list_parameters({{"multiTenant", boolean}}), false, upstream({200, 304, 406, 410})},
      {kGet, "/api/v1/tenant/{tenantName}", get_tenant,
       Access::to_cached({{"get", Kind::namespace_, kTenant, kTenant}, {"list", Kind::resource_quota, kTenant}}),
       with_timeout({kVersion}), false, upstream({200, 304, 404})},
      {kPost, "/api/v1/tenant/{tenantName}", create_tenant,
       with_contents({{"create", Kind::namespace_}, {"create", Kind::resource_quota, kTenant}}, {"create"}),
       with_timeout({kDryRun}), true, upstream_with_body({201, 404, 409, 422})},
      {kPut, "/api/v1/tenant/{tenantName}", update_tenant,
       with_contents({{"update", Kind::namespace_, kTenant, kTenant},
                      {"update", Kind::resource_quota, kTenant},
                      {"delete", Kind::resource_quota, kTenant, "", "", Moment::prune},
                      {"create", Kind::resource_quota, kTenant, "", "", Moment::new_quota}},
                     {"create", "update", "delete"}),
       with_timeout({{"prune", boolean}, kDryRun}), true, upstream_with_body({200, 404, 409, 422})},
      {kDelete, "/api/v1/tenant/{tenantName}", delete_tenant,
       Access::to({{"delete", Kind::namespace_, kTenant, kTenant}, {"delete", Kind::resource_quota, kTenant}}),
       with_timeout({kDryRun, kIgnoreNotFound}), false, upstream_with_body({200, 202, 404, 409})},
      {kPost, "/api/v1/tenant/{tenantName}/fits", ask_whether_fits,
       Access::to({{"get", Kind::namespace_, kTenant, kTenant},
                   {"list", Kind::resource_quota, kTenant},
                   {"list", Kind::limit_range, kTenant},
                   {"list", Kind::storage_class, "", "", "", Moment::default_class}}),
       with_timeout({}), true, upstream_with_needed_body({200, 404, 409, 422})},

      probe("/liveniess"),
      probe("/liveness"),
      probe("/livez"),
      readiness("/readiness"),
      readiness("/readyz"),
      state("/stats", get_stats),
      state("/metrics", get_metrics),
      about("/version", get_version),
      about("/openapi.json", get_openapi),
      {kGet, "/docs", get_docs, Access::anyone(), {}, false, {200, 304, 400, 429, 500}},
      {kGet, "/docs/rapidoc.js", get_docs_viewer, Access::anyone(), {}, false, {200, 304, 400, 406, 429, 500}},
  };
}

}  // namespace

std::span<const Route> routes() {
  static const std::vector<Route> all = make_routes();
  return all;
}

}  // namespace quartermaster::api
