// Defaults, bounds and sums of what a workload asks for.
#include "model/demand.hpp"

#include <algorithm>
#include <functional>

namespace quartermaster::model {
namespace {

/// What is judged by a bound: a container, a pod or a claim.
struct Subject {
  std::string place;
  const ResourceList& requests;
  const ResourceList* limits;  // null: it has none by nature
};

using Violations = std::vector<Violation>;
using EachContainer = std::function<void(std::string place, ContainerDemand& container)>;

void for_each_container(Demand& demand, const EachContainer& each) {
  const auto all = [&each](std::vector<ContainerDemand>& list, std::string_view name) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      each(std::string(name) + "[" + std::to_string(i) + "]", list[i]);
    }
  };
  all(demand.containers, "containers");
  all(demand.init_containers, "initContainers");
}

void report(Violations& violations, const Subject& subject, std::string_view resource, std::string_view rule,
            const Quantity& bound, const std::string& what) {
  violations.push_back({.place = subject.place,
                        .resource = std::string(resource),
                        .rule = std::string(rule),
                        .bound = bound.to_string(),
                        .message = what});
}

std::string named(std::string_view what, std::string_view resource, const Quantity& amount) {
  return std::string(what) + " of " + std::string(resource) + " is " + amount.to_string();
}

void check_min(const Subject& subject, const ResourceList& bounds, Violations& violations) {
  for (const auto& [resource, bound] : bounds) {
    const auto* request = find(subject.requests, resource);
    const auto* limit = subject.limits == nullptr ? nullptr : find(*subject.limits, resource);
    const auto least = ", the least is " + bound.to_string();
    if (request == nullptr) {
      report(violations, subject, resource, "min", bound, "no request of " + resource + least);
    } else if (*request < bound) {
      report(violations, subject, resource, "min", bound, named("its request", resource, *request) + least);
    } else if (limit != nullptr && *limit < bound) {
      report(violations, subject, resource, "min", bound, named("its limit", resource, *limit) + least);
    }
  }
}

void check_max(const Subject& subject, const ResourceList& bounds, Violations& violations) {
  for (const auto& [resource, bound] : bounds) {
    const auto* request = find(subject.requests, resource);
    // Of claims the request is held against it.
    const auto* limit = subject.limits == nullptr ? request : find(*subject.limits, resource);
    const auto* const word = subject.limits == nullptr ? "request" : "limit";
    const auto most = ", the most is " + bound.to_string();
    if (limit == nullptr) {
      report(violations, subject, resource, "max", bound, std::string("no ") + word + " of " + resource + most);
    } else if (*limit > bound) {
      report(violations, subject, resource, "max", bound, named(std::string("its ") + word, resource, *limit) + most);
    } else if (request != nullptr && *request > bound) {
      report(violations, subject, resource, "max", bound, named("its request", resource, *request) + most);
    }
  }
}

void check_ratio(const Subject& subject, const ResourceList& bounds, Violations& violations) {
  static const Quantity kZero;
  for (const auto& [resource, bound] : bounds) {
    const auto* request = find(subject.requests, resource);
    const auto* limit = find(*subject.limits, resource);
    const auto most = ", the most of limit to request is " + bound.to_string();
    constexpr std::string_view kRule = "maxLimitRequestRatio";
    if (request == nullptr || *request == kZero) {
      report(violations, subject, resource, kRule, bound, "no request of " + resource + most);
    } else if (limit == nullptr || *limit == kZero) {
      report(violations, subject, resource, kRule, bound, "no limit of " + resource + most);
    } else if (limit->is_over(bound, *request)) {
      report(violations, subject, resource, kRule, bound,
             named("its limit", resource, *limit) + " and its request " + request->to_string() + most);
    }
  }
}

void check_all(const Subject& subject, const LimitRangeItem& item, Violations& violations) {
  check_min(subject, item.min, violations);
  check_max(subject, item.max, violations);
  if (subject.limits != nullptr) check_ratio(subject, item.max_ratio, violations);
}

/// Sums of what all containers name; what one of them lacks is in no sum. Init containers run before, one by one.
ResourceList pod_sum(const Demand& demand, ResourceList ContainerDemand::*which) {
  ResourceList sum;
  for (const auto& container : demand.containers) add(sum, container.*which);
  std::erase_if(sum, [&](const auto& entry) {
    return !std::ranges::all_of(
        demand.containers, [&](const ContainerDemand& container) { return (container.*which).contains(entry.first); });
  });
  for (const auto& container : demand.init_containers) raise_to(sum, container.*which);
  return sum;
}

