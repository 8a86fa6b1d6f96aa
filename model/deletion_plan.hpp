// What deleting claims would do, told before it is done: who uses them, what becomes of their volumes and of the data
// on them, what holds them up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/claim_usage.hpp"
#include "model/json.hpp"
#include "model/persistent_volume.hpp"
#include "model/pvc.hpp"

namespace quartermaster::model {

/// What was found of the volume that a claim names.
struct VolumeLookup {
  enum class Outcome { found, absent, unknown };
  Outcome outcome = Outcome::absent;
  PersistentVolume volume = {};  // if found
  std::string why = {};          // if unknown, for a person
};

/// Whether data would be lost with a claim.
struct DataLoss {
  enum class Answer { no, yes, unknown };
  Answer answer = Answer::unknown;
  std::string message;              // why, for a person
  std::string reclaim_policy = {};  // of the claim's volume; "" if it has none or that is not known
  std::string volume_uid = {};      // likewise
};

/// Nothing is lost only where that is known: the claim has no volume, or one that is kept or is not the claim's.
DataLoss data_loss(const Pvc& claim, const VolumeLookup& found);

/// "yes", "no", "unknown".
std::string_view to_string(DataLoss::Answer answer);

struct PlannedDelete {
  enum class Action {
    remove,     // it is gone at once
    terminate,  // its finalizers are waited for
    refuse,
    none,  // it is being deleted already
  };
  Pvc claim;
  std::vector<ClaimUser> users;
  DataLoss loss;
  Action action = Action::remove;
  std::string reason = {};   // of `refuse`: "InUse", or what the API server says; of `none`: "Terminating"
  std::string message = {};  // why, or what is waited for
};

/// "delete", "terminate", "refuse", "none".
std::string_view to_string(PlannedDelete::Action action);

/// With `force`, claims that are in use are not refused.
PlannedDelete plan_delete(Pvc claim, std::vector<ClaimUser> users, const VolumeLookup& volume, bool force);

/// `{token, claims: [{name, uid, resourceVersion, action, reason, message, users, volume, reclaimPolicy, dataLost,
/// dataLostMessage, finalizers}]}`
void write_plan(json::Writer& writer, std::string_view token, const std::vector<PlannedDelete>& plan);

}  // namespace quartermaster::model
