// Whether a workload fits: quotas with their scopes, limit ranges with their defaults, and how often.
#include "model/fit.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

ResourceList amounts(std::string_view text) { return resource_list_from(parsed(text).root()); }

ContainerDemand container(std::string_view requests, std::string_view limits = "{}") {
  return {.requests = amounts(requests), .limits = amounts(limits)};
}

Demand pods(std::int64_t replicas, std::vector<ContainerDemand> containers) {
  Demand demand;
  demand.replicas = replicas;
  demand.containers = std::move(containers);
  return demand;
}

/// Counted, as of `spec`; `used` like its hard.
ResourceQuota quota(const std::string& hard, const std::string& used, const std::string& more = "") {
  return from_json(R"({"metadata": {"name": "q"}, "spec": {"hard": )" + hard + more + R"(}, "status": {"hard": )" +
                       hard + R"(, "used": )" + used + "}}",
                   resource_quota_from);
}

LimitRange range(const std::string& limits, const std::string& name = "l") {
  return from_json(R"({"metadata": {"name": ")" + name + R"("}, "spec": {"limits": )" + limits + "}}",
                   limit_range_from);
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : " ") + item;
  return text;
}

TEST_CASE("Replicas fit as often as each amount of a quota allows") {
  const auto [hard, used, replicas, most] = GENERATE(table<std::string, std::string, int, std::int64_t>({
      {R"({"pods": "5"})", R"({"pods": "2"})", 3, 3},
      {R"({"pods": "5"})", R"({"pods": "2"})", 4, 3},
      {R"({"pods": "5"})", R"({"pods": "9"})", 1, 0},
      {R"({"count/pods": "2"})", R"({"count/pods": "0"})", 2, 2},
      {R"({"requests.cpu": "1"})", R"({"requests.cpu": "100m"})", 1, 3},  // 900m / 250m
      {R"({"cpu": "1"})", R"({"cpu": "0"})", 4, 4},                       // the older name
      {R"({"limits.cpu": "1500m"})", R"({"limits.cpu": "0"})", 3, 3},     // 1500m / 500m
      {R"({"limits.cpu": "1499m"})", R"({"limits.cpu": "0"})", 3, 2},
      {R"({"requests.memory": "1Gi"})", R"({"requests.memory": "1"})", 1, 7},
      {R"({"memory": "1Gi", "pods": "4"})", R"({"memory": "0", "pods": "0"})", 8, 4},
      {R"({"requests.example.com/gpu": "3"})", R"({"requests.example.com/gpu": "1"})", 1, 1},
      {R"({"hugepages-2Mi": "8Mi"})", R"({"hugepages-2Mi": "0"})", 2, 2},
      {R"({"requests.ephemeral-storage": "1Gi"})", R"({"requests.ephemeral-storage": "0"})", 1, 1},
      {R"({"limits.ephemeral-storage": "1"})", R"({"limits.ephemeral-storage": "5"})", 1, kMostReplicas},  // no limit
      {R"({"services": "0", "secrets": "0"})", R"({"services": "9", "secrets": "9"})", 9, kMostReplicas},
      {R"({"requests.storage": "1"})", R"({"requests.storage": "9"})", 1, kMostReplicas},  // no claims
      {R"({"pods": "1e12"})", R"({"pods": "0"})", 1, kMostReplicas},
  }));
  CAPTURE(hard, used, replicas);
  // Two containers: 250m and 500m of cpu, 128Mi of memory.
  const auto demand =
      pods(replicas, {container(R"({"cpu": "0.2", "memory": "64Mi", "example.com/gpu": "2", "hugepages-2Mi": "4Mi"})",
                                R"({"cpu": "400m", "memory": "64Mi", "example.com/gpu": "2", "hugepages-2Mi": "4Mi"})"),
                      container(R"({"cpu": "50m", "memory": "67108864", "ephemeral-storage": "1Gi"})",
                                R"({"cpu": "0.1", "memory": "1Gi"})")});
  const auto fit = fit_of(demand, {}, {quota(hard, used)});
  CHECK(fit.max_replicas == most);
  CHECK(fit.fits == (replicas <= most));
  CHECK(fit.quotas.at(0).fits == fit.fits);
}

