// Plans of deletes: what dryRun=true answers with, and what a delete with plan=TOKEN is held against.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/deletion_plan.hpp"
#include "server/api/route.hpp"

namespace quartermaster::api {

struct DeletionPlan {
  std::vector<model::PlannedDelete> claims;
  std::string token;  // "": it cannot be carried out
};

/// Whether a delete is a dry run or goes by a plan.
bool is_planned(const Context& context);

/// The plan for these claims, from what the API server says now. What it may not tell us, or us the caller, of their
/// volumes is unknown in it.
Task<Result<DeletionPlan>> make_plan(Context& context, std::vector<model::Pvc> claims);

/// Why a delete does not go on: conflict, if it has the token of another plan, or in_use. The answer then shows the
/// plan as it is now, too.
std::optional<Error> refuse(Context& context, const DeletionPlan& plan);

/// What is answered when a planned delete finds, when nothing is done yet, that the claim is not as it was just now.
Error changed_meanwhile(const std::string& name);

/// As a JSON object.
std::string to_json(const DeletionPlan& plan);

/// Deletes this very object as the plan has seen it or, without a plan, however it has changed.
kubeapi::DeleteOptions delete_as_seen(const Context& context, const model::Pvc& claim);

}  // namespace quartermaster::api
