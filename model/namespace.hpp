// Namespaces: what is read of them, and the bodies that create and update them. Their DTO is the tenant's (tenant.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/dto.hpp"
#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/manifest.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

struct Namespace {
  ObjectMeta meta;
  std::string phase;  // "Active" or "Terminating"
  std::vector<Condition> conditions;
  std::vector<std::string> own_finalizers;  // of the spec: "kubernetes", until all that is in it has gone
};

Namespace namespace_from(json::Value raw);

/// What keeps a namespace that is Terminating from going: its conditions that are not "False". None for an Active one.
std::vector<Condition> holding_conditions(const Namespace& ns);

/// Something that is left in a namespace that is going away, and how many objects it is about.
struct Remaining {
  std::string what;  // "pods", "deployments.apps"; or a finalizer
  std::int64_t count;
  bool operator==(const Remaining&) const = default;
};

/// How far the deletion of a namespace is, as the controller of namespaces tells in its conditions
/// (NamespaceContentRemaining, NamespaceFinalizersRemaining). It tells nothing at first.
struct DeletionProgress {
  std::vector<Remaining> resources, finalizers;  // of the objects in it
  std::vector<std::string> own_finalizers;       // of the namespace itself: of its metadata, then of its spec
};

DeletionProgress deletion_progress(const Namespace& ns);

/// `{remaining: [{resource, count}], finalizers: [{finalizer, count}], namespaceFinalizers}`
void write(json::Writer& writer, const DeletionProgress& progress);

/// The phase, explained by the first of the holding conditions.
State state_of(const Namespace& ns);

/// The manifest to create it from.
void write_namespace_manifest(json::Writer& writer, std::string_view name, const StringMap& labels,
                              const StringMap& annotations);

/// The merge patch of labels and annotations; it holds for this namespace only, not for one made anew under the name.
void write_patch(json::Writer& writer, const Namespace& current, const MetadataPatch& patch);

}  // namespace quartermaster::model