TEST_CASE("Claims count by number, size and class; shared ones once") {
  const auto [hard, used, most] = GENERATE(table<std::string, std::string, std::int64_t>({
      {R"({"persistentvolumeclaims": "7"})", R"({"persistentvolumeclaims": "0"})", 3},  // 2 each and 1
      {R"({"count/persistentvolumeclaims": "6"})", R"({"count/persistentvolumeclaims": "1"})", 2},
      {R"({"requests.storage": "100Gi"})", R"({"requests.storage": "40Gi"})", 2},  // 15Gi each and 30Gi
      {R"({"requests.storage": "69Gi"})", R"({"requests.storage": "40Gi"})", 0},
      {R"({"fast.storageclass.storage.k8s.io/requests.storage": "25Gi"})",
       R"({"fast.storageclass.storage.k8s.io/requests.storage": "0"})", 2},
      {R"({"fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1"})",
       R"({"fast.storageclass.storage.k8s.io/persistentvolumeclaims": "0"})", 1},
      {R"({"slow.storageclass.storage.k8s.io/requests.storage": "30Gi"})",
       R"({"slow.storageclass.storage.k8s.io/requests.storage": "0"})", kMostReplicas},
      {R"({"slow.storageclass.storage.k8s.io/requests.storage": "29Gi"})",
       R"({"slow.storageclass.storage.k8s.io/requests.storage": "0"})", 0},
      {R"({"other.storageclass.storage.k8s.io/requests.storage": "0"})",
       R"({"other.storageclass.storage.k8s.io/requests.storage": "0"})", kMostReplicas},
      {R"({"pods": "0", "limits.cpu": "0"})", R"({"pods": "0", "limits.cpu": "0"})", kMostReplicas},
  }));
  CAPTURE(hard, used);
  Demand demand;
  demand.claims = {{.size = *Quantity::parse("10Gi"), .storage_class = "fast"},
                   {.size = *Quantity::parse("5Gi"), .storage_class = ""},
                   {.size = *Quantity::parse("30Gi"), .storage_class = "slow", .shared = true}};
  CHECK(fit_of(demand, {}, {quota(hard, used)}).max_replicas == most);
}

TEST_CASE("A quota counts the pods that all its scopes match, and no claims if it has one") {
  const auto ends = [](Demand demand) {
    demand.ends_by_itself = true;
    return demand;
  };
  const auto of_class = [](Demand demand, std::string name) {
    demand.priority_class = std::move(name);
    return demand;
  };
  const auto best_effort = pods(1, {container("{}"), container(R"({"example.com/gpu": "1"})")});
  const auto burstable = pods(1, {container("{}"), container(R"({"cpu": "1m"})")});
  const auto selector = [](const std::string& op, const std::string& values) {
    return R"(, "scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": ")" + op +
           R"(", "values": )" + values + "}]}";
  };
  const std::string none;
  const auto [scopes, demand, applies] = GENERATE_COPY(table<std::string, Demand, bool>({
      {none, burstable, true},
      {R"(, "scopes": ["BestEffort"])", best_effort, true},
      {R"(, "scopes": ["BestEffort"])", burstable, false},
      {R"(, "scopes": ["NotBestEffort"])", best_effort, false},
      {R"(, "scopes": ["NotBestEffort"])", burstable, true},
      {R"(, "scopes": ["Terminating"])", burstable, false},
      {R"(, "scopes": ["Terminating"])", ends(burstable), true},
      {R"(, "scopes": ["NotTerminating"])", burstable, true},
      {R"(, "scopes": ["NotTerminating"])", ends(burstable), false},
      {R"(, "scopes": ["NotTerminating", "BestEffort"])", burstable, false},
      {R"(, "scopes": ["NotTerminating", "BestEffort"])", best_effort, true},
      {R"(, "scopes": ["PriorityClass"])", burstable, false},
      {R"(, "scopes": ["PriorityClass"])", of_class(burstable, "high"), true},
      {selector("In", R"(["high", "higher"])"), of_class(burstable, "high"), true},
      {selector("In", R"(["high", "higher"])"), of_class(burstable, "low"), false},
      {selector("In", R"(["high", "higher"])"), burstable, false},
      {selector("NotIn", R"(["high"])"), of_class(burstable, "high"), false},
      {selector("NotIn", R"(["high"])"), of_class(burstable, "low"), true},
      {selector("NotIn", R"(["high"])"), burstable, true},
      {selector("Exists", "[]"), of_class(burstable, "low"), true},
      {selector("Exists", "[]"), burstable, false},
      {selector("DoesNotExist", "[]"), burstable, true},
      {selector("DoesNotExist", "[]"), of_class(burstable, "low"), false},
      {R"(, "scopes": ["CrossNamespacePodAffinity"])", burstable, false},
  }));
  CAPTURE(scopes);
  const auto fit = fit_of(demand, {}, {quota(R"({"pods": "0"})", R"({"pods": "0"})", scopes)});
  CHECK(fit.quotas.at(0).applies == applies);
  CHECK(fit.fits == !applies);
  CHECK(fit.quotas.at(0).message.empty() == false);

  auto claims = demand;
  claims.claims = {{.size = *Quantity::parse("1Gi")}};
  const auto of_claims =
      fit_of(claims, {}, {quota(R"({"persistentvolumeclaims": "0"})", R"({"persistentvolumeclaims": "0"})", scopes)});
  CHECK(of_claims.fits == !scopes.empty());
}

