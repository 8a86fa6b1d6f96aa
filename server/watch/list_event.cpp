// The whole list as one event.
#include "server/watch/list_event.hpp"

#include <boost/smart_ptr/make_local_shared.hpp>
#include <utility>
#include <vector>

#include "server/api/picker.hpp"
#include "server/api/replies.hpp"

namespace quartermaster::watch {
namespace {

using api::QuotasPtr;
using kubeapi::ShardPtr;

/// Beyond so many changes a new list is cheaper than an old one and the changes.
constexpr Ring::Number kNear = 256;

std::string head_of(std::size_t num) { return "event: list\ndata: {\"num\":" + std::to_string(num) + ",\"items\":["; }

/// The id comes last: a list that is cut in the middle must not leave one.
std::string tail_of(const Position& position) { return "]}\nid: " + position.id() + "\n\n"; }

constexpr std::size_t kPiece = 32U << 10;  // each has the time of a write

/// One whose bytes others send, too.
class SharedList final : public ByteStream {
 public:
  explicit SharedList(std::shared_ptr<const ListEvent> event) : event_(std::move(event)) {}
  Task<Result<std::string_view>> read() override {
    if (std::exchange(read_, true)) co_return std::string_view();
    co_return std::string_view(event_->bytes);
  }

 private:
  const std::shared_ptr<const ListEvent> event_;
  bool read_ = false;
};

/// One that lies in pieces, or is rendered while it is sent.
class ListInPieces final : public ByteStream {
 public:
  ListInPieces(const Position& position, api::ListAnswer list, std::optional<http::Admission::Place> place)
      : head_(head_of(list.num)), tail_(tail_of(position)), list_(std::move(list)), place_(std::move(place)) {
    pieces_.emplace_back(head_);
    pieces_.insert(pieces_.end(), list_.pinned.pieces.begin(), list_.pinned.pieces.end());
    const std::string_view items = list_.items;
    for (std::size_t at = 0; at < items.size(); at += kPiece) pieces_.push_back(items.substr(at, kPiece));
  }
  ListInPieces(const ListInPieces&) = delete;
  ListInPieces& operator=(const ListInPieces&) = delete;

  Task<Result<std::string_view>> read() override {
    if (next_ < pieces_.size()) co_return pieces_[next_++];
    if (list_.stream) {
      const auto piece = co_await list_.stream->read();
      if (!piece || !piece->empty()) co_return piece;
      list_.stream.reset();
    }
    if (std::exchange(ended_, true)) co_return std::string_view();
    co_return std::string_view(tail_);
  }

 private:
  const std::string head_, tail_;
  api::ListAnswer list_;
  const std::optional<http::Admission::Place> place_;
  std::vector<std::string_view> pieces_;
  std::size_t next_ = 0;
  bool ended_ = false;
};

/// What is small is rendered at once, for all who filter alike.
Result<Beginning> begin_with_small_list(const Feed& feed, Channel& channel, const ShardPtr& objects, Means& means) {
  static const kubeapi::Store::Content none;
  const auto& quotas = feed.quotas() != nullptr ? feed.quotas()->content() : none;
  const api::Filler filler(feed.resource(), *objects, quotas);
  api::Picker picker(filler, *objects, channel.filter().selector, 0, "");
  std::string items;
  picker.render(items, [] { return false; });
  auto event = std::make_shared<ListEvent>();
  event->next = feed.ring().end();
  const auto head = head_of(picker.num()), tail = tail_of(feed.ring().position());
  event->bytes.reserve(head.size() + items.size() + tail.size());
  event->bytes.append(head).append(items).append(tail);
  auto place = means.answers.admit(means.caller, event->bytes.capacity());
  if (!place) return place.error();
  event->place = std::make_shared<http::Admission::Place>(std::move(*place));
  channel.list = event;
  return Beginning{std::make_unique<SharedList>(event), event->next};
}

}  // namespace

Task<Result<Beginning>> begin_with_list(Feed& feed, Channel& channel, Means means, Call call) {
  const auto& ring = feed.ring();
  if (auto known = channel.list.lock(); known && known->next >= ring.begin() && ring.end() - known->next <= kNear) {
    channel.reach_back(ring, known->next);
    const auto next = known->next;
    co_return Beginning{std::make_unique<SharedList>(std::move(known)), next};
  }
  const auto objects = feed.objects().shard(channel.filter().ns);
  const auto next = ring.end();
  const auto position = ring.position();
  const auto& selector = channel.filter().selector;
  if (feed.resource() == api::Resource::pvcs && selector.empty()) {
    auto list = api::pinned_list(objects);
    co_return Beginning{std::make_unique<ListInPieces>(position, std::move(list), std::nullopt), next};
  }
  if (objects->bytes() <= api::kRenderedAtOnce) co_return begin_with_small_list(feed, channel, objects, means);

  const auto quotas = boost::make_local_shared<const kubeapi::Store::Content>(
      feed.quotas() != nullptr ? feed.quotas()->content() : kubeapi::Store::Content());
  auto large = std::make_shared<const api::LargeList>(feed.resource(), objects, quotas, selector, 0, "");
  auto rendered = co_await api::render_in_turns(std::move(large), means.lines, std::move(call));
  if (!rendered) co_return rendered.error();
  auto place = means.answers.admit(means.caller, rendered->answer.items.capacity());
  if (!place) co_return place.error();
  co_return Beginning{std::make_unique<ListInPieces>(position, std::move(rendered->answer), std::move(*place)), next};
}

}  // namespace quartermaster::watch
