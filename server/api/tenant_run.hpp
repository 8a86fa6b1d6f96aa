// Carries out the steps of a write of a tenant.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/tenant.hpp"
#include "server/api/route.hpp"
#include "server/api/tenant_steps.hpp"

namespace quartermaster::api {

/// A tenant as far as it has been written, and what has changed.
struct Progress {
  model::Namespace ns;
  std::vector<model::ResourceQuota> quotas = {};
  std::vector<model::ObjectChange> changes = {};
};

/// "deleted ResourceQuota q, ...": what has been done; "" if nothing has.
std::string told(const Progress& progress);

/// Whether the caller may do what the steps do, as the route declares: refusals come before the first step.
Task<Result<void>> may_take(Context& context, const std::vector<Step>& steps, const TenantBody& body);

/// One after the other, until one fails: its error says which.
Task<Result<void>> take_all(Context& context, std::span<const Step> steps, bool dry_run, Progress& progress);

/// Whether the API server would take all but the first, which needs no try, as nothing is done before it. `progress` is
/// what is there.
Task<Result<void>> try_others(Context& context, const std::vector<Step>& steps, Progress progress);

}  // namespace quartermaster::api
