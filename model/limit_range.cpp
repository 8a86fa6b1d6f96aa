// Reads and writes limit ranges.
#include "model/limit_range.hpp"

#include "model/dto.hpp"
#include "model/manifest.hpp"

namespace quartermaster::model {

LimitRange limit_range_from(json::Value raw) {
  LimitRange range;
  range.meta = object_meta_from(raw);
  for (const json::Value limit : raw["spec"]["limits"].items()) {
    if (limit["type"].string() == "Container") range.container_default.merge(string_map(limit["default"]));
  }
  return range;
}

void write_manifest(json::Writer& writer, const LimitRangeSpec& spec) {
  StringMap limits;
  if (!spec.cpu.empty()) limits.emplace("cpu", spec.cpu);
  if (!spec.memory.empty()) limits.emplace("memory", spec.memory);
  writer.begin_object();
  write_manifest_head(writer, Kind::limit_range, spec.name, managed_labels());
  writer.key("spec").begin_object();
  writer.key("limits").begin_array().begin_object();
  writer.field("type", "Container");
  write_field(writer, "default", limits);
  writer.end_object().end_array();
  writer.end_object();
  writer.end_object();
}

}  // namespace quartermaster::model
