// Finds the users of claims.
#include "model/claim_usage.hpp"

#include <algorithm>

namespace quartermaster::model {

std::string_view to_string(ClaimUser::How how) {
  if (how == ClaimUser::How::claim_template) return "claimTemplate";
  return how == ClaimUser::How::volume ? "volume" : "ephemeralVolume";
}

std::string names_of(const std::vector<ClaimUser>& users) {
  std::string all, last;
  for (const auto& user : users) {
    std::string word = (user.kind == "Pod" ? "pod/" : "statefulset/") + user.name;
    if (word == last) continue;
    all.append(all.empty() ? "" : ", ").append(word);
    last = std::move(word);
  }
  return all;
}

void write_members(json::Writer& writer, const ClaimUser& user) {
  writer.field("kind", user.kind).field("name", user.name).field("how", to_string(user.how));
  writer.field("through", user.through);
}

void ClaimUsage::add(const Pod& pod) {
  if (is_finished(pod)) return;
  for (const auto& [claim, volume, ephemeral] : pod.claims) {
    pods_.emplace(claim, ClaimUser{.kind = "Pod",
                                   .name = pod.meta.name,
                                   .how = ephemeral ? ClaimUser::How::ephemeral_volume : ClaimUser::How::volume,
                                   .through = volume,
                                   .uid = pod.meta.uid,
                                   .node = pod.node_name,
                                   .running = pod.phase == "Running"});
  }
}

void ClaimUsage::add(const StatefulSet& set) {
  for (const std::string& name : set.claim_templates) {
    sets_.emplace(
        name + "-" + set.meta.name,
        ClaimUser{
            .kind = "StatefulSet", .name = set.meta.name, .how = ClaimUser::How::claim_template, .through = name});
  }
}

std::vector<ClaimUser> ClaimUsage::users(std::string_view claim) const {
  std::vector<ClaimUser> users;
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
