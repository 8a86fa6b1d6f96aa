// Whether a workload would fit into a namespace: by its limit ranges and its resource quotas, and how often.
// https://kubernetes.io/docs/concepts/policy/resource-quotas/
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "model/demand.hpp"
#include "model/json.hpp"
#include "model/resource_quota.hpp"

namespace quartermaster::model {

/// As many replicas as Kubernetes can count: nothing limits them.
inline constexpr std::int64_t kMostReplicas = std::numeric_limits<std::int32_t>::max();

/// One amount of a quota that the workload takes from.
struct ResourceFit {
  std::string resource;  // "limits.cpu"
  Quantity hard, used;
  Quantity needed;       // by all replicas and what they share
  Quantity per_replica;  // may be 0
  bool fits = true;
  std::int64_t max_replicas = kMostReplicas;
};

struct QuotaFit {
  std::string name;
  bool applies = false;                // it counts the pods or the claims
  bool counted = true;                 // false: what is used is not known yet, or not of the quota as it is now
  std::vector<std::string> missing;    // what each container must name, and does not: "limits.cpu"
  std::vector<ResourceFit> resources;  // in order of name; those alone of which something is needed
  bool fits = true;
  std::int64_t max_replicas = kMostReplicas;
  std::string message;  // why it does not apply, or does not fit
};

struct Fit {
  Demand demand;  // with all defaults
  std::vector<LimitRangeFit> limit_ranges;
  std::vector<QuotaFit> quotas;  // in order of name
  bool fits = true;
  std::int64_t max_replicas = kMostReplicas;
};

/// By what the quotas' status says. What is exceeded already does not matter where nothing of it is needed.
Fit fit_of(Demand demand, std::vector<LimitRange> ranges, std::vector<ResourceQuota> quotas);

/// The members fits, replicas, maxReplicas, runsOutFirst, containers, initContainers, storage, quotas, limitRanges.
void write_members(json::Writer& writer, const Fit& fit);

}  // namespace quartermaster::model
