// Reads persistent volumes.
#include "model/persistent_volume.hpp"

namespace quartermaster::model {

PersistentVolume persistent_volume_from(json::Value raw) {
  const json::Value spec = raw["spec"];
  const json::Value claim = spec["claimRef"];
  return {.meta = object_meta_from(raw),
          .reclaim_policy = std::string(spec["persistentVolumeReclaimPolicy"].string()),
          .claim_ns = std::string(claim["namespace"].string()),
          .claim_name = std::string(claim["name"].string()),
          .claim_uid = std::string(claim["uid"].string())};
}

bool belongs_to(const PersistentVolume& volume, const ObjectMeta& claim) {
  const bool same_object = volume.claim_uid.empty() || volume.claim_uid == claim.uid;
  return volume.claim_ns == claim.ns && volume.claim_name == claim.name && same_object;
}

}  // namespace quartermaster::model
