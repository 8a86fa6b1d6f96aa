// Role bindings (rbac.authorization.k8s.io/v1): who may do in a namespace what a cluster role says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

struct Subject {
  std::string kind;  // "User", "Group", "ServiceAccount"
  std::string ns;    // of a service account
  std::string name;
};

/// "User jane", "ServiceAccount ci:deployer".
std::string to_string(const Subject& subject);

struct RoleBinding {
  ObjectMeta meta;
  std::string role_kind, role_name;  // "ClusterRole", "edit"; they never change
  std::vector<Subject> subjects;
};

RoleBinding role_binding_from(json::Value raw);

struct RoleBindingSpec {
  std::string name;
  std::string cluster_role;
  std::vector<Subject> subjects;
};

bool binds_the_role_of(const RoleBinding& current, const RoleBindingSpec& spec);

/// The manifest to create it from, with the label by which is_managed() knows it again.
void write_manifest(json::Writer& writer, const RoleBindingSpec& spec);
/// The merge patch that gives it these subjects in place of its own. It holds for this binding only, not for one made
/// anew under the name: that may be of another role.
void write_patch(json::Writer& writer, const RoleBinding& current, const RoleBindingSpec& spec);

}  // namespace quartermaster::model
