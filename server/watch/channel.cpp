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

void Channel::match(const Ring& ring, Ring::Number from, Ring::Number to, std::deque<Hit>& hits) const {
  for (auto number = from; number < to; ++number) {
    if (const auto type = as_seen(ring.at(number), filter_)) hits.push_back({number, *type});
  }
}

void Channel::reach_back(const Ring& ring, Ring::Number number) {
  catch_up(ring);
  if (number >= begin_) return;
  std::deque<Hit> hits;
  match(ring, number, begin_, hits);
  hits.insert(hits.end(), hits_.begin(), hits_.end());
  hits_ = std::move(hits);
  begin_ = number;
}

void Channel::catch_up(const Ring& ring) {
  match(ring, std::max(end_, ring.begin()), ring.end(), hits_);
  end_ = ring.end();
  begin_ = std::max(begin_, ring.begin());
  while (!hits_.empty() && hits_.front().number < begin_) hits_.pop_front();
}

BatchPtr Channel::read(const Ring& ring, Ring::Number next) {
  catch_up(ring);
  auto hit = std::partition_point(hits_.begin(), hits_.end(), [next](const Hit& h) { return h.number < next; });
  if (hit != hits_.end() && last_ && last_->first == hit->number && (last_->full || last_->end == end_)) return last_;
  auto batch = std::make_shared<Batch>();
  batch->first = hit == hits_.end() ? end_ : hit->number;
  for (; hit != hits_.end(); ++hit) {
    const auto& change = ring.at(hit->number);
    constexpr std::size_t kFraming = 64;
    if (!batch->bytes.empty() && batch->bytes.size() + change.data.size() + kFraming > kBatchBytes) break;
    append(batch->bytes, change, hit->type);
  }
  batch->full = hit != hits_.end();
  batch->end = batch->full ? hit->number : end_;
  if (listeners > 1 && !batch->bytes.empty()) last_ = batch;
  return batch;
}

bool Channel::wake_one(bool anyway) {
  if (waiting_.empty()) return false;
  auto& waiter = waiting_.front();
  // The others wait for later ones.
  if (!anyway && (hits_.empty() || waiter.next > hits_.back().number)) return false;
  waiter.unlink();
  waiter.timer->cancel();
  return true;
}

}  // namespace quartermaster::watch
