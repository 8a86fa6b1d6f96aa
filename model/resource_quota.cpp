// Reads and writes resource quotas.
#include "model/resource_quota.hpp"

#include <algorithm>

#include "model/dto.hpp"

namespace quartermaster::model {
namespace {

// The name under which the quota has the resource, or is to get it.
std::string name_in(const StringMap& quantities, const std::string& resource) {
  const auto field = std::find_if(kQuotaFields.begin(), kQuotaFields.end(),
                                  [&](const QuotaField& candidate) { return candidate.resource == resource; });
  const bool only_alias =
      field != kQuotaFields.end() && !quantities.contains(resource) && quantities.contains(field->alias);
  return only_alias ? std::string(field->alias) : resource;
}

void write_hard(json::Writer& writer, const StringMap& hard) {
  writer.key("spec").begin_object();
  write_field(writer, "hard", hard);
  writer.end_object();
}

std::vector<QuotaScope> scopes_from(json::Value spec) {
  std::vector<QuotaScope> scopes;
  for (auto& name : strings_from(spec["scopes"])) scopes.push_back({.name = std::move(name), .op = "Exists"});
  for (const json::Value item : spec["scopeSelector"]["matchExpressions"].items()) {
    scopes.push_back({.name = std::string(item["scopeName"].string()),
                      .op = std::string(item["operator"].string()),
                      .values = strings_from(item["values"])});
  }
  return scopes;
}

}  // namespace

ResourceQuota resource_quota_from(json::Value raw) {
  return {.meta = object_meta_from(raw),
          .hard = string_map(raw["spec"]["hard"]),
          .used = string_map(raw["status"]["used"]),
          .known_hard = string_map(raw["status"]["hard"]),
          .scopes = scopes_from(raw["spec"])};
}

std::string_view quantity_of(const StringMap& quantities, const QuotaField& field) {
  for (const std::string_view name : {field.resource, field.alias}) {
    if (const auto found = quantities.find(name); found != quantities.end()) return found->second;
  }
  return {};
}

void write_manifest(json::Writer& writer, const ResourceQuotaSpec& spec) {
  writer.begin_object();
  write_manifest_head(writer, Kind::resource_quota, spec.name, managed_labels());
  write_hard(writer, spec.hard);
  writer.end_object();
}

void write_patch(json::Writer& writer, const ResourceQuota& current, const StringMap& hard) {
  StringMap named;
  for (const auto& [resource, quantity] : hard) named.emplace(name_in(current.hard, resource), quantity);
  writer.begin_object();
  write_patch_metadata(writer, current.meta, Precondition::same_object, {});
  write_hard(writer, named);
  writer.end_object();
}

}  // namespace quartermaster::model
