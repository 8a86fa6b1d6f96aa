// Lists from a cache that are too large to be rendered at once, or to lie in memory: they are rendered in turns, with
// others served in between, and, beyond a size, a second time while they are sent. The first time only says what the
// head of the answer needs.
#pragma once

#include <memory>
#include <string>

#include "model/label_selector.hpp"
#include "server/api/filler.hpp"
#include "server/api/line.hpp"

namespace quartermaster::api {

using QuotasPtr = kubeapi::Shared<const kubeapi::Store::Content>;

/// What a list is made of, pinned.
struct LargeList {
  LargeList(Resource resource, kubeapi::ShardPtr all, QuotasPtr all_quotas, LabelSelector selected, std::size_t most,
            std::string position)
      : objects(std::move(all)),
        quotas(std::move(all_quotas)),
        selector(std::move(selected)),
        limit(most),
        after(std::move(position)),
        filler(resource, *objects, *quotas) {}

  const kubeapi::ShardPtr objects;
  const QuotasPtr quotas;  // not null
  const LabelSelector selector;
  const std::size_t limit;
  const std::string after;
  const Filler filler;
};

struct LargeListAnswer {
  ListAnswer answer;  // without version and age; `continue_token` is the caller's to make
  bool more = false;
  std::string last = {};  // the name of the last item
};

/// All of it as it lies there: for kinds whose records have no holes.
ListAnswer pinned_list(const kubeapi::ShardPtr& shard);

/// What is rendered with less than this of records does not take longer than a turn.
inline constexpr std::size_t kRenderedAtOnce = 128U << 10;
/// Items of this size are kept in memory until they are sent.
inline constexpr std::size_t kKeptInMemory = 512U << 10;

/// Each that is rendered takes its turn of the loop again and again, and memory: there are so many at a time, however
/// many are asked for. More at a time would not be faster, and all others would wait for a turn of each.
struct RenderLines {
  Line lists{2};   // that are rendered to be kept, or counted
  Line pieces{2};  // of those that are sent
};

/// Error: cancelled, timeout.
Task<Result<LargeListAnswer>> render_in_turns(std::shared_ptr<const LargeList> list, RenderLines lines, Call call);
/// Likewise, for who has come to its place in `lines.lists`.
Task<Result<LargeListAnswer>> render_in_place(std::shared_ptr<const LargeList> list, RenderLines lines, Call call);
/// The items, rendered while they are sent.
std::unique_ptr<ByteStream> render_while_sent(std::shared_ptr<const LargeList> list, const RenderLines& lines);

}  // namespace quartermaster::api
