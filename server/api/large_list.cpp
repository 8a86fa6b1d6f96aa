// Large lists, in turns.
#include "server/api/large_list.hpp"

#include <boost/asio/this_coro.hpp>

#include "kubeapi/turn.hpp"
#include "server/api/picker.hpp"

namespace quartermaster::api {
namespace {

constexpr std::size_t kPiece = 32U << 10;  // of what is sent

Picker picker_of(const LargeList& list) { return {list.filler, *list.objects, list.selector, list.limit, list.after}; }

/// The items, rendered while they are sent.
class Items final : public ByteStream {
 public:
  Items(std::shared_ptr<const LargeList> list, Line line)
      : list_(std::move(list)), line_(std::move(line)), picker_(picker_of(*list_)) {}

  Task<Result<std::string_view>> read() override {
    const Call until_served;
    const auto place = co_await line_.enter(until_served);
    if (!place) co_return place.error();
    kubeapi::Turn turn(co_await asio::this_coro::executor);
    piece_.clear();
    while (!done_) {
      done_ = picker_.render(piece_, [&] { return piece_.size() >= kPiece || turn.over(); });
      if (!piece_.empty()) break;
      if (!done_) co_await turn.pass_on();
    }
    co_return std::string_view(piece_);
  }

 private:
  const std::shared_ptr<const LargeList> list_;
  Line line_;
  Picker picker_;
  std::string piece_;
  bool done_ = false;
};

Result<void> check(const Call& call) {
  if (call.stop.stop_requested()) return Error{ErrorCode::cancelled, "cancelled"};
  if (Clock::now() >= call.deadline) return Error{ErrorCode::timeout, "the deadline passed while a list was rendered"};
  return {};
}

}  // namespace

ListAnswer pinned_list(const kubeapi::ShardPtr& shard) {
  ListAnswer answer;
  answer.num = shard->size();
  answer.digest = shard->digest();
  answer.pinned.pieces.reserve(shard->pages().size());
  for (const auto& page : shard->pages()) answer.pinned.pieces.push_back(page->bytes());
  if (!answer.pinned.pieces.empty()) answer.pinned.pieces.front().remove_prefix(1);  // its comma
  answer.pinned.owner = shard;
  return answer;
}

Task<Result<LargeListAnswer>> render_in_turns(std::shared_ptr<const LargeList> list, RenderLines lines, Call call) {
  const auto place = co_await lines.lists.enter(call);
  if (!place) co_return place.error();
  co_return co_await render_in_place(std::move(list), std::move(lines), std::move(call));
}

Task<Result<LargeListAnswer>> render_in_place(std::shared_ptr<const LargeList> list, RenderLines lines, Call call) {
  kubeapi::Turn turn(co_await asio::this_coro::executor);
  auto picker = picker_of(*list);
  LargeListAnswer result;
  std::string& items = result.answer.items;
  bool kept = true;
  while (!picker.render(items, [&] { return turn.over() || items.size() > kKeptInMemory; })) {
    if (items.size() > kKeptInMemory) kept = false;
    if (!kept) items.clear();
    if (turn.over()) co_await turn.pass_on();
    if (const auto going_on = check(call); !going_on) co_return going_on.error();
  }
  result.answer.num = picker.num();
  result.answer.digest = picker.digest();
  result.more = picker.more();
  result.last = picker.last();
  if (!kept) {
    std::string().swap(items);
    result.answer.stream = render_while_sent(std::move(list), lines);
  }
  co_return result;
}

std::unique_ptr<ByteStream> render_while_sent(std::shared_ptr<const LargeList> list, const RenderLines& lines) {
  return std::make_unique<Items>(std::move(list), lines.pieces);
}

}  // namespace quartermaster::api
