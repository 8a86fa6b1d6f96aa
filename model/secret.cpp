// Reads and writes secrets.
#include "model/secret.hpp"

#include "model/base64.hpp"
#include "model/dto.hpp"

namespace quartermaster::model {
namespace {

void write_head(json::Writer& writer, const Secret& secret) {
  model::write_head(writer, Kind::secret, secret.meta, ready_state(secret.meta));
  writer.field("type", secret.type);
}

void write_tail(json::Writer& writer, const Secret& secret, const StringMap& annotations) {
  write_field(writer, "labels", secret.meta.labels);
  write_field(writer, "annotations", annotations);
  writer.field("immutable", secret.immutable).field("resourceVersion", secret.meta.resource_version);
}

void write_decoded(json::Writer& writer, const StringMap& data) {
  StringMap binary;
  StringMap text;
  for (const auto& [key, value] : data) {
    auto bytes = decode_base64(value);
    if (bytes && json::is_valid_utf8(*bytes)) {
      text.emplace(key, std::move(*bytes));
    } else {
      binary.emplace(key, value);
    }
  }
  write_field(writer, "data", binary);
  write_field(writer, "stringData", text);
}

void write_keys(json::Writer& writer, const StringMap& data) {
  writer.key("keys").begin_array();
  for (const auto& [key, value] : data) {
    writer.begin_object();
    writer.field("name", key).field("bytes", static_cast<std::int64_t>(decoded_size(value)));
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

Secret secret_from(json::Value raw) {
  Secret secret;
  secret.meta = object_meta_from(raw);
  secret.type = raw["type"].string("Opaque");
  secret.data = string_map(raw["data"]);
  secret.immutable = raw["immutable"].boolean();
  return secret;
}

void write(json::Writer& writer, const Secret& secret, SecretValues values) {
  writer.begin_object();
  write_head(writer, secret);
  if (values == SecretValues::decoded) {
    write_decoded(writer, secret.data);
  } else {
    write_field(writer, "data", secret.data);
  }
  write_tail(writer, secret, secret.meta.annotations);
  writer.end_object();
}

void write_item(json::Writer& writer, const Secret& secret, bool with_data) {
  StringMap annotations = secret.meta.annotations;
  if (!with_data) annotations.erase(std::string(kLastAppliedAnnotation));
  writer.begin_object();
  write_head(writer, secret);
  write_keys(writer, secret.data);
  if (with_data) write_field(writer, "data", secret.data);
  write_tail(writer, secret, annotations);
  writer.end_object();
}

void write_manifest(json::Writer& writer, const SecretSpec& spec) {
  writer.begin_object();
  write_manifest_head(writer, Kind::secret, spec.name, spec.labels, spec.annotations);
  writer.field("type", spec.type);
  write_field(writer, "data", spec.data);
  if (spec.immutable) writer.field("immutable", *spec.immutable);
  writer.end_object();
}

void write_patch(json::Writer& writer, const Secret& current, const SecretPatch& patch) {
  writer.begin_object();
  write_patch_metadata(writer, current.meta, Precondition::same_version, patch.metadata);
  if (patch.data) {
    MapPatch data(patch.data->begin(), patch.data->end());
    for (const auto& [key, value] : current.data) data.emplace(key, std::nullopt);
    write_field(writer, "data", data);
  } else if (!patch.changes.empty()) {
    write_field(writer, "data", patch.changes);
  }
  if (patch.immutable) writer.field("immutable", *patch.immutable);
  writer.end_object();
}

}  // namespace quartermaster::model