void check_pods(Demand& demand, const LimitRangeItem& item, Violations& violations) {
  if (!demand.has_pods()) return;
  if (item.type == "Container") {
    for_each_container(demand, [&](std::string place, const ContainerDemand& container) {
      check_all({std::move(place), container.requests, &container.limits}, item, violations);
    });
  }
  if (item.type == "Pod") {
    const auto requests = pod_sum(demand, &ContainerDemand::requests);
    const auto limits = pod_sum(demand, &ContainerDemand::limits);
    check_all({"pod", requests, &limits}, item, violations);
  }
}

void check_claims(const Demand& demand, const LimitRangeItem& item, Violations& violations) {
  if (item.type != "PersistentVolumeClaim") return;
  for (std::size_t i = 0; i < demand.claims.size(); ++i) {
    const ResourceList requests = {{"storage", demand.claims[i].size}};
    check_all({"storage[" + std::to_string(i) + "]", requests, nullptr}, item, violations);
  }
}

/// What a container does not name of a list; a limit that comes in below a request makes the pod invalid.
void fill_in(const std::string& place, ContainerDemand& container, const LimitRangeItem& item, Violations& violations) {
  const auto request_of = [&container](const std::string& resource) { return find(container.requests, resource); };
  for (const auto& [resource, limit] : item.default_limit) {
    const bool is_new = container.limits.try_emplace(resource, limit).second;
    const auto* request = request_of(resource);
    if (is_new && request != nullptr && *request > limit) {
      report(violations, {place, container.requests, nullptr}, resource, "default", limit,
             named("its request", resource, *request) + ", more than the limit that it gets, " + limit.to_string());
    }
  }
  for (const auto& [resource, request] : item.default_request) {
    const bool is_new = container.requests.try_emplace(resource, request).second;
    const auto* limit = find(container.limits, resource);
    if (is_new && limit != nullptr && request > *limit) {
      report(violations, {place, container.requests, nullptr}, resource, "default", request,
             named("its limit", resource, *limit) + ", less than the request that it gets, " + request.to_string());
    }
  }
}

/// The API server's own defaults, from before any admission.
void request_what_is_limited(Demand& demand) {
  for_each_container(demand, [](const std::string&, ContainerDemand& container) {
    for (const auto& [resource, limit] : container.limits) container.requests.try_emplace(resource, limit);
  });
}

void count(ResourceList& usage, const std::string& resource, const Quantity& request) {
  const bool compute = resource == "cpu" || resource == "memory" || resource == "ephemeral-storage";
  const bool huge_pages = resource.starts_with("hugepages-");
  if (compute || huge_pages) usage[resource] = request;
  // Extended resources have a domain, which is not Kubernetes' own.
  const bool extended = resource.find('/') != resource.npos && resource.find("kubernetes.io/") == resource.npos;
  if (compute || huge_pages || extended) usage["requests." + resource] = request;
}

Quantity one() { return *Quantity::parse("1"); }

}  // namespace

std::vector<LimitRangeFit> apply_limit_ranges(Demand& demand, std::vector<LimitRange> ranges) {
  std::ranges::sort(ranges, {}, [](const LimitRange& range) { return range.meta.name; });
  std::vector<LimitRangeFit> fits;
  request_what_is_limited(demand);
  for (const auto& range : ranges) {
    auto& fit = fits.emplace_back(LimitRangeFit{range.meta.name, {}});
    for (const auto& item : range.limits) {
      if (item.type != "Container" || !demand.has_pods()) continue;
      for_each_container(demand, [&](const std::string& place, ContainerDemand& container) {
        fill_in(place, container, item, fit.violations);
      });
    }
  }
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    for (const auto& item : ranges[i].limits) {
      check_pods(demand, item, fits[i].violations);
      check_claims(demand, item, fits[i].violations);
    }
  }
  return fits;
}

ResourceList pod_usage(const Demand& demand) {
  ResourceList requests, limits;
  for (const auto& container : demand.containers) {
    add(requests, container.requests);
    add(limits, container.limits);
  }
  for (const auto& container : demand.init_containers) {
    raise_to(requests, container.requests);
    raise_to(limits, container.limits);
  }
  ResourceList usage = {{"pods", one()}, {"count/pods", one()}};
  for (const auto& [resource, request] : requests) count(usage, resource, request);
  for (const auto* resource : {"cpu", "memory", "ephemeral-storage"}) {
    if (const auto* limit = find(limits, resource)) usage[std::string("limits.") + resource] = *limit;
  }
  return usage;
}

ResourceList claim_usage(const ClaimDemand& claim) {
  ResourceList usage = {
      {"persistentvolumeclaims", one()}, {"count/persistentvolumeclaims", one()}, {"requests.storage", claim.size}};
  const auto name = claim.storage_class.value_or("");
  if (name.empty()) return usage;
  const auto prefix = name + ".storageclass.storage.k8s.io/";
  usage[prefix + "persistentvolumeclaims"] = one();
  usage[prefix + "requests.storage"] = claim.size;
  return usage;
}

}  // namespace quartermaster::model
