// All feeds.
#include "server/watch/feeds.hpp"

#include <algorithm>

namespace quartermaster::watch {
namespace {

bool usable(const kubeapi::Cache* cache) { return cache == nullptr || cache->usable(); }

Error not_usable(const kubeapi::Cache& cache) {
  const std::string resource(model::info(cache.id().kind).resource);
  return {.code = ErrorCode::unavailable,
          .message = cache.status().denied ? resource + " are not kept up any more: our credentials may not watch them"
                                           : resource + " have not been read from the API server yet",
          .retry_after = std::chrono::seconds(1)};
}

}  // namespace

Result<FeedPtr> Feeds::find(api::Resource resource, std::string_view ns) {
  if (closed_) return *closed_;
  Source source{caches_.find(api::kind_of(resource), ns)};
  const bool of_tenants = resource == api::Resource::tenants;
  if (of_tenants) source.quotas = caches_.find(model::Kind::resource_quota, "");
  if (source.objects == nullptr || (of_tenants && source.quotas == nullptr)) return FeedPtr();
  for (const auto* cache : {source.objects, source.quotas}) {
    if (usable(cache)) continue;
    if (cache->settled()) return FeedPtr();
    return not_usable(*cache);
  }
  const auto found =
      std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.source.objects == source.objects; });
  if (found != entries_.end()) return found->feed;
  auto* const quotas = of_tenants ? &source.quotas->store() : nullptr;
  auto feed = std::make_shared<Feed>(executor_, resource, source.objects->store(), quotas);
  entries_.push_back({resource, source, feed, Clock::now()});
  return feed;
}

void Feeds::tend(Clock::time_point now) {
  std::erase_if(entries_, [now](Entry& entry) {
    if (entry.feed->listeners() > 0) entry.used = now;
    for (const auto* cache : {entry.source.objects, entry.source.quotas}) {
      if (usable(cache)) continue;
      entry.feed->close(not_usable(*cache));
      return true;
    }
    return entry.feed.use_count() == 1 && now - entry.used > kKept;
  });
}

void Feeds::close(const Error& why) {
  closed_ = why;
  for (const auto& entry : entries_) entry.feed->close(why);
}

std::size_t Feeds::listeners() const {
  std::size_t all = 0;
  for (const auto& entry : entries_) all += entry.feed->listeners();
  return all;
}

}  // namespace quartermaster::watch