TEST_CASE("What a quota counts, each container must specify") {
  const auto [hard, first, second,
              missing] = GENERATE(table<std::string, ContainerDemand, ContainerDemand, std::string>({
      {R"({"limits.cpu": "9"})", container("{}", R"({"cpu": "1"})"), container("{}", R"({"cpu": "1"})"), ""},
      {R"({"limits.cpu": "9"})", container("{}", R"({"cpu": "1"})"), container(R"({"cpu": "1"})"), "limits.cpu"},
      {R"({"limits.cpu": "9", "requests.memory": "9Gi", "pods": "9"})", container("{}"), container("{}"),
       "limits.cpu requests.memory"},
      {R"({"cpu": "9", "memory": "9"})", container(R"({"cpu": "1"})"), container(R"({"cpu": "1"})"), "memory"},
      // A limit is a request, too.
      {R"({"requests.cpu": "9"})", container("{}", R"({"cpu": "1"})"), container("{}", R"({"cpu": "1"})"), ""},
      {R"({"requests.ephemeral-storage": "9", "requests.example.com/gpu": "9"})", container("{}"), container("{}"), ""},
  }));
  CAPTURE(hard);
  const auto in_containers = fit_of(pods(1, {first, second}), {}, {quota(hard, "{}")});
  CHECK(joined(in_containers.quotas.at(0).missing) == missing);
  CHECK(in_containers.fits == missing.empty());
  auto demand = pods(1, {first});
  demand.init_containers = {second};
  CHECK(joined(fit_of(demand, {}, {quota(hard, "{}")}).quotas.at(0).missing) == missing);
}

TEST_CASE("Init containers count as far as one of them needs more than the containers together") {
  auto demand =
      pods(1, {container(R"({"cpu": "300m", "memory": "1Mi"})"), container(R"({"cpu": "300m", "memory": "1Mi"})")});
  demand.init_containers = {container(R"({"cpu": "500m", "memory": "8Mi"})"),
                            container(R"({"cpu": "1m", "memory": "5Mi"})")};
  const auto usage = pod_usage(demand);
  CHECK(usage.at("requests.cpu").to_string() == "600m");
  CHECK(usage.at("memory").to_string() == "8Mi");
  CHECK(usage.at("pods").to_string() == "1");
  CHECK_FALSE(usage.contains("limits.cpu"));
}

TEST_CASE("Limit ranges fill in what is not named, in order of name") {
  const std::string first = R"([{"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "100m"}}])";
  const std::string second =
      R"([{"type": "Container", "default": {"cpu": "9", "memory": "1Gi"}, "defaultRequest": {"memory": "2Mi"}}])";
  const auto demand = pods(1, {container("{}"), container(R"({"cpu": "0.5"})", R"({"memory": "4Mi"})")});
  const auto fit = fit_of(demand, {range(second, "b"), range(first, "a")}, {});
  CHECK(fit.fits);
  const auto& [plain, named] = std::pair(fit.demand.containers.at(0), fit.demand.containers.at(1));
  CHECK(plain.limits.at("cpu").to_string() == "1");
  CHECK(plain.requests.at("cpu").to_string() == "100m");
  CHECK(plain.limits.at("memory").to_string() == "1Gi");
  CHECK(plain.requests.at("memory").to_string() == "2Mi");
  CHECK(named.limits.at("cpu").to_string() == "1");
  CHECK(named.requests.at("cpu").to_string() == "500m");
  CHECK(named.limits.at("memory").to_string() == "4Mi");
  CHECK(named.requests.at("memory").to_string() == "4Mi");  // from the limit, before any limit range
}

