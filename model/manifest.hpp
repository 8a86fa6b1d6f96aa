// The parts that the bodies for the API server share: manifests to create objects from, and merge patches (RFC 7386).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "model/json.hpp"
#include "model/kinds.hpp"
#include "model/labels.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

/// A change of a map: each entry is set or, if it has no value, removed; all others stay.
using MapPatch = std::map<std::string, std::optional<std::string>, std::less<>>;

/// Marks the objects that this service made for itself.
inline constexpr std::string_view kManagedByLabel = "app.kubernetes.io/managed-by";
inline constexpr std::string_view kManagedBy = "quartermaster";
StringMap managed_labels();
bool is_managed(const ObjectMeta& meta);

/// The members that open a manifest: apiVersion, kind, metadata. Empty maps are left out.
void write_manifest_head(json::Writer& writer, Kind kind, std::string_view name, const StringMap& labels,
                         const StringMap& annotations = {});

/// The member of that name, which sets and removes (null) the patch's entries.
void write_field(json::Writer& writer, std::string_view name, const MapPatch& patch);

struct MetadataPatch {
  MapPatch labels = {};
  MapPatch annotations = {};
};

/// What a patch holds for.
enum class Precondition {
  same_object,   // by uid, not one made anew under the name; that one is 422, metadata.uid being immutable
  same_version,  // by resourceVersion, nobody else having changed it; 409 Conflict if so
};

/// The member metadata of a merge patch of the object with the metadata `current`. Empty maps are left out.
void write_patch_metadata(json::Writer& writer, const ObjectMeta& current, Precondition precondition,
                          const MetadataPatch& patch);

}  // namespace quartermaster::model
