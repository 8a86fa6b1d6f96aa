// What a write changes in an object, field by field: for people, and for programs that decide whether to go on.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/kinds.hpp"
#include "model/labels.hpp"
#include "model/limit_range.hpp"
#include "model/namespace.hpp"
#include "model/network_policy.hpp"
#include "model/resource_quota.hpp"
#include "model/role_binding.hpp"

namespace quartermaster::model {

struct FieldChange {
  std::string field;          // "spec.hard[pods]"
  std::string before, after;  // "" where there is none
};

struct ObjectChange {
  enum class Action { create, update, remove, none };
  Kind kind;
  std::string name;
  Action action = Action::none;
  std::vector<FieldChange> fields;  // in order of field
};

// The fields that tenants are made of, by path.
StringMap fields_of(const Namespace& ns);
StringMap fields_of(const ResourceQuota& quota);
StringMap fields_of(const LimitRange& range);
StringMap fields_of(const NetworkPolicy& policy);
StringMap fields_of(const RoleBinding& binding);
/// Of an object of one of these kinds; none of another's.
StringMap fields_of(Kind kind, json::Value raw);

ObjectChange creation(Kind kind, std::string name, const StringMap& after);
ObjectChange removal(Kind kind, std::string name, const StringMap& before);
/// `none`, if nothing is different.
ObjectChange update(Kind kind, std::string name, const StringMap& before, const StringMap& after);

/// `[{kind, name, action, fields: [{field, old, new}]}]`; the actions are create, update, delete and none.
void write_changes(json::Writer& writer, std::span<const ObjectChange> changes);

}  // namespace quartermaster::model
