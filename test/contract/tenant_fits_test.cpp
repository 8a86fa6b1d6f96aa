// Whether a workload fits, held against what the API server's admission does with its pods and claims.
#include <algorithm>

#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

constexpr int kTried = 6;  // replicas; more than any case lets in

/// Refused by the quota as soon as admission knows it.
json::object marker_pod() {
  static const json::value marker = parse_json(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "marker"},
      "spec": {"containers": [{"name": "main", "image": "example.com/a",
        "resources": {"requests": {"example.com/marker": "1"}, "limits": {"example.com/marker": "1"}}}]}})");
  return marker.as_object();
}

struct Case {
  std::string name;
  std::string quota;        // its spec; "": none
  std::string limit_range;  // the limits; "": none
  std::string workload;     // without its replicas
  int most;                 // that fit; kTried: all that are tried
};

json::array containers_of(const json::value& workload, const std::string& list) {
  json::array containers;
  const json::value* given = find(workload, "/" + list);
  if (given == nullptr) return containers;
  for (const json::value& resources : given->as_array()) {
    containers.push_back(json::object{{"name", list.substr(0, 1) + std::to_string(containers.size())},
                                      {"image", "example.com/a"},
                                      {"resources", resources}});
  }
  return containers;
}

json::object pod_of(const json::value& workload, const std::string& name) {
  json::object spec = {{"containers", containers_of(workload, "containers")}};
  if (find(workload, "/initContainers") != nullptr) spec["initContainers"] = containers_of(workload, "initContainers");
  if (const auto* seconds = find(workload, "/activeDeadlineSeconds")) spec["activeDeadlineSeconds"] = *seconds;
  return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", name}}}, {"spec", spec}};
}

json::object claim_of(const json::value& wanted, const std::string& name) {
  json::object spec = {{"accessModes", json::array{"ReadWriteOnce"}},
                       {"resources", json::object{{"requests", json::object{{"storage", at(wanted, "/size")}}}}}};
  if (const auto* storage_class = find(wanted, "/storageClass")) spec["storageClassName"] = *storage_class;
  return {{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"metadata", {{"name", name}}}, {"spec", spec}};
}

/// Whether the API server takes it; what it refuses for another reason than its limits fails the case.
bool is_taken(const Namespace& ns, const std::string& plural, const json::object& object, bool dry_run = false) {
  const HttpAnswer answer = cluster().raw("POST", ns.path(plural) + (dry_run ? "?dryRun=All" : ""), print(object));
  INFO(answer.body);
  CHECK((answer.status == 201 || answer.status == 403 || answer.status == 422));
  return answer.status == 201;
}

bool take_claims(const Namespace& ns, const json::value& workload, bool shared, const std::string& suffix) {
  const json::value* claims = find(workload, "/storage");
  if (claims == nullptr) return true;
  int count = 0;
  for (const json::value& wanted : claims->as_array()) {
    const json::value* is_shared = find(wanted, "/shared");
    if ((is_shared != nullptr && is_shared->as_bool()) != shared) continue;
    if (!is_taken(ns, "persistentvolumeclaims", claim_of(wanted, "c" + std::to_string(count++) + suffix))) return false;
  }
  return true;
}

/// Makes replica after replica until one is refused, at most so many; answers how many there are.
int make_replicas(const Namespace& ns, const json::value& workload, int limit) {
  if (!take_claims(ns, workload, true, "-shared")) return 0;
  for (int i = 0; i < limit; ++i) {
    const std::string suffix = "-" + std::to_string(i);
    if (!take_claims(ns, workload, false, suffix)) return i;
    if (!at(workload, "/containers").as_array().empty() && !is_taken(ns, "pods", pod_of(workload, "p" + suffix)))
      return i;
  }
  return limit;
}

void set_limits(const Namespace& ns, const Case& c) {
  if (!c.limit_range.empty()) {
    ns.create("limitranges", {{"metadata", {{"name", "l"}}}, {"spec", {{"limits", parse_json(c.limit_range)}}}});
  }
  if (c.quota.empty()) return;
  const json::value spec = parse_json(c.quota);
  ns.create("resourcequotas", {{"metadata", {{"name", "q"}}}, {"spec", spec}});
  if (find(at(spec, "/hard"), "/requests.example.com~1marker") == nullptr) return;
  REQUIRE(poll_until([&] { return !is_taken(ns, "pods", marker_pod(), true); }, std::chrono::seconds(30)));
}

std::string fits_target(const std::string& ns) { return "/api/v1/tenant/" + ns + "/fits"; }

