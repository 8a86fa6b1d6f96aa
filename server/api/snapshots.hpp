// Lists as they were when their first part was read, for those who read on. Nobody depends on them: what is not here
// any more, or is on another replica, is read from the API server at the same version.
#pragma once

#include <deque>
#include <string>

#include "kubeapi/store.hpp"
#include "server/api/large_list.hpp"
#include "server/api/reader.hpp"

namespace quartermaster::api {

/// The content that a list is made from, at one moment.
struct Snapshot {
  kubeapi::ShardPtr objects;
  QuotasPtr quotas;            // of tenants; not null
  std::string version;         // of the objects
  std::string quotas_version;  // of tenants
  Clock::time_point as_of{};   // the content is not older than what the API server had then
};

class Snapshots {
 public:
  static constexpr std::size_t kMost = 64;
  /// As if nothing of them were in the caches any more: what is replaced there stays here. The last one may have more.
  static constexpr std::size_t kMostBytes = 32U << 20;
  static constexpr Clock::duration kLifetime = std::chrono::minutes(1);  // since somebody last read from it

  void keep(Resource resource, std::string ns, Snapshot snapshot, Clock::time_point now);
  /// Null if it is not here (any more). Valid until the next call of another function.
  const Snapshot* find(Resource resource, std::string_view ns, std::string_view version,
                       std::string_view quotas_version, Clock::time_point now);
  void drop_old(Clock::time_point now);

  /// The quotas as they are now, or a copy that a snapshot of the same version has.
  QuotasPtr pin(const kubeapi::Store& quotas) const;

 private:
  struct Entry {
    Resource resource;
    std::string ns;
    Snapshot snapshot;
    Clock::time_point used;
    std::size_t bytes = 0;
  };
  void drop_first();

  std::deque<Entry> entries_;  // the last used at the end
  std::size_t bytes_ = 0;
};

}  // namespace quartermaster::api
