// Holds a workload against quotas, as k8s.io/apiserver's quota admission does.
#include "model/fit.hpp"

#include <algorithm>
#include <array>

#include "model/dto.hpp"

namespace quartermaster::model {
namespace {

constexpr std::array<std::string_view, 6> kMustBeNamed = {"cpu",    "limits.cpu",   "limits.memory",
                                                          "memory", "requests.cpu", "requests.memory"};

/// No container has a request or a limit of cpu or memory that is not 0.
bool is_best_effort(const Demand& demand) {
  const auto asks = [](const ContainerDemand& container) {
    for (const auto* list : {&container.requests, &container.limits}) {
      for (const auto* resource : {"cpu", "memory"}) {
        const auto* amount = find(*list, resource);
        if (amount != nullptr && !amount->is_zero()) return true;
      }
    }
    return false;
  };
  return std::ranges::none_of(demand.containers, asks) && std::ranges::none_of(demand.init_containers, asks);
}

bool matches_priority(const QuotaScope& scope, const std::string& priority_class) {
  const bool is_named = std::ranges::find(scope.values, priority_class) != scope.values.end();
  if (scope.op == "In") return !priority_class.empty() && is_named;
  if (scope.op == "NotIn") return priority_class.empty() || !is_named;
  return (scope.op == "DoesNotExist") == priority_class.empty();
}

bool matches(const QuotaScope& scope, const Demand& demand) {
  if (scope.name == "Terminating") return demand.ends_by_itself;
  if (scope.name == "NotTerminating") return !demand.ends_by_itself;
  if (scope.name == "BestEffort") return is_best_effort(demand);
  if (scope.name == "NotBestEffort") return !is_best_effort(demand);
  if (scope.name == "PriorityClass") return matches_priority(scope, demand.priority_class);
  return false;  // about pods that ask for what a demand cannot: affinity across namespaces
}

/// What a quota counts of cpu and memory, each container must name, or the pod is refused.
std::vector<std::string> missing_of(const Demand& demand, const ResourceList& hard) {
  std::vector<std::string> missing;
  for (const auto resource : kMustBeNamed) {
    if (find(hard, resource) == nullptr) continue;
    const bool of_limits = resource.starts_with("limits.");
    const auto dot = resource.find('.');
    const auto name = dot == resource.npos ? resource : resource.substr(dot + 1);
    const auto lacks = [&](const ContainerDemand& container) {
      return find(of_limits ? container.limits : container.requests, name) == nullptr;
    };
    if (std::ranges::any_of(demand.containers, lacks) || std::ranges::any_of(demand.init_containers, lacks))
      missing.emplace_back(resource);
  }
  return missing;
}

/// What the workload takes from a quota.
struct Needs {
  ResourceList per_replica, shared;
};

Needs needs_of(const Demand& demand, bool pods, bool claims) {
  Needs needs;
  if (pods) add(needs.per_replica, pod_usage(demand));
  for (const auto& claim : demand.claims) {
    if (claims) add(claim.shared ? needs.shared : needs.per_replica, claim_usage(claim));
  }
  return needs;
}

ResourceFit judge(std::string resource, const Quantity& hard, const Quantity& used, const Quantity& per_replica,
                  const Quantity& shared, std::int64_t replicas) {
  ResourceFit fit{
      .resource = std::move(resource), .hard = hard, .used = used, .needed = {}, .per_replica = per_replica};
  fit.needed = per_replica;
  fit.needed *= replicas;
  fit.needed += shared;
  auto room = hard;
  room -= used;
  room -= shared;
  if (!per_replica.is_zero()) {
    fit.max_replicas = per_replica.times_in(room, kMostReplicas);
  } else if (room.is_negative()) {
    fit.max_replicas = 0;
  }
  fit.fits = fit.max_replicas >= replicas;
  return fit;
}

Quantity amount_in(const ResourceList& list, const std::string& resource) {
  const auto* amount = find(list, resource);
  return amount == nullptr ? Quantity() : *amount;
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& item : list) text.append(text.empty() ? "" : ", ").append(item);
  return text;
}

std::string why_not(const QuotaFit& fit) {
  if (!fit.missing.empty()) return "each container must specify " + joined(fit.missing);
  std::vector<std::string> exceeded;
  for (const auto& resource : fit.resources) {
    if (!resource.fits) exceeded.push_back(resource.resource);
  }
  return exceeded.empty() ? "" : "not enough " + joined(exceeded);
}

QuotaFit judge(const ResourceQuota& quota, const Demand& demand) {
  QuotaFit fit{.name = quota.meta.name, .missing = {}, .resources = {}, .message = {}};
  const auto hard = resource_list_from(quota.known_hard.empty() ? quota.hard : quota.known_hard);
  const auto used = resource_list_from(quota.used);
  fit.counted = quota.known_hard == quota.hard &&
                std::ranges::all_of(hard, [&used](const auto& entry) { return used.contains(entry.first); });
  const bool in_scope =
      std::ranges::all_of(quota.scopes, [&demand](const QuotaScope& scope) { return matches(scope, demand); });
  // Claims are in no scope.
  const auto needs = needs_of(demand, demand.has_pods() && in_scope, quota.scopes.empty());
  auto all = needs.per_replica;
  add(all, needs.shared);
  for (const auto& [resource, needed] : all) {
    const auto* limit = find(hard, resource);
    if (limit == nullptr) continue;
    fit.applies = true;
    if (needed.is_zero()) continue;
    fit.resources.push_back(judge(resource, *limit, amount_in(used, resource), amount_in(needs.per_replica, resource),
                                  amount_in(needs.shared, resource), demand.replicas));
    fit.max_replicas = std::min(fit.max_replicas, fit.resources.back().max_replicas);
  }
  if (demand.has_pods() && in_scope) fit.missing = missing_of(demand, hard);
  if (!fit.missing.empty()) {
    fit.applies = true;
    fit.max_replicas = 0;
  }
  fit.fits = fit.max_replicas >= demand.replicas;
  fit.message = why_not(fit);
  if (!fit.applies) fit.message = in_scope ? "it limits nothing of this" : "these pods are not in its scopes";
  return fit;
}

void write(json::Writer& writer, const ResourceFit& fit) {
  writer.begin_object().field("resource", fit.resource);
  writer.field("hard", fit.hard.to_string()).field("used", fit.used.to_string());
  writer.field("perReplica", fit.per_replica.to_string()).field("needed", fit.needed.to_string());
  writer.field("fits", fit.fits).field("maxReplicas", fit.max_replicas);
  writer.end_object();
}

void write(json::Writer& writer, const QuotaFit& fit) {
  writer.begin_object().field("quotaName", fit.name).field("applies", fit.applies).field("counted", fit.counted);
  writer.field("fits", fit.fits).field("maxReplicas", fit.max_replicas).field("message", fit.message);
  write_field(writer, "missing", fit.missing);
  writer.key("resources").begin_array();
  for (const auto& resource : fit.resources) write(writer, resource);
  writer.end_array().end_object();
}

void write(json::Writer& writer, const LimitRangeFit& fit) {
  writer.begin_object().field("name", fit.name).field("fits", fit.violations.empty());
  writer.key("violations").begin_array();
  for (const auto& violation : fit.violations) {
    writer.begin_object().field("place", violation.place).field("resource", violation.resource);
    writer.field("rule", violation.rule).field("bound", violation.bound).field("message", violation.message);
    writer.end_object();
  }
  writer.end_array().end_object();
}

void write(json::Writer& writer, const ContainerDemand& container) {
  writer.begin_object();
  write_field(writer, "requests", container.requests);
  write_field(writer, "limits", container.limits);
  writer.end_object();
}

void write(json::Writer& writer, const ClaimDemand& claim) {
  writer.begin_object().field("size", claim.size.to_string());
  writer.field("storageClass", claim.storage_class.value_or("")).field("shared", claim.shared);
  writer.end_object();
}

template <class T>
void write_list(json::Writer& writer, std::string_view name, const std::vector<T>& list) {
  writer.key(name).begin_array();
  for (const auto& item : list) write(writer, item);
  writer.end_array();
}

/// The amounts that allow the fewest replicas.
void write_first(json::Writer& writer, const std::vector<QuotaFit>& quotas) {
  auto fewest = kMostReplicas;
  for (const auto& quota : quotas) {
    for (const auto& resource : quota.resources) fewest = std::min(fewest, resource.max_replicas);
  }
  writer.key("runsOutFirst").begin_array();
  for (const auto& quota : quotas) {
    for (const auto& resource : quota.resources) {
      if (resource.max_replicas != fewest || fewest == kMostReplicas) continue;
      writer.begin_object().field("quotaName", quota.name).field("resource", resource.resource).end_object();
    }
  }
  writer.end_array();
}

}  // namespace

