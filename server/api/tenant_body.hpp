// The body of a tenant's create and update, checked as far as it can be without the API server.
#pragma once

#include <string>
#include <vector>

#include "model/json.hpp"
#include "model/manifest.hpp"
#include "model/resource_quota.hpp"

namespace quartermaster::api {

struct TenantBody {
  model::MapPatch labels;
  model::MapPatch annotations;
  std::vector<model::ResourceQuotaSpec> quotas;  // only the quantities that were given
};

/// Error: bad_request for form and names, invalid for values. `body` absent is as good as {}. `remove` says whether
/// null may stand for a label or an annotation that is to go.
Result<TenantBody> parse_tenant_body(json::Value body, std::string_view tenant, bool remove);

}  // namespace quartermaster::api
