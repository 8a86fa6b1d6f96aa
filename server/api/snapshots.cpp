// Lists as they were when their first part was read.
#include "server/api/snapshots.hpp"

#include <algorithm>
#include <boost/smart_ptr/make_local_shared.hpp>
#include <utility>

namespace quartermaster::api {
namespace {

std::size_t bytes_of(const Snapshot& snapshot) {
  constexpr std::size_t kNode = 128;  // of a map, with its key
  std::size_t bytes = snapshot.objects->footprint();
  for (const auto& [ns, quotas] : *snapshot.quotas) bytes += kNode + quotas->footprint();
  return bytes;
}

}  // namespace

void Snapshots::keep(Resource resource, std::string ns, Snapshot snapshot, Clock::time_point now) {
  if (find(resource, ns, snapshot.version, snapshot.quotas_version, now) != nullptr) return;
  const auto bytes = bytes_of(snapshot);
  while (!entries_.empty() && (entries_.size() == kMost || bytes_ + bytes > kMostBytes)) drop_first();
  entries_.push_back({resource, std::move(ns), std::move(snapshot), now, bytes});
  bytes_ += bytes;
}

void Snapshots::drop_first() {
  bytes_ -= entries_.front().bytes;
  entries_.pop_front();
}

QuotasPtr Snapshots::pin(const kubeapi::Store& quotas) const {
  const auto same = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.resource == Resource::tenants && entry.snapshot.quotas_version == quotas.version();
  });
  if (same != entries_.end()) return same->snapshot.quotas;
  return boost::make_local_shared<const kubeapi::Store::Content>(quotas.content());
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
  while (!entries_.empty() && now - entries_.front().used > kLifetime) drop_first();
}

}  // namespace quartermaster::api
