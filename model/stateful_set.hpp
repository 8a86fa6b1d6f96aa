// Stateful sets, as far as they lay claim to volumes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

struct StatefulSet {
  ObjectMeta meta;
  std::vector<std::string> claim_templates;  // names of its volumeClaimTemplates
};

StatefulSet stateful_set_from(json::Value raw);

// A stateful set's record has no DTO. Its facts are the names of its claim templates.
std::vector<std::string_view> claim_templates_of(std::string_view facts);

/// A claim's name without "-<ordinal>": for a claim that a set made, "<template>-<set>". Nothing if the name does not
/// end in an ordinal (decimal, no leading zeros).
std::optional<std::string_view> claim_stem(std::string_view claim);

/// Whether the claim is one of the set's: "<template>-<set>-<ordinal>", at any ordinal, as a set that was scaled down
/// takes its claims up again.
bool claims(const StatefulSet& set, std::string_view claim);

}  // namespace quartermaster::model
