// Persistent volumes: what becomes of one when its claim is deleted.
#pragma once

#include <string>

#include "model/json.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

struct PersistentVolume {
  ObjectMeta meta;
  std::string reclaim_policy;  // Delete, Retain, Recycle
  // The claim that it is bound to, or kept for; without a uid any of that name.
  std::string claim_ns, claim_name, claim_uid;
};

PersistentVolume persistent_volume_from(json::Value raw);

/// Whether it is this claim's, and no other's of the same name.
bool belongs_to(const PersistentVolume& volume, const ObjectMeta& claim);

}  // namespace quartermaster::model
