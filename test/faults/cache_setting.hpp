// A service with its caches on, content that makes every cached route interesting, and what must be true of it after
// any fault.
#pragma once

#include <string>
#include <vector>

#include "test/faults/setting.hpp"

namespace quartermaster::test {

class CacheSetting : public Setting {
 public:
  explicit CacheSetting(apisim::Options options = {}, const std::vector<std::string>& arguments = {});

  /// Rewrites all claims and pods with this mark in their labels, and makes one more of each: what a reader who sees
  /// two versions at once would notice.
  void change_all(int generation);
  /// Waits until all caches show what the API server has, on every list and detail route.
  void check_caches();
  /// Waits until the caches of claims and pods have compared themselves with the API server, and checks that nothing
  /// differed, ever.
  void check_comparisons();
  /// A number of /stats of one cache.
  double stat(const std::string& resource, const std::string& name);
  /// Waits until all watches are there.
  void await_watches();
  /// The same, and until those of claims and pods have brought something: what has, is opened again without a pause.
  void await_events(int generation);

 private:
  std::vector<std::string> targets() const;
  int generation_ = 0;
};

}  // namespace quartermaster::test
