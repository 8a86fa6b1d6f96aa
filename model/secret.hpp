// Secrets: what is read of them, their DTOs, and the bodies that create and update them. Values are bytes, and stay the
// base64 text that they come as until someone asks for them as text.
#pragma once

#include <optional>
#include <string>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/manifest.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

/// kubectl apply writes the manifest here, with data and stringData.
inline constexpr std::string_view kLastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

struct Secret {
  ObjectMeta meta;
  std::string type;
  StringMap data;  // base64
  bool immutable = false;
};

Secret secret_from(json::Value raw);

enum class SecretValues {
  encoded,  // all in `data`, as base64
  decoded,  // those that are valid UTF-8 in `stringData`, as text; the rest in `data`
};

/// `{name, namespace, kind, state, type, data, labels, annotations, immutable, resourceVersion}`, and `stringData` if
/// decoded. The state is Ready or Terminating.
void write(json::Writer& writer, const Secret& secret, SecretValues values = SecretValues::encoded);

/// The same with `keys: [{name, bytes}]` (bytes when decoded) and `data` only if asked for. Without it, no value is in
/// the answer: the annotation in which kubectl keeps the last applied manifest goes, too.
void write_item(json::Writer& writer, const Secret& secret, bool with_data);

struct SecretSpec {
  std::string name;
  std::string type = "Opaque";
  StringMap data = {};  // base64
  StringMap labels = {};
  StringMap annotations = {};
  std::optional<bool> immutable = {};
};

/// The manifest to create it from.
void write_manifest(json::Writer& writer, const SecretSpec& spec);

struct SecretPatch {
  std::optional<StringMap> data = {};  // base64; replaces all there is
  MapPatch changes = {};               // base64; without `data`: what is set and removed, beside what stays
  MetadataPatch metadata = {};
  std::optional<bool> immutable = {};
};

/// The merge patch that takes `current` there; it holds for that version only.
void write_patch(json::Writer& writer, const Secret& current, const SecretPatch& patch);

}  // namespace quartermaster::model
