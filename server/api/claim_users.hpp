// Who uses claims, as the API server says now: what destroys data is never decided on a cache.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/claim_usage.hpp"
#include "model/pvc.hpp"
#include "server/api/route.hpp"

namespace quartermaster::api {

/// From all pods and stateful sets of a namespace.
Task<Result<model::ClaimUsage>> claim_usage(kubeapi::Api& api, std::string ns, Call call);

/// A first look: who uses the claim, of those that the caches know and the API server confirms. So a refusal mostly
/// costs a read or two. Nobody here does not mean that the claim is free.
Task<Result<model::ClaimUsage>> confirmed_usage(Context& context, std::string ns, std::string claim);

/// A claim and its users, as names_of() has them.
struct UsedClaim {
  std::string name, users;
};
std::vector<UsedClaim> used_of(const std::vector<model::Pvc>& claims, const model::ClaimUsage& usage);

/// A 409 that names each claim that is in use and by whom; nothing if none is.
std::optional<Error> in_use(const std::string& ns, const std::vector<UsedClaim>& used);

}  // namespace quartermaster::api