TEST_CASE("Defaults count in quotas") {
  const auto limits =
      range(R"([{"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "500m"}}])");
  const auto hard = quota(R"({"limits.cpu": "2", "requests.cpu": "9"})", R"({"limits.cpu": "0", "requests.cpu": "0"})");
  const auto fit = fit_of(pods(1, {container("{}"), container("{}")}), {limits}, {hard});
  CHECK(fit.fits);
  CHECK(fit.max_replicas == 2);
}

TEST_CASE("Limit ranges refuse what is out of their bounds") {
  const auto two = [](std::string_view requests, std::string_view limits) {
    return std::vector<ContainerDemand>{container(requests, limits), container(requests, limits)};
  };
  const auto [limits, containers,
              violations] = GENERATE_COPY(table<std::string, std::vector<ContainerDemand>, std::string>({
      {R"([{"type": "Container", "max": {"cpu": "1"}}])", two("{}", R"({"cpu": "1"})"), ""},
      {R"([{"type": "Container", "max": {"cpu": "1"}}])", two("{}", R"({"cpu": "1001m"})"),
       "containers[0].cpu:max containers[1].cpu:max"},
      {R"([{"type": "Container", "max": {"cpu": "1"}}])", two(R"({"cpu": "1"})", "{}"),
       "containers[0].cpu:max containers[1].cpu:max"},  // no limit
      {R"([{"type": "Container", "min": {"cpu": "1"}}])", two("{}", R"({"cpu": "1"})"), ""},
      {R"([{"type": "Container", "min": {"cpu": "1"}}])", two("{}", R"({"memory": "1"})"),
       "containers[0].cpu:min containers[1].cpu:min"},  // no request
      {R"([{"type": "Container", "min": {"cpu": "1"}}])", {container(R"({"cpu": "900m"})")}, "containers[0].cpu:min"},
      {R"([{"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}])",
       {container(R"({"cpu": "0.1"})", R"({"cpu": "0.2"})")},
       ""},
      {R"([{"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}])",
       {container(R"({"cpu": "0.1"})", R"({"cpu": "201m"})")},
       "containers[0].cpu:maxLimitRequestRatio"},
      {R"([{"type": "Container", "maxLimitRequestRatio": {"cpu": "1.5"}}])",
       {container(R"({"cpu": "2"})", R"({"cpu": "3"})")},
       ""},
      {R"([{"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}])",
       {container(R"({"cpu": "1"})")},
       "containers[0].cpu:maxLimitRequestRatio"},  // no limit
      {R"([{"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}])",
       {container("{}")},
       "containers[0].cpu:maxLimitRequestRatio"},  // no request
      {R"([{"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}])",
       {container(R"({"cpu": "0"})", R"({"cpu": "0"})")},
       "containers[0].cpu:maxLimitRequestRatio"},
      {R"([{"type": "Pod", "max": {"memory": "2Gi"}}])", two("{}", R"({"memory": "1Gi"})"), ""},
      {R"([{"type": "Pod", "max": {"memory": "2Gi"}}])", two("{}", R"({"memory": "1025Mi"})"), "pod.memory:max"},
      {R"([{"type": "Pod", "max": {"memory": "2Gi"}}])",
       {container("{}", R"({"memory": "1"})"), container("{}")},
       "pod.memory:max"},  // not all have a limit
      {R"([{"type": "Pod", "min": {"cpu": "1"}}])", two(R"({"cpu": "0.5"})", "{}"), ""},
      {R"([{"type": "Pod", "min": {"cpu": "1"}}])", two(R"({"cpu": "0.4"})", "{}"), "pod.cpu:min"},
      {R"([{"type": "Pod", "maxLimitRequestRatio": {"cpu": "2"}}])", two(R"({"cpu": "0.4"})", R"({"cpu": "1"})"),
       "pod.cpu:maxLimitRequestRatio"},
      // A limit that comes in below a request makes the pod invalid.
      {R"([{"type": "Container", "default": {"cpu": "1"}}])",
       {container(R"({"cpu": "2"})")},
       "containers[0].cpu:default"},
      {R"([{"type": "Container", "default": {"cpu": "1"}}])", {container(R"({"cpu": "2"})", R"({"cpu": "2"})")}, ""},
      {R"([{"type": "PersistentVolumeClaim", "max": {"storage": "1"}}])", two("{}", "{}"), ""},
  }));
  CAPTURE(limits);
  const auto fit = fit_of(pods(1, containers), {range(limits)}, {});
  std::vector<std::string> found;
  for (const auto& violation : fit.limit_ranges.at(0).violations) {
    found.push_back(violation.place + "." + violation.resource + ":" + violation.rule);
    CHECK_FALSE(violation.message.empty());
  }
  CHECK(joined(found) == violations);
  CHECK(fit.fits == violations.empty());
  CHECK(fit.max_replicas == (violations.empty() ? kMostReplicas : 0));
}

