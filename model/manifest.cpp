// Writes what all bodies for the API server share.
#include "model/manifest.hpp"

#include "model/dto.hpp"

namespace quartermaster::model {

StringMap managed_labels() { return {{std::string(kManagedByLabel), std::string(kManagedBy)}}; }

bool is_managed(const ObjectMeta& meta) {
  const auto label = meta.labels.find(kManagedByLabel);
  return label != meta.labels.end() && label->second == kManagedBy;
}

void write_manifest_head(json::Writer& writer, Kind kind, std::string_view name, const StringMap& labels,
                         const StringMap& annotations) {
  writer.field("apiVersion", api_version(kind)).field("kind", info(kind).name);
  writer.key("metadata").begin_object();
  writer.field("name", name);
  if (!labels.empty()) write_field(writer, "labels", labels);
  if (!annotations.empty()) write_field(writer, "annotations", annotations);
  writer.end_object();
}

void write_field(json::Writer& writer, std::string_view name, const MapPatch& patch) {
  writer.key(name).begin_object();
  for (const auto& [key, value] : patch) {
    writer.key(key);
    if (value) {
      writer.string(*value);
    } else {
      writer.null();
    }
  }
  writer.end_object();
}

void write_patch_metadata(json::Writer& writer, const ObjectMeta& current, Precondition precondition,
                          const MetadataPatch& patch) {
  writer.key("metadata").begin_object();
  if (precondition == Precondition::same_version) {
    writer.field("resourceVersion", current.resource_version);
  } else {
    writer.field("uid", current.uid);
  }
  if (!patch.labels.empty()) write_field(writer, "labels", patch.labels);
  if (!patch.annotations.empty()) write_field(writer, "annotations", patch.annotations);
  writer.end_object();
}

}  // namespace quartermaster::model
