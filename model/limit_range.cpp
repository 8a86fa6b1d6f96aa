// Reads and writes limit ranges.
#include "model/limit_range.hpp"

#include "model/manifest.hpp"

namespace quartermaster::model {
namespace {

void write_unless_empty(json::Writer& writer, std::string_view name, const ResourceList& list) {
  if (!list.empty()) write_field(writer, name, list);
}

void write_spec(json::Writer& writer, const std::vector<LimitRangeItem>& limits) {
  writer.key("spec").begin_object();
  writer.key("limits").begin_array();
  for (const auto& item : limits) {
    writer.begin_object().field("type", item.type);
    write_unless_empty(writer, "default", item.default_limit);
    write_unless_empty(writer, "defaultRequest", item.default_request);
    write_unless_empty(writer, "max", item.max);
    write_unless_empty(writer, "maxLimitRequestRatio", item.max_ratio);
    write_unless_empty(writer, "min", item.min);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
}

}  // namespace

LimitRange limit_range_from(json::Value raw) {
  LimitRange range{.meta = object_meta_from(raw), .limits = {}};
  for (const json::Value item : raw["spec"]["limits"].items()) {
    range.limits.push_back({.type = std::string(item["type"].string()),
                            .min = resource_list_from(item["min"]),
                            .max = resource_list_from(item["max"]),
                            .default_limit = resource_list_from(item["default"]),
                            .default_request = resource_list_from(item["defaultRequest"]),
                            .max_ratio = resource_list_from(item["maxLimitRequestRatio"])});
  }
  return range;
}

LimitRangeSpec default_limits(std::string_view cpu, std::string_view memory) {
  StringMap limits;
  if (!cpu.empty()) limits.emplace("cpu", cpu);
  if (!memory.empty()) limits.emplace("memory", memory);
  LimitRangeSpec spec;
  spec.limits.push_back({.type = "Container", .default_limit = resource_list_from(limits)});
  return spec;
}

void write_manifest(json::Writer& writer, const LimitRangeSpec& spec) {
  writer.begin_object();
  write_manifest_head(writer, Kind::limit_range, spec.name, managed_labels());
  write_spec(writer, spec.limits);
  writer.end_object();
}

void write_patch(json::Writer& writer, const LimitRange& current, const LimitRangeSpec& spec) {
  writer.begin_object();
  write_patch_metadata(writer, current.meta, Precondition::same_object, {});
  write_spec(writer, spec.limits);
  writer.end_object();
}

}  // namespace quartermaster::model
