// Who uses the claims of a namespace: a claim in use is not deleted.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/pod.hpp"
#include "model/stateful_set.hpp"

namespace quartermaster::model {

struct ClaimUser {
  enum class How { volume, ephemeral_volume, claim_template };

  std::string kind;  // "Pod", "StatefulSet"
  std::string name;
  How how = How::volume;
  std::string through;  // the name of the pod's volume, or of the set's claim template
  // Of a pod:
  std::string uid = {};
  std::string node = {};  // "" until it is scheduled
  bool running = false;
  auto operator<=>(const ClaimUser&) const = default;
};

/// "volume", "ephemeralVolume", "claimTemplate".
std::string_view to_string(ClaimUser::How how);

/// "pod/redis-0, statefulset/redis": each once.
std::string names_of(const std::vector<ClaimUser>& users);

/// The members `{kind, name, how, through}`, inside an object that the caller opens and closes.
void write_members(json::Writer& writer, const ClaimUser& user);

/// Filled with all pods and stateful sets of one namespace, then asked for any number of claims.
class ClaimUsage {
 public:
  /// A pod uses the claims of its volumes, scheduled or not, until it has finished.
  void add(const Pod& pod);
  /// A set uses the claims made from its templates, scaled to 0 or not.
  void add(const StatefulSet& set);

  /// The users of a claim, sorted by kind and name; none if it is free.
  std::vector<ClaimUser> users(std::string_view claim) const;

 private:
  using Users = std::multimap<std::string, ClaimUser, std::less<>>;
  Users pods_;  // by claim
  Users sets_;  // by claim_stem
};

}  // namespace quartermaster::model