json::value ask(const Namespace& ns, json::value workload, int replicas) {
  workload.as_object()["replicas"] = replicas;
  const HttpAnswer answer = service().post(fits_target(ns.name()) + "?timeout=30s", print(workload));
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  return answer.json();
}

// Each quota but those with scopes has the marker.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"pods", R"({"hard": {"pods": "3", "requests.example.com/marker": "0"}})", "", R"({"containers": [{}]})", 3},
      {"count of pods", R"({"hard": {"count/pods": "2", "requests.example.com/marker": "0"}})", "",
       R"({"containers": [{}]})", 2},
      {"limits", R"({"hard": {"limits.cpu": "1", "requests.example.com/marker": "0"}})",
       R"([{"type": "Container", "default": {"cpu": "10m"}}])",
       R"({"containers": [{"limits": {"cpu": "0.3"}}, {"limits": {"cpu": "30m"}}]})", 3},
      {"requests by their older name", R"({"hard": {"cpu": "1", "memory": "1Gi", "requests.example.com/marker": "0"}})",
       R"([{"type": "Container", "defaultRequest": {"cpu": "1m", "memory": "1Mi"}}])",
       R"({"containers": [{"requests": {"cpu": "200m", "memory": "400Mi"}}]})", 2},
      {"a limit is a request", R"({"hard": {"requests.cpu": "1", "requests.example.com/marker": "0"}})",
       R"([{"type": "Container", "defaultRequest": {"cpu": "10m"}}])",
       R"({"containers": [{"limits": {"cpu": "400m"}}]})", 2},
      {"what must be specified", R"({"hard": {"limits.memory": "9Gi", "requests.example.com/marker": "0"}})", "",
       R"({"containers": [{"limits": {"memory": "1Mi"}}, {}]})", 0},
      {"defaults", R"({"hard": {"limits.memory": "1Gi", "requests.example.com/marker": "0"}})",
       R"([{"type": "Container", "default": {"memory": "250Mi"}}])", R"({"containers": [{}]})", 4},
      {"an init container that needs more", R"({"hard": {"limits.cpu": "1", "requests.example.com/marker": "0"}})",
       R"([{"type": "Container", "default": {"cpu": "10m"}}])",
       R"({"containers": [{"limits": {"cpu": "100m"}}], "initContainers": [{"limits": {"cpu": "450m"}}]})", 2},
      {"an extended resource", R"({"hard": {"requests.example.com/gpu": "3", "requests.example.com/marker": "0"}})", "",
       R"({"containers": [{"limits": {"example.com/gpu": "2"}, "requests": {"example.com/gpu": "2"}}]})", 1},
      {"claims", R"({"hard": {"persistentvolumeclaims": "5", "requests.example.com/marker": "0"}})", "",
       R"({"containers": [], "storage": [{"size": "1Gi"}, {"size": "2Gi"}, {"size": "3Gi", "shared": true}]})", 2},
      {"size of claims", R"({"hard": {"requests.storage": "10Gi", "requests.example.com/marker": "0"}})", "",
       R"({"containers": [{}], "storage": [{"size": "2.5Gi"}, {"size": "1Gi", "shared": true}]})", 3},
      {"size by class",
       R"({"hard": {"quick.storageclass.storage.k8s.io/requests.storage": "5Gi", "requests.example.com/marker": "0"}})",
       "",
       R"({"containers": [{}], "storage": [{"size": "3Gi", "storageClass": "quick"}, {"size": "9Gi", "storageClass": "x"}]})",
       1},
      {"number by class",
       R"({"hard": {"quick.storageclass.storage.k8s.io/persistentvolumeclaims": "2", "requests.example.com/marker": "0"}})",
       "", R"({"containers": [], "storage": [{"size": "3Gi", "storageClass": "quick"}]})", 2},
      {"nothing of this", R"({"hard": {"secrets": "99", "requests.example.com/marker": "0"}})", "",
       R"({"containers": [{"limits": {"cpu": "9"}}]})", kTried},
      {"a container's maximum", "", R"([{"type": "Container", "max": {"cpu": "1"}}])",
       R"({"containers": [{"limits": {"cpu": "1100m"}}]})", 0},
      {"a container's maximum, just", "", R"([{"type": "Container", "max": {"cpu": "1"}}])",
       R"({"containers": [{"limits": {"cpu": "1"}}, {}]})", kTried},
      {"a container's minimum", "", R"([{"type": "Container", "min": {"memory": "10Mi"}}])",
       R"({"containers": [{"requests": {"memory": "9Mi"}}]})", 0},
      {"a ratio", "", R"([{"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}])",
       R"({"containers": [{"requests": {"cpu": "100m"}, "limits": {"cpu": "201m"}}]})", 0},
      {"a ratio, just", "", R"([{"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}])",
       R"({"containers": [{"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}]})", kTried},
      {"a ratio of nothing", "", R"([{"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}])",
       R"({"containers": [{}]})", 0},
      {"a pod's maximum", "", R"([{"type": "Pod", "max": {"memory": "1Gi"}}])",
       R"({"containers": [{"limits": {"memory": "600Mi"}}, {"limits": {"memory": "500Mi"}}]})", 0},
      {"a pod's maximum, just", "", R"([{"type": "Pod", "max": {"memory": "1Gi"}}])",
       R"({"containers": [{"limits": {"memory": "600Mi"}}, {"limits": {"memory": "424Mi"}}]})", kTried},
      {"a pod's minimum", "", R"([{"type": "Pod", "min": {"cpu": "1"}}])",
       R"({"containers": [{"requests": {"cpu": "600m"}}, {"requests": {"cpu": "399m"}}]})", 0},
      {"a default below a request", "", R"([{"type": "Container", "default": {"cpu": "500m"}}])",
       R"({"containers": [{"requests": {"cpu": "1"}}]})", 0},
      {"a claim's maximum", "", R"([{"type": "PersistentVolumeClaim", "max": {"storage": "5Gi"}}])",
       R"({"containers": [], "storage": [{"size": "5Gi"}, {"size": "6Gi"}]})", 0},
      {"a claim's minimum, just", "", R"([{"type": "PersistentVolumeClaim", "min": {"storage": "5Gi"}}])",
       R"({"containers": [], "storage": [{"size": "5Gi"}]})", kTried},
  };
  return all;
}

