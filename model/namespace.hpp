// Namespaces: what is read of them, and the bodies that create and update them. Their DTO is the tenant's (tenant.hpp).
#pragma once

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
};

Namespace namespace_from(json::Value raw);

/// What keeps a namespace that is Terminating from going: its conditions that are not "False". None for an Active one.
std::vector<Condition> holding_conditions(const Namespace& ns);

/// The phase, explained by the first of the holding conditions.
State state_of(const Namespace& ns);

/// The manifest to create it from.
void write_namespace_manifest(json::Writer& writer, std::string_view name, const StringMap& labels,
                              const StringMap& annotations);

/// The merge patch of labels and annotations; it holds for this namespace only, not for one made anew under the name.
void write_patch(json::Writer& writer, const Namespace& current, const MetadataPatch& patch);

}  // namespace quartermaster::model
