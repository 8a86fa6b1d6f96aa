// Finds the users of claims.
#include "model/claim_usage.hpp"

#include <algorithm>

namespace quartermaster::model {

void ClaimUsage::add(const Pod& pod) {
  if (is_finished(pod)) return;
  for (const std::string& claim : pod.claims) pods_.emplace(claim, "pod/" + pod.meta.name);
}

void ClaimUsage::add(const StatefulSet& set) {
  for (const std::string& name : set.claim_templates) {
    sets_.emplace(name + "-" + set.meta.name, "statefulset/" + set.meta.name);
  }
}

std::vector<std::string> ClaimUsage::users(std::string_view claim) const {
  std::vector<std::string> users;
  const auto collect = [&users](const Users& from, std::string_view key) {
    const auto [first, last] = from.equal_range(key);
    for (auto at = first; at != last; ++at) users.push_back(at->second);
  };
  collect(pods_, claim);
  if (const auto stem = claim_stem(claim)) collect(sets_, *stem);
  std::sort(users.begin(), users.end());
  return users;
}

}  // namespace quartermaster::model
