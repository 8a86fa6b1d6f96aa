// The writes that make a tenant what a body wants, worked out before the first of them is sent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/namespace.hpp"
#include "model/object_change.hpp"
#include "model/object_meta.hpp"
#include "server/api/tenant_body.hpp"

namespace quartermaster::api {

struct Step {
  model::ObjectChange::Action action;
  model::Kind kind;
  std::string name;
  std::string body = {};        // the manifest of what is created, or the patch
  model::ObjectMeta meta = {};  // of what is there: deletes go by its uid, patches hold it
  StringMap before = {};        // its fields
};

/// "resource quota q": as messages name it.
std::string name_of(const Step& step);

/// What a namespace has of what tenants are made of. Of the kinds that a body does not name nothing need be known.
struct TenantContents {
  std::vector<model::ResourceQuota> quotas = {};
  std::vector<model::LimitRange> limits = {};
  std::vector<model::NetworkPolicy> policies = {};
  std::vector<model::RoleBinding> bindings = {};
};

struct TenantPlan {
  std::vector<Step> steps = {};
  /// Why none of them may be taken: conflict, for an object that has a name that is wanted and is not this service's;
  /// immutable, for a binding of another role. For those who may take the steps.
  std::optional<Error> obstacle = {};
};

/// The steps in their order: the namespace, what is created or changed, what is deleted. With `prune`, of quotas, and
/// of members if the body has any or [], what this service made and the body does not name.
TenantPlan plan_of(const TenantBody& body, const model::Namespace& ns, const TenantContents& contents, bool prune);

}  // namespace quartermaster::api
