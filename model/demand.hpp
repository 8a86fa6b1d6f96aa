// What a workload would ask of its namespace: pods and claims that are not there yet, by the rules of Kubernetes'
// admission. LimitRanger: https://kubernetes.io/docs/concepts/policy/limit-range/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/limit_range.hpp"
#include "model/resource_list.hpp"

namespace quartermaster::model {

struct ContainerDemand {
  ResourceList requests, limits;
};

struct ClaimDemand {
  Quantity size;
  std::optional<std::string> storage_class = {};  // none: the default one; "": no class
  bool shared = false;                            // one for all replicas, not one for each
};

struct Demand {
  std::int64_t replicas = 1;
  std::vector<ContainerDemand> containers, init_containers;  // of each pod; without containers there are no pods
  std::vector<ClaimDemand> claims;
  std::string priority_class;   // of the pods
  bool ends_by_itself = false;  // they have an activeDeadlineSeconds: quotas' scope Terminating

  bool has_pods() const { return !containers.empty(); }
};

/// What a limit range refuses.
struct Violation {
  std::string place;     // "containers[0]", "initContainers[0]", "pod", "storage[0]"
  std::string resource;  // "cpu"
  std::string rule;      // "min", "max", "maxLimitRequestRatio"; "default": it gives a limit below the request
  std::string bound;     // a quantity
  std::string message;
};

struct LimitRangeFit {
  std::string name;
  std::vector<Violation> violations;
};

/// Fills in what the API server would: requests from limits; then from each limit range, in order of name, and judges
/// the outcome by it. Where a pod's bound meets containers that do not all name the resource, it is a violation, as in
/// older versions of Kubernetes; newer ones add up what there is.
std::vector<LimitRangeFit> apply_limit_ranges(Demand& demand, std::vector<LimitRange> ranges);

/// What quotas count of a pod: {"pods": 1, "requests.cpu": "500m", "cpu": "500m", ...}. It is more than one limit or
/// request where an init container asks for more than the containers together.
ResourceList pod_usage(const Demand& demand);
/// Likewise of a claim.
ResourceList claim_usage(const ClaimDemand& claim);

}  // namespace quartermaster::model
