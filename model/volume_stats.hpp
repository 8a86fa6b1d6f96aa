// How full a claim's volume is, as the kubelet of a node that mounts it has measured: from the answer to
// /stats/summary, k8s.io/kubelet/pkg/apis/stats/v1alpha1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/claim_usage.hpp"
#include "model/json.hpp"

namespace quartermaster::model {

/// Each number is there only if the kubelet gives it and it is not negative: a block volume has but a capacity.
struct VolumeStats {
  std::string time;  // of the measurement, RFC 3339; "" if it is not told
  std::optional<std::int64_t> used_bytes, capacity_bytes, available_bytes;
  std::optional<std::int64_t> inodes_used, inodes, inodes_free;
  bool operator==(const VolumeStats&) const = default;
};

/// The newest measurement of the claim: kubelets name the claim of a volume or, of generic ephemeral ones for long,
/// just the pod and its volume, which `users` tells apart. Nothing if there is none.
std::optional<VolumeStats> volume_stats_from(json::Value summary, std::string_view ns, std::string_view claim,
                                             std::span<const ClaimUser> users);

/// The members `usedBytes`, `capacityBytes`, `availableBytes`, `inodesUsed`, `inodes`, `inodesFree`, as far as they are
/// known, inside an object that the caller opens and closes.
void write_members(json::Writer& writer, const VolumeStats& stats);

}  // namespace quartermaster::model