Fit fit_of(Demand demand, std::vector<LimitRange> ranges, std::vector<ResourceQuota> quotas) {
  std::ranges::sort(quotas, {}, [](const ResourceQuota& quota) { return quota.meta.name; });
  Fit fit{.demand = std::move(demand), .limit_ranges = {}, .quotas = {}};
  fit.limit_ranges = apply_limit_ranges(fit.demand, std::move(ranges));
  for (const auto& range : fit.limit_ranges) {
    if (!range.violations.empty()) fit.max_replicas = 0;
  }
  for (const auto& quota : quotas) {
    fit.quotas.push_back(judge(quota, fit.demand));
    fit.max_replicas = std::min(fit.max_replicas, fit.quotas.back().max_replicas);
  }
  fit.fits = fit.max_replicas >= fit.demand.replicas;
  return fit;
}

void write_members(json::Writer& writer, const Fit& fit) {
  writer.field("fits", fit.fits).field("replicas", fit.demand.replicas).field("maxReplicas", fit.max_replicas);
  write_first(writer, fit.quotas);
  write_list(writer, "containers", fit.demand.containers);
  write_list(writer, "initContainers", fit.demand.init_containers);
  write_list(writer, "storage", fit.demand.claims);
  write_list(writer, "quotas", fit.quotas);
  write_list(writer, "limitRanges", fit.limit_ranges);
}

}  // namespace quartermaster::model
