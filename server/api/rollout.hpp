// Restarting a workload as kubectl rollout restart does it: new pods take the places of the old, as its strategy says.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "model/workload.hpp"
#include "server/api/owners.hpp"
#include "server/api/require.hpp"

namespace quartermaster::api {

/// Why something is not restarted.
struct Refusal {
  ErrorCode code;
  std::string reason;  // a CamelCase word
  std::string message;
};
Refusal refusal_of(const Error& error);

/// A workload that is being restarted.
struct Rollout {
  model::Workload workload;  // as it was before
  std::string version;       // that the restart has made
  std::string message;       // what is to be known about it, or ""
};

using RolloutOrRefusal = std::variant<Rollout, Refusal>;

/// Restarts the owner of pods, if it is of a kind that rolls out, it can be restarted, and the caller may patch it, as
/// the route requires at that moment. Its name goes into the trail. With the request's dryRun nothing changes.
Task<RolloutOrRefusal> roll_out(Context& context, Moment moment, Owner owner);

}  // namespace quartermaster::api