TEST_CASE("Bounds of claims hold for their size, and defaults of their kind are none") {
  const auto [limits, size, fits] = GENERATE(table<std::string, std::string, bool>({
      {R"([{"type": "PersistentVolumeClaim", "max": {"storage": "10Gi"}}])", "10Gi", true},
      {R"([{"type": "PersistentVolumeClaim", "max": {"storage": "10Gi"}}])", "10241Mi", false},
      {R"([{"type": "PersistentVolumeClaim", "min": {"storage": "1G"}}])", "1G", true},
      {R"([{"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}}])", "1G", false},
      {R"([{"type": "PersistentVolumeClaim", "maxLimitRequestRatio": {"storage": "1"}}])", "1G", true},
      {R"([{"type": "Container", "max": {"storage": "1"}}, {"type": "Pod", "min": {"storage": "9Ti"}}])", "1G", true},
  }));
  CAPTURE(limits, size);
  Demand demand;
  demand.claims = {{.size = *Quantity::parse("5Gi")}, {.size = *Quantity::parse(size)}};
  const auto fit = fit_of(demand, {range(limits)}, {});
  CHECK(fit.fits == fits);
  if (!fits) CHECK(fit.limit_ranges.at(0).violations.at(0).place == "storage[1]");
}

TEST_CASE("A quota that is not counted yet is judged by what it says, and told") {
  const auto demand = pods(2, {container("{}")});
  const auto judged = [&demand](const std::string& text) {
    return fit_of(demand, {}, {from_json(text, resource_quota_from)}).quotas.at(0);
  };
  const auto fresh = judged(R"({"spec": {"hard": {"pods": "1"}}})");
  CHECK_FALSE(fresh.counted);
  CHECK_FALSE(fresh.fits);
  const auto raised =
      judged(R"({"spec": {"hard": {"pods": "9"}}, "status": {"hard": {"pods": "1"}, "used": {"pods": "0"}}})");
  CHECK_FALSE(raised.counted);
  CHECK_FALSE(raised.fits);  // admission goes by the status
  const auto partly = judged(R"({"spec": {"hard": {"pods": "9"}}, "status": {"hard": {"pods": "9"}}})");
  CHECK_FALSE(partly.counted);
  CHECK(partly.fits);
  CHECK(
      judged(R"({"spec": {"hard": {"pods": "2"}}, "status": {"hard": {"pods": "2"}, "used": {"pods": "0"}}})").counted);
}

TEST_CASE("The answer says what runs out first, and where") {
  const auto demand = pods(3, {container("{}", R"({"cpu": "1", "memory": "1Gi"})")});
  auto a = quota(R"({"limits.cpu": "2", "pods": "20"})", R"({"limits.cpu": "500m", "pods": "1"})");
  auto b = quota(R"({"requests.memory": "1.5Gi"})", R"({"requests.memory": "0"})");
  a.meta.name = "a";
  b.meta.name = "b";
  const auto fit = fit_of(demand, {}, {b, a});
  const auto text = written([&](json::Writer& writer) {
    writer.begin_object();
    write_members(writer, fit);
    writer.end_object();
  });
  CHECK_THAT(text,
             Catch::StartsWith(
                 R"({"fits":false,"replicas":3,"maxReplicas":1,"runsOutFirst":[)"
                 R"({"quotaName":"a","resource":"limits.cpu"},{"quotaName":"b","resource":"requests.memory"}],)"));
  CHECK_THAT(text, Catch::Contains(R"({"resource":"limits.cpu","hard":"2","used":"500m","perReplica":"1","needed":"3",)"
                                   R"("fits":false,"maxReplicas":1})"));
  CHECK_THAT(text, Catch::Contains(R"("message":"not enough limits.cpu")"));
  CHECK(fit_of(demand, {}, {}).fits);
  const auto free = written([&](json::Writer& writer) {
    writer.begin_object();
    write_members(writer, fit_of(demand, {}, {}));
    writer.end_object();
  });
  CHECK_THAT(free, Catch::Contains(R"("maxReplicas":2147483647,"runsOutFirst":[],)"));
}

}  // namespace
}  // namespace quartermaster::model
