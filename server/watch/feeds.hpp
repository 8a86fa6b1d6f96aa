// All feeds: one for each cached list that somebody listens to, or did lately.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "kubeapi/cache.hpp"
#include "server/api/large_list.hpp"
#include "server/watch/feed.hpp"

namespace quartermaster::watch {

using FeedPtr = std::shared_ptr<Feed>;

class Feeds {
 public:
  /// After the last listener, changes are kept for so long for those who come back.
  static constexpr Clock::duration kKept = std::chrono::minutes(2);

  /// The caches must outlive it, and whoever has a feed.
  Feeds(Executor executor, const kubeapi::Caches& caches) : executor_(std::move(executor)), caches_(caches) {}

  /// Null: there is no cache that has this list. Error: unavailable, it has not been read yet, or it is all over.
  Result<FeedPtr> find(api::Resource resource, std::string_view ns);

  /// Ends what is not kept up any more, forgets what nobody has listened to for a while. To be called now and then.
  void tend(Clock::time_point now);
  /// Ends all for good.
  void close(const Error& why);

  std::size_t listeners() const;
  /// For the lists that listeners begin with.
  const api::RenderLines& lines() const { return lines_; }

 private:
  struct Source {
    kubeapi::Cache* objects = nullptr;
    kubeapi::Cache* quotas = nullptr;
  };
  struct Entry {
    api::Resource resource;
    Source source;
    FeedPtr feed;
    Clock::time_point used;
  };
  const Executor executor_;
  const kubeapi::Caches& caches_;
  std::vector<Entry> entries_;
  std::optional<Error> closed_;
  // One at a time: who waits may find that it is the very list that it wants.
  api::RenderLines lines_{.lists = api::Line(1)};
};

}  // namespace quartermaster::watch