void wait_for_status(const Namespace& ns) {
  const auto counted = [&] { return find(cluster().get(ns.path("resourcequotas", "q")), "/status/used") != nullptr; };
  REQUIRE(poll_until(counted, std::chrono::seconds(30)));
}

}  // namespace

TEST_CASE("what fits is what the API server takes") {
  NEEDS_CONTROLLERS();
  for (const Case& c : cases()) {
    DYNAMIC_SECTION(c.name) {
      const Namespace ns(cluster());
      set_limits(ns, c);
      const json::value workload = parse_json(c.workload);
      const json::value fit = ask(ns, workload, kTried);
      INFO(print(fit));
      const auto most = at(fit, "/maxReplicas").as_int64();
      CHECK(std::min<std::int64_t>(most, kTried) == c.most);
      CHECK(at(fit, "/fits").as_bool() == (c.most == kTried));
      if (c.most > 0) CHECK(at(ask(ns, workload, c.most), "/fits") == json::value(true));
      CHECK(make_replicas(ns, workload, kTried) == c.most);
    }
  }
}

TEST_CASE("what fits goes by the scopes of quotas, as the API server does") {
  NEEDS_CONTROLLERS();
  struct ScopeCase {
    std::string scopes;
    std::string workload;
    bool taken;
  };
  const std::string ending = R"({"containers": [{"limits": {"cpu": "1"}}], "activeDeadlineSeconds": 60})";
  const std::string plain = R"({"containers": [{"limits": {"cpu": "1"}}]})";
  const std::string best_effort = R"({"containers": [{}]})";
  const std::string priority = R"("scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", )";
  const std::vector<ScopeCase> rows = {
      {R"("scopes": ["Terminating"])", ending, false},
      {R"("scopes": ["Terminating"])", plain, true},
      {R"("scopes": ["NotTerminating"])", ending, true},
      {R"("scopes": ["NotTerminating"])", plain, false},
      {R"("scopes": ["BestEffort"])", best_effort, false},
      {R"("scopes": ["BestEffort"])", plain, true},
      {R"("scopes": ["NotBestEffort"])", best_effort, true},
      {R"("scopes": ["NotBestEffort"])", plain, false},
      {priority + R"("operator": "In", "values": ["high"]}]})", plain, true},
      {priority + R"("operator": "DoesNotExist"}]})", plain, false},
  };
  for (const ScopeCase& row : rows) {
    INFO(row.scopes << " " << row.workload);
    const Namespace ns(cluster());
    const json::value spec = parse_json(R"({"hard": {"pods": "0"}, )" + row.scopes + "}");
    ns.create("resourcequotas", {{"metadata", {{"name", "q"}}}, {"spec", spec}});
    wait_for_status(ns);
    const json::value workload = parse_json(row.workload);
    const json::value fit = ask(ns, workload, 1);
    CHECK(at(fit, "/fits") == json::value(row.taken));
    CHECK(at(fit, "/quotas/0/applies") == json::value(!row.taken));
    const auto taken = [&] { return is_taken(ns, "pods", pod_of(workload, "p"), true); };
    // Its cache of quotas may lag; what it refuses, it refuses then for good.
    CHECK(poll_until([&] { return taken() == row.taken; }, std::chrono::seconds(30)));
  }
}

