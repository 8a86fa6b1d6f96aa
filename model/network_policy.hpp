// Network policies (networking.k8s.io/v1): the one that keeps others' traffic out of a tenant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

inline constexpr std::string_view kIsolationPolicy = "tenant-isolation";

struct NetworkPolicy {
  ObjectMeta meta;
  StringMap spec;  // each member's JSON
};

NetworkPolicy network_policy_from(json::Value raw);

/// Pods of the tenant take traffic from pods of the tenant, and of the namespaces with all labels of one of these maps.
struct IsolationSpec {
  std::string name{kIsolationPolicy};
  std::vector<StringMap> allowed = {};  // none of them empty, which would be all namespaces
};

/// The manifest to create it from, with the label by which is_managed() knows it again.
void write_manifest(json::Writer& writer, const IsolationSpec& spec);
/// The merge patch that makes it so, whatever it was. It holds for this policy only, not for one made anew under the
/// name.
void write_patch(json::Writer& writer, const NetworkPolicy& current, const IsolationSpec& spec);

}  // namespace quartermaster::model
