// Lists as they were when their first part was read.
#include "server/api/snapshots.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::api {

void Snapshots::keep(Resource resource, std::string ns, Snapshot snapshot, Clock::time_point now) {
  if (find(resource, ns, snapshot.version, snapshot.quotas_version, now) != nullptr) return;
  if (entries_.size() == kMost) entries_.pop_front();
  entries_.push_back({resource, std::move(ns), std::move(snapshot), now});
}

const Snapshot* Snapshots::find(Resource resource, std::string_view ns, std::string_view version,
                                std::string_view quotas_version, Clock::time_point now) {
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.resource == resource && entry.ns == ns && entry.snapshot.version == version &&
           entry.snapshot.quotas_version == quotas_version;
  });
  if (found == entries_.end()) return nullptr;
  found->used = now;
  std::rotate(found, found + 1, entries_.end());
  return &entries_.back().snapshot;
}

void Snapshots::drop_old(Clock::time_point now) {
  while (!entries_.empty() && now - entries_.front().used > kLifetime) entries_.pop_front();
}

}  // namespace quartermaster::api