TEST_CASE("what fits says what runs out first, from what is used now") {
  NEEDS_CONTROLLERS();
  const Namespace ns(cluster());
  ns.create("resourcequotas",
            {{"metadata", {{"name", "q"}}},
             {"spec", {{"hard", {{"pods", "9"}, {"limits.cpu", "2"}, {"requests.storage", "5Gi"}}}}}});
  wait_for_status(ns);
  ns.create("pods", pod_of(parse_json(R"({"containers": [{"limits": {"cpu": "500m"}}]})"), "there"));
  const auto used = [&] { return text_at(cluster().get(ns.path("resourcequotas", "q")), "/status/used/limits.cpu"); };
  REQUIRE(poll_until([&] { return used() == "500m"; }, std::chrono::seconds(30)));
  const json::value fit =
      ask(ns, parse_json(R"({"containers": [{"limits": {"cpu": "0.6"}}], "storage": [{"size": "1Gi"}]})"), 4);
  INFO(print(fit));
  CHECK(text_at(fit, "/tenantName") == ns.name());
  CHECK(at(fit, "/fits") == json::value(false));
  CHECK(at(fit, "/maxReplicas") == json::value(2));
  CHECK(at(fit, "/runsOutFirst") == parse_json(R"([{"quotaName": "q", "resource": "limits.cpu"}])"));
  CHECK(at(fit, "/quotas/0/resources/0") == parse_json(R"({"resource": "limits.cpu", "hard": "2", "used": "500m",
      "perReplica": "600m", "needed": "2400m", "fits": false, "maxReplicas": 2})"));
  CHECK(at(fit, "/quotas/0/counted") == json::value(true));
  CHECK(text_at(fit, "/quotas/0/message") == "not enough limits.cpu");
  CHECK(at(fit, "/containers/0/requests") == parse_json(R"({"cpu": "600m"})"));
  CHECK(at(fit, "/unread") == json::value(json::array{}));
}

TEST_CASE("claims that name no class count for the default one") {
  const Namespace ns(cluster());
  const std::string name = unique_name("default-class");
  const std::string path = "/apis/storage.k8s.io/v1/storageclasses";
  cluster().create(
      path, storage_class(
                name, {{"metadata", {{"annotations", {{"storageclass.kubernetes.io/is-default-class", "true"}}}}}}));
  const std::string resource = name + ".storageclass.storage.k8s.io/requests.storage";
  ns.create("resourcequotas", {{"metadata", {{"name", "q"}}}, {"spec", {{"hard", {{resource, "1Gi"}}}}}});
  const auto verdict = [&](const std::string& storage) {
    return at(ask(ns, parse_json(R"({"storage": [)" + storage + "]}"), 1), "/fits").as_bool();
  };
  CHECK_FALSE(verdict(R"({"size": "2Gi"})"));
  CHECK(verdict(R"({"size": "2Gi", "storageClass": ""})"));
  const json::value fit = ask(ns, parse_json(R"({"storage": [{"size": "1Gi"}]})"), 1);
  CHECK(text_at(fit, "/storage/0/storageClass") == name);
  cluster().remove(path + "/" + name);
}

TEST_CASE("a workload that cannot be asked about is refused") {
  const Namespace ns(cluster());
  CHECK(outcome(service().post(fits_target("absent"), R"({"containers": [{}]})")) == "404 NotFound");
  check_stays_local([&] {
    CHECK(outcome(service().post(fits_target(ns.name()), R"({"containers": [{"requests": {"cpu": "x"}}]})")) ==
          "422 Invalid");
    CHECK(outcome(service().call({"POST", fits_target(ns.name()), {{"Content-Length", ""}}})) == "411 LengthRequired");
    CHECK(outcome(service().post(fits_target(ns.name()), R"({"replicas": "1"})")) == "400 BadRequest");
  });
  cluster().patch(namespace_path(ns.name()), {{"metadata", {{"finalizers", {"example.com/hold"}}}}});
  cluster().raw("DELETE", namespace_path(ns.name()));
  CHECK(outcome(service().post(fits_target(ns.name()), "{}")) == "409 Terminating");
  cluster().patch(namespace_path(ns.name()), {{"metadata", {{"finalizers", nullptr}}}});
}

}  // namespace quartermaster::test
