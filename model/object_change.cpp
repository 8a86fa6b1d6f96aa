// Compares objects by their fields.
#include "model/object_change.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace quartermaster::model {
namespace {

void add_map(StringMap& fields, const std::string& path, const StringMap& map) {
  for (const auto& [key, value] : map) fields.emplace(path + "[" + key + "]", value);
}

void add_amounts(StringMap& fields, const std::string& path, const ResourceList& list) {
  for (const auto& [resource, amount] : list) fields.emplace(path + "[" + resource + "]", amount.to_string());
}

std::vector<FieldChange> differences(const StringMap& before, const StringMap& after) {
  std::map<std::string, FieldChange, std::less<>> all;
  for (const auto& [field, value] : before) all[field] = {field, value, ""};
  for (const auto& [field, value] : after) {
    all[field].field = field;
    all[field].after = value;
  }
  std::vector<FieldChange> changes;
  for (auto& [field, change] : all) {
    const bool in_both = before.contains(field) && after.contains(field);
    if (!in_both || change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

std::string_view to_string(ObjectChange::Action action) {
  constexpr std::array<std::string_view, 4> kWords = {"create", "update", "delete", "none"};
  return kWords.at(static_cast<std::size_t>(action));
}

}  // namespace

StringMap fields_of(const Namespace& ns) {
  StringMap fields;
  add_map(fields, "metadata.labels", ns.meta.labels);
  add_map(fields, "metadata.annotations", ns.meta.annotations);
  return fields;
}

StringMap fields_of(const ResourceQuota& quota) {
  StringMap fields;
  add_map(fields, "spec.hard", quota.hard);
  return fields;
}

StringMap fields_of(const LimitRange& range) {
  StringMap fields;
  for (std::size_t i = 0; i < range.limits.size(); ++i) {
    const auto& item = range.limits[i];
    auto path = "spec.limits[" + item.type + "]";
    const bool again = std::any_of(range.limits.begin(), range.limits.begin() + static_cast<std::ptrdiff_t>(i),
                                   [&item](const LimitRangeItem& other) { return other.type == item.type; });
    if (again) path += "[" + std::to_string(i) + "]";
    add_amounts(fields, path + ".default", item.default_limit);
    add_amounts(fields, path + ".defaultRequest", item.default_request);
    add_amounts(fields, path + ".min", item.min);
    add_amounts(fields, path + ".max", item.max);
    add_amounts(fields, path + ".maxLimitRequestRatio", item.max_ratio);
  }
  return fields;
}

StringMap fields_of(const NetworkPolicy& policy) {
  StringMap fields;
  for (const auto& [member, text] : policy.spec) fields.emplace("spec." + member, text);
  return fields;
}

StringMap fields_of(const RoleBinding& binding) {
  StringMap fields = {{"roleRef", binding.role_kind + " " + binding.role_name}};
  for (const auto& subject : binding.subjects) {
    const auto text = to_string(subject);
    fields.emplace("subjects[" + text + "]", text);
  }
  return fields;
}

StringMap fields_of(Kind kind, json::Value raw) {
  if (kind == Kind::namespace_) return fields_of(namespace_from(raw));
  if (kind == Kind::resource_quota) return fields_of(resource_quota_from(raw));
  if (kind == Kind::limit_range) return fields_of(limit_range_from(raw));
  if (kind == Kind::network_policy) return fields_of(network_policy_from(raw));
  if (kind == Kind::role_binding) return fields_of(role_binding_from(raw));
  return {};
}

ObjectChange creation(Kind kind, std::string name, const StringMap& after) {
  return {kind, std::move(name), ObjectChange::Action::create, differences({}, after)};
}

ObjectChange removal(Kind kind, std::string name, const StringMap& before) {
  return {kind, std::move(name), ObjectChange::Action::remove, differences(before, {})};
}

ObjectChange update(Kind kind, std::string name, const StringMap& before, const StringMap& after) {
  auto fields = differences(before, after);
  const auto action = fields.empty() ? ObjectChange::Action::none : ObjectChange::Action::update;
  return {kind, std::move(name), action, std::move(fields)};
}

void write_changes(json::Writer& writer, std::span<const ObjectChange> changes) {
  writer.begin_array();
  for (const auto& change : changes) {
    writer.begin_object().field("kind", info(change.kind).name).field("name", change.name);
    writer.field("action", to_string(change.action)).key("fields").begin_array();
    for (const auto& [field, before, after] : change.fields) {
      writer.begin_object().field("field", field).field("old", before).field("new", after).end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_array();
}

}  // namespace quartermaster::model
