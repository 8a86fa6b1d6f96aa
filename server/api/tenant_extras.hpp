// What a tenant's body may ask for beside quotas: limits, isolation, members.
#pragma once

#include <optional>
#include <vector>

#include "server/api/body_reader.hpp"
#include "server/api/checks.hpp"
#include "server/api/tenant_body.hpp"

namespace quartermaster::api {

// Nothing, where the body does not have the field. Errors are of form and names, causes of values.
std::optional<model::LimitRangeSpec> parse_tenant_limits(ObjectReader& body, FirstError& error, Causes& causes);
std::optional<Isolation> parse_tenant_isolation(ObjectReader& body, FirstError& error, Causes& causes);
std::optional<std::vector<model::RoleBindingSpec>> parse_tenant_members(ObjectReader& body, FirstError& error,
                                                                        Causes& causes);

}  // namespace quartermaster::api
