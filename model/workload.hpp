// What makes pods: deployments, stateful sets, daemon sets, which can roll out new ones; replica sets and jobs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/json.hpp"
#include "model/label_selector.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

struct Workload {
  ObjectMeta meta;
  bool paused = false;                         // of a deployment
  std::string update_strategy;                 // "RollingUpdate", "OnDelete"; "Recreate" of a deployment
  std::int64_t partition = 0;                  // of a stateful set: pods with a lower ordinal are not updated
  std::optional<LabelSelector> selector = {};  // of its pods
};

Workload workload_from(json::Value raw);

/// The merge patch of a rollout restart, as kubectl makes it: an annotation of the pod template. It holds for this very
/// object. Two restarts in the same nanosecond are one.
void write_restart_patch(json::Writer& writer, const Workload& current, Timestamp now);

}  // namespace quartermaster::model
