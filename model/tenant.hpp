// Tenants: a tenant is a namespace with the label multi-tenant, and its resource quotas.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/json.hpp"
#include "model/namespace.hpp"
#include "model/record.hpp"
#include "model/resource_quota.hpp"

namespace quartermaster::model {

inline constexpr std::string_view kTenantLabel = "multi-tenant";
/// The label's value for a new tenant. Label values hold 63 characters, so check it: names over 49 are too long.
std::string tenant_label_value(std::string_view tenant);

bool is_tenant(const Namespace& ns);
/// Namespaces that are never tenants: kube-*, default and the service's own.
bool is_reserved_namespace(std::string_view name, std::string_view own_namespace);

/// `{tenantName, tenantCreationTime, tenantLabels, tenantAnnotations, tenantStatus, tenantQuotas, multiTenant, ready,
/// unifyUnitTenantQuotas}`, and `conditions` (what holds a Terminating one up: type, status, reason, message), of a
/// Terminating one `deletion` (how far that is), and `state`. `quotas` are those of the namespace, in any order. A
/// quantity that is not set is "" and 0, one that does not parse is as it came and 0.
void write_tenant(json::Writer& writer, const Namespace& ns, std::span<const ResourceQuota> quotas);

// A namespace's record is its tenant's DTO, with a hole for each of the two lists of quotas. A resource quota's record
// holds an item for each of these lists, the first one up to its hole and the second one behind it.

/// Appends the items of a namespace's quotas that go into a hole of its record. Call it for the quotas in order of
/// name.
void append_quota(std::string& out, const RecordView& quota, std::size_t hole);

}  // namespace quartermaster::model
