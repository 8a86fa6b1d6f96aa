// Those who read the same.
#include "server/watch/channel.hpp"

#include <algorithm>
#include <array>

#include "server/http/event_stream.hpp"

namespace quartermaster::watch {
namespace {

std::string_view name_of(ChangeType type) {
  constexpr std::array<std::string_view, 3> kNames = {"added", "modified", "deleted"};
  return kNames.at(static_cast<std::size_t>(type));
}

bool selects(const LabelSelector& selector, const std::optional<std::string>& labels) {
  return labels && (selector.empty() || selector.matches(RenderedLabels(*labels)));
}

void append(std::string& out, const Change& change, ChangeType type) {
  const auto id = change.last ? change.position.id() : std::string();
  http::append_event(out, {.id = id, .name = name_of(type), .data = change.data});
}

}  // namespace

std::optional<ChangeType> as_seen(const Change& change, const Filter& filter) {
  if (change.ns != filter.ns) return std::nullopt;
  const bool before = selects(filter.selector, change.labels_before);
  const bool after = selects(filter.selector, change.labels_after);
  if (!before && !after) return std::nullopt;
  if (!before) return ChangeType::added;
  return after ? ChangeType::modified : ChangeType::deleted;
}

/// What has left the ring without having been matched is of other namespaces: the feed sees to that.
bool Channel::catch_up(const Ring& ring, std::size_t most) {
  forget_lost(ring);
  end_ = std::max(end_, ring.begin());
  for (; end_ < ring.end() && most > 0; ++end_, --most) {
    if (const auto type = as_seen(ring.at(end_), filter_)) hits_.push_back({end_, *type});
  }
  return end_ == ring.end();
}

bool Channel::reach_back(const Ring& ring, Ring::Number number) {
  for (auto most = kAtOnce; number < begin_ && most > 0; --most) {
    --begin_;
    if (const auto type = as_seen(ring.at(begin_), filter_)) hits_.push_front({begin_, *type});
  }
  return number >= begin_;
}

bool Channel::lost(const Ring& ring, Ring::Number next) {
  forget_lost(ring);
  return next < begin_ && next < ring.begin();
}

void Channel::forget_lost(const Ring& ring) {
  if (begin_ < ring.origin()) forget_before(ring.origin());
  while (!hits_.empty() && hits_.front().number < ring.begin()) forget_before(hits_.front().number + 1);
}

void Channel::forget_before(Ring::Number number) {
  begin_ = number;
  end_ = std::max(end_, number);
  while (!hits_.empty() && hits_.front().number < number) hits_.pop_front();
}

BatchPtr Channel::read(const Ring& ring, Ring::Number next) {
  catch_up(ring);
  auto hit = std::partition_point(hits_.begin(), hits_.end(), [next](const Hit& h) { return h.number < next; });
  if (hit != hits_.end() && last_ && last_->first == hit->number && (last_->full || last_->end == end_)) return last_;
  auto batch = std::make_shared<Batch>();
  batch->end = std::max(next, end_);
  batch->first = hit == hits_.end() ? batch->end : hit->number;
  for (; hit != hits_.end(); ++hit) {
    const auto& change = ring.at(hit->number);
    constexpr std::size_t kFraming = 64;
    if (!batch->bytes.empty() && batch->bytes.size() + change.data.size() + kFraming > kBatchBytes) break;
    append(batch->bytes, change, hit->type);
  }
  batch->full = hit != hits_.end();
  if (batch->full) batch->end = hit->number;
  if (listeners > 1 && !batch->bytes.empty()) last_ = batch;
  return batch;
}

/// What all have read is not kept for those who may come.
void Channel::wait(Waiter& waiter) {
  waiting_.push_back(waiter);
  if (++num_waiting_ < listeners) return;
  if (begin_ < waiting_.front().next) forget_before(waiting_.front().next);
  if (hits_.empty()) last_.reset();
}

void Channel::stop_waiting(Waiter& waiter) {
  if (!waiter.is_linked()) return;
  waiter.unlink();
  --num_waiting_;
}

bool Channel::wake_one(bool anyway) {
  if (waiting_.empty()) return false;
  auto& waiter = waiting_.front();
  // The others wait for later ones.
  const bool has_news = waiter.next < begin_ || (!hits_.empty() && waiter.next <= hits_.back().number);
  if (!anyway && !has_news) return false;
  stop_waiting(waiter);
  waiter.timer->cancel();
  return true;
}

}  // namespace quartermaster::watch
