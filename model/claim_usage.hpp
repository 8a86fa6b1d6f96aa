// Who uses the claims of a namespace: a claim in use is not deleted.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/pod.hpp"
#include "model/stateful_set.hpp"

namespace quartermaster::model {

/// Filled with all pods and stateful sets of one namespace, then asked for any number of claims.
class ClaimUsage {
 public:
  /// A pod uses the claims of its volumes, scheduled or not, until it has finished.
  void add(const Pod& pod);
  /// A set uses the claims made from its templates, scaled to 0 or not.
  void add(const StatefulSet& set);

  /// The users of a claim, "pod/web-0" and "statefulset/web", sorted; none if it is free.
  std::vector<std::string> users(std::string_view claim) const;

 private:
  using Users = std::multimap<std::string, std::string, std::less<>>;
  Users pods_;  // by claim
  Users sets_;  // by claim_stem
};

}  // namespace quartermaster::model
