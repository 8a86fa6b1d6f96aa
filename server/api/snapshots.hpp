// Lists as they were when their first part was read, for those who read on. Nobody depends on them: what is not here
// any more, or is on another replica, is read from the API server at the same version.
#pragma once

#include <deque>
#include <string>

#include "kubeapi/store.hpp"
#include "server/api/reader.hpp"

namespace quartermaster::api {

/// The content that a list is made from, at one moment.
struct Snapshot {
  kubeapi::ShardPtr objects;
  kubeapi::Store::Content quotas;  // of tenants
  std::string version;             // of the objects
  std::string quotas_version;      // of tenants
};

class Snapshots {
 public:
  static constexpr std::size_t kMost = 64;
  static constexpr Clock::duration kLifetime = std::chrono::minutes(1);  // since somebody last read from it

  void keep(Resource resource, std::string ns, Snapshot snapshot, Clock::time_point now);
  /// Null if it is not here (any more). Valid until the next call of another function.
  const Snapshot* find(Resource resource, std::string_view ns, std::string_view version,
                       std::string_view quotas_version, Clock::time_point now);
  void drop_old(Clock::time_point now);

 private:
  struct Entry {
    Resource resource;
    std::string ns;
    Snapshot snapshot;
    Clock::time_point used;
  };
  std::deque<Entry> entries_;  // the last used at the end
};

}  // namespace quartermaster::api
