// Resource quotas: what is read of them, and the bodies that create and update them. Their DTO is part of the tenant's.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/manifest.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

/// Which pods a quota is about: all of its scopes must match. An entry of spec.scopes is one with "Exists".
struct QuotaScope {
  std::string name;  // "NotTerminating", "PriorityClass"
  std::string op;    // "In", "NotIn", "Exists", "DoesNotExist"
  std::vector<std::string> values = {};
};

struct ResourceQuota {
  ObjectMeta meta;
  StringMap hard;        // of the spec: quantity by resource name ("limits.cpu"), as Kubernetes prints it
  StringMap used;        // of the status
  StringMap known_hard;  // of the status: what admission goes by; empty until a controller has counted
  std::vector<QuotaScope> scopes;
};

ResourceQuota resource_quota_from(json::Value raw);

/// One of the quantities that a tenant's quotas are about.
struct QuotaField {
  std::string_view field;     // in requests and answers
  std::string_view resource;  // in a ResourceQuota
  std::string_view alias;     // the older name of the same resource, or ""
  std::int64_t unit;          // of the unified form: cores, Mi, Gi, pods
};

inline constexpr std::array<QuotaField, 6> kQuotaFields{{
    {"limitCpu", "limits.cpu", "", 1},
    {"limitMemory", "limits.memory", "", 1 << 20},
    {"requestsCpu", "requests.cpu", "cpu", 1},
    {"requestsMemory", "requests.memory", "memory", 1 << 20},
    {"requestsStorage", "requests.storage", "", 1 << 30},
    {"pods", "pods", "", 1},
}};

/// The quantity of `field` in `hard` or `used`; "" if there is none.
std::string_view quantity_of(const StringMap& quantities, const QuotaField& field);

struct ResourceQuotaSpec {
  std::string name;
  StringMap hard;  // quantity by resource name
};

/// The manifest to create it from, with the label by which is_managed() knows it again.
void write_manifest(json::Writer& writer, const ResourceQuotaSpec& spec);

/// The merge patch that sets the quantities in `hard` (by resource name) and leaves all others; a resource that the
/// quota has under its older name is set there. It holds for this quota only, not for one made anew under the name.
void write_patch(json::Writer& writer, const ResourceQuota& current, const StringMap& hard);

}  // namespace quartermaster::model
