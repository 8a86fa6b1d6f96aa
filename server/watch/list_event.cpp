// The whole list as one event.
#include "server/watch/list_event.hpp"

#include <boost/smart_ptr/make_local_shared.hpp>
#include <utility>

#include "server/api/picker.hpp"
#include "server/api/replies.hpp"

namespace quartermaster::watch {
namespace {

using kubeapi::ShardPtr;

/// Beyond so many changes a new list is cheaper than an old one and the changes.
constexpr Ring::Number kNear = 256;
static_assert(kNear <= Channel::kAtOnce);

std::string head_of(std::size_t num) { return "event: list\ndata: {\"num\":" + std::to_string(num) + ",\"items\":["; }

/// The id comes last: a list that is cut in the middle must not leave one.
std::string tail_of(const Position& position) { return "]}\nid: " + position.id() + "\n\n"; }

using ListEventPtr = std::shared_ptr<const ListEvent>;

class ListReader final : public ByteStream {
 public:
  ListReader(ListEventPtr event, const api::RenderLines& lines) : event_(std::move(event)) {
    if (event_->large) items_ = api::render_while_sent(event_->large, lines);
  }

  Task<Result<std::string_view>> read() override {
    const auto& pages = event_->pages.pieces;
    if (at_ < event_->text.size()) {
      constexpr std::size_t kPiece = 64U << 10;  // each has the time of a write
      const auto piece = std::string_view(event_->text).substr(at_, kPiece);
      at_ += piece.size();
      co_return piece;
    }
    if (page_ < pages.size()) co_return pages[page_++];
    if (items_) {
      const auto piece = co_await items_->read();
      if (!piece || !piece->empty()) co_return piece;
      items_.reset();
    }
    if (std::exchange(ended_, true)) co_return std::string_view();
    co_return std::string_view(event_->tail);
  }

 private:
  const ListEventPtr event_;
  std::unique_ptr<ByteStream> items_;
  std::size_t at_ = 0, page_ = 0;
  bool ended_ = false;
};

Beginning begin_with(ListEventPtr event, const Means& means) {
  const auto next = event->next;
  return {std::make_unique<ListReader>(std::move(event), means.lines), next};
}

/// For those who come later, too.
Beginning begin_with_new(ListEvent made, Channel& channel, const Means& means) {
  auto event = std::make_shared<const ListEvent>(std::move(made));
  channel.list = event;
  return begin_with(std::move(event), means);
}

/// The last one, if that is still sent and not long ago.
ListEventPtr known(const Ring& ring, Channel& channel) {
  auto event = channel.list.lock();
  if (!event || event->next < ring.begin() || ring.end() - event->next > kNear) return nullptr;
  channel.reach_back(ring, event->next);
  return event;
}

/// Its text is ready.
Result<Beginning> keep(ListEvent event, Channel& channel, Means& means) {
  auto place = means.answers.admit(means.caller, event.text.capacity());
  if (!place) return place.error();
  event.place = std::move(*place);
  return begin_with_new(std::move(event), channel, means);
}

/// What is small is rendered at once.
Result<Beginning> begin_with_small_list(const Feed& feed, Channel& channel, const ShardPtr& objects, Means& means) {
  static const kubeapi::Store::Content none;
  const auto& quotas = feed.quotas() != nullptr ? feed.quotas()->content() : none;
  const api::Filler filler(feed.resource(), *objects, quotas);
  api::Picker picker(filler, *objects, channel.filter().selector, 0, "");
  std::string items;
  picker.render(items, [] { return false; });
  ListEvent event{.next = feed.ring().end(), .text = head_of(picker.num())};
  const auto tail = tail_of(feed.ring().position());
  event.text.reserve(event.text.size() + items.size() + tail.size());
  event.text.append(items).append(tail);
  return keep(std::move(event), channel, means);
}

/// The caller has its place in the line.
Task<Result<Beginning>> begin_with_large_list(Feed& feed, Channel& channel, Means& means, Call call) {
  ListEvent event{.next = feed.ring().end(), .tail = tail_of(feed.ring().position())};
  const auto quotas = boost::make_local_shared<const kubeapi::Store::Content>(
      feed.quotas() != nullptr ? feed.quotas()->content() : kubeapi::Store::Content());
  const auto list = std::make_shared<const api::LargeList>(feed.resource(), feed.objects().shard(channel.filter().ns),
                                                           quotas, channel.filter().selector, 0, "");
  auto rendered = co_await api::render_in_place(list, means.lines, std::move(call));
  if (!rendered) co_return rendered.error();
  event.text = head_of(rendered->answer.num) + rendered->answer.items;
  if (rendered->answer.stream) event.large = list;
  co_return keep(std::move(event), channel, means);
}

}  // namespace

Task<Result<Beginning>> begin_with_list(Feed& feed, Channel& channel, Means means, Call call) {
  const auto& ring = feed.ring();
  if (auto event = known(ring, channel)) co_return begin_with(std::move(event), means);
  if (feed.resource() == api::Resource::pvcs && channel.filter().selector.empty()) {
    auto list = api::pinned_list(feed.objects().shard(channel.filter().ns));
    ListEvent event{.next = ring.end(), .text = head_of(list.num), .tail = tail_of(ring.position())};
    event.pages = std::move(list.pinned);
    co_return begin_with_new(std::move(event), channel, means);
  }
  if (const auto objects = feed.objects().shard(channel.filter().ns); objects->bytes() <= api::kRenderedAtOnce)
    co_return begin_with_small_list(feed, channel, objects, means);
  // Nothing is pinned before its turn comes.
  const auto place = co_await means.lines.lists.enter(call);
  if (!place) co_return place.error();
  const auto settled = co_await feed.settle(call);
  if (!settled) co_return settled.error();
  if (auto event = known(ring, channel)) co_return begin_with(std::move(event), means);
  co_return co_await begin_with_large_list(feed, channel, means, std::move(call));
}

}  // namespace quartermaster::watch
