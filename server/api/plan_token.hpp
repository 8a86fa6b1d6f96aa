// What stands for a plan: hashes of all that it says and of the request that asked for it. Whoever is to carry it out
// makes the plan again, and the token with it: so it holds on any replica, without a key or a memory, for as long as
// nothing changes. It tells nothing to those who do not know the plan, whose uids cannot be guessed, and is no right:
// who can make one up knows the plan.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/deletion_plan.hpp"

namespace quartermaster::api {

/// The request that a plan is of.
struct PlanRequest {
  std::string_view route;  // "/api/v1/pvc/{namespace}"
  std::string ns = {};
  std::string selection = {};  // a name, or a selector as the API server is sent it
  bool force = false;
  bool ignore_not_found = false;
  // The caller; "" if nobody is asked who calls.
  std::string user = {}, uid = {};
};

/// Letters, digits and dots; fits in a query as it is.
std::string plan_token(const PlanRequest& request, const std::vector<model::PlannedDelete>& plan);

/// What is not as in the plan of the token `given`, for a person; nothing if all is. `now` is that of the plan as it is
/// now.
std::optional<std::string> difference(std::string_view given, std::string_view now);

}  // namespace quartermaster::api
