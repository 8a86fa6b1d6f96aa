// The body of a tenant's create and update, checked as far as it can be without the API server.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/limit_range.hpp"
#include "model/manifest.hpp"
#include "model/network_policy.hpp"
#include "model/resource_quota.hpp"
#include "model/role_binding.hpp"

namespace quartermaster::api {

struct Isolation {
  bool enabled = true;
  model::IsolationSpec spec = {};
};

struct TenantBody {
  model::MapPatch labels;
  model::MapPatch annotations;
  std::vector<model::ResourceQuotaSpec> quotas;  // only the quantities that were given
  // What is not named stays as it is.
  std::optional<model::LimitRangeSpec> limits;  // without any: there is to be no limit range
  std::optional<Isolation> isolation;
  std::optional<std::vector<model::RoleBindingSpec>> members;
};

/// Error: bad_request for form and names, invalid for values. `body` absent is as good as {}. `remove` says whether
/// null may stand for a label or an annotation that is to go.
Result<TenantBody> parse_tenant_body(json::Value body, std::string_view tenant, bool remove);

}  // namespace quartermaster::api
