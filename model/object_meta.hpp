// What all objects have in common: metadata (k8s.io/apimachinery, metav1.ObjectMeta) and status conditions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/timestamp.hpp"

namespace quartermaster::model {

struct OwnerReference {
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
};

struct ObjectMeta {
  std::string name;
  std::string ns;  // "" for kinds that are not namespaced
  std::string uid;
  std::string resource_version;
  std::optional<Timestamp> created;
  bool terminating = false;  // has a deletion timestamp; which may be too far off for a Timestamp
  StringMap labels;
  StringMap annotations;
  std::vector<std::string> finalizers;
  std::vector<OwnerReference> owners;
};

struct Condition {
  std::string type;
  std::string status;  // "True", "False" or "Unknown"
  std::string reason;
  std::string message;
};

/// The metadata of a raw object.
ObjectMeta object_meta_from(json::Value object);
/// The owner that manages the object, else null.
const OwnerReference* controller(const ObjectMeta& meta);

/// From the array status.conditions.
std::vector<Condition> conditions_from(json::Value conditions);
/// The first one of that type, else null.
const Condition* find_condition(std::span<const Condition> conditions, std::string_view type);

/// The strings in an array; items of another type are left out.
std::vector<std::string> strings_from(json::Value array);

}  // namespace quartermaster::model
