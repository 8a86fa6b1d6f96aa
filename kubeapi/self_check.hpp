// Does the cache hold what the API server has? Lists everything once more, as it was at the version of the cache, and
// compares. For tests, and for whoever doubts: it costs as much as a first list each time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kubeapi/api.hpp"
#include "kubeapi/reflector_status.hpp"
#include "kubeapi/store.hpp"

namespace quartermaster::kubeapi {

/// "namespace/name" of each object that is missing, is too much or differs: between contents of the same kind.
std::vector<std::string> differences(const Store::Content& a, const Store::Content& b);

class SelfCheck {
 public:
  struct Counters {
    std::uint64_t compared = 0;
    std::uint64_t skipped = 0;  // no content yet, its version is no longer known, or the API server does not answer
    std::uint64_t different = 0;
  };
  /// Told about each comparison that finds something, with some names.
  using Report = std::function<void(const ReflectorId& id, std::string_view what)>;

  /// All that is referred to must outlive the task.
  SelfCheck(Api& api, ReflectorId id, const Store& store, Report report)
      : api_(api), id_(std::move(id)), store_(store), report_(std::move(report)) {}

  /// Compares every `interval`, until `call.stop`.
  Task<void> run(Clock::duration interval, Call call);
  /// Once. True: there was something to compare, and it is the same.
  Task<bool> check(Call call);

  const Counters& counters() const { return counters_; }

 private:
  Task<Result<void>> read(std::string version, Store& into, Call call);

  Api& api_;
  const ReflectorId id_;
  const Store& store_;
  const Report report_;
  Counters counters_;
};

}  // namespace quartermaster::kubeapi
