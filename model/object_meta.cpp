// Reads metadata and conditions.
#include "model/object_meta.hpp"

#include <algorithm>

namespace quartermaster::model {
namespace {

OwnerReference owner_from(json::Value raw) {
  return {.kind = std::string(raw["kind"].string()),
          .name = std::string(raw["name"].string()),
          .uid = std::string(raw["uid"].string()),
          .controller = raw["controller"].boolean()};
}

}  // namespace

ObjectMeta object_meta_from(json::Value object) {
  const json::Value raw = object["metadata"];
  ObjectMeta meta;
  meta.name = raw["name"].string();
  meta.ns = raw["namespace"].string();
  meta.uid = raw["uid"].string();
  meta.resource_version = raw["resourceVersion"].string();
  meta.created = parse_timestamp(raw["creationTimestamp"].string());
  meta.terminating = !raw["deletionTimestamp"].string().empty();
  meta.labels = string_map(raw["labels"]);
  meta.annotations = string_map(raw["annotations"]);
  meta.finalizers = strings_from(raw["finalizers"]);
  for (const json::Value owner : raw["ownerReferences"].items()) meta.owners.push_back(owner_from(owner));
  return meta;
}

const OwnerReference* controller(const ObjectMeta& meta) {
  const auto found = std::find_if(meta.owners.begin(), meta.owners.end(), [](const auto& o) { return o.controller; });
  return found == meta.owners.end() ? nullptr : &*found;
}

std::vector<Condition> conditions_from(json::Value conditions) {
  std::vector<Condition> result;
  for (const json::Value raw : conditions.items()) {
    result.push_back({.type = std::string(raw["type"].string()),
                      .status = std::string(raw["status"].string()),
                      .reason = std::string(raw["reason"].string()),
                      .message = std::string(raw["message"].string())});
  }
  return result;
}

const Condition* find_condition(std::span<const Condition> conditions, std::string_view type) {
  const auto found =
      std::find_if(conditions.begin(), conditions.end(), [type](const auto& c) { return c.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

std::vector<std::string> strings_from(json::Value array) {
  std::vector<std::string> result;
  for (const json::Value item : array.items()) {
    if (item.is_string()) result.emplace_back(item.string());
  }
  return result;
}

}  // namespace quartermaster::model
