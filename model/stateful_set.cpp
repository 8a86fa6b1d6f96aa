// Reads stateful sets and tells which claims are theirs.
#include "model/stateful_set.hpp"

#include <algorithm>

#include "model/dto.hpp"

namespace quartermaster::model {

StatefulSet stateful_set_from(json::Value raw) {
  StatefulSet set;
  set.meta = object_meta_from(raw);
  for (const json::Value claim_template : raw["spec"]["volumeClaimTemplates"].items()) {
    set.claim_templates.emplace_back(claim_template["metadata"]["name"].string());
  }
  return set;
}

Record stateful_set_record(json::Value raw) {
  const StatefulSet set = stateful_set_from(raw);
  Record record = record_of(set.meta);
  for (const auto& name : set.claim_templates) record.facts.append(name).append("\n");
  return record;
}

std::vector<std::string_view> claim_templates_of(std::string_view facts) { return split_lines(facts); }

std::optional<std::string_view> claim_stem(std::string_view claim) {
  const std::size_t dash = claim.rfind('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view ordinal = claim.substr(dash + 1);
  const bool digits = ordinal.find_first_not_of("0123456789") == std::string_view::npos;
  if (ordinal.empty() || !digits || (ordinal.size() > 1 && ordinal.front() == '0')) return {};
  return claim.substr(0, dash);
}

bool claims(const StatefulSet& set, std::string_view claim) {
  const auto stem = claim_stem(claim);
  return stem && std::any_of(set.claim_templates.begin(), set.claim_templates.end(),
                             [&](const std::string& name) { return *stem == name + "-" + set.meta.name; });
}

}  // namespace quartermaster::model
