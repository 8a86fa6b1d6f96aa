// The changes of one list, as they come; those that a list of the API server brings at once are in feed_lists.cpp.
#include "server/watch/feed.hpp"

#include <algorithm>
#include <utility>

#include "kubeapi/spawn.hpp"
#include "server/api/filler.hpp"

namespace quartermaster::watch {
namespace {

using kubeapi::Shard;
using kubeapi::ShardPtr;

/// A pass over all listeners is followed by a pause twice as long, so that others have most of the time, and the next
/// pass more to tell at once.
constexpr int kPause = 2;
constexpr auto kLongestPause = std::chrono::milliseconds(25);
constexpr auto kNoPause = std::chrono::microseconds(200);
constexpr std::size_t kWokenAtOnce = 16;  // each of them writes some kilobytes

std::optional<std::string> labels_of(const std::optional<model::RecordView>& record) {
  return record ? std::optional<std::string>(record->labels) : std::nullopt;
}

std::optional<std::string> effective_default(const Shard& classes) {
  model::EffectiveDefault found;
  classes.for_each("", [&found](const model::RecordView& record) {
    found.add(record);
    return true;
  });
  return found.name();
}

}  // namespace

Feed::Feed(Executor executor, api::Resource resource, kubeapi::Store& objects, kubeapi::Store* quotas,
           Ring::Limits limits)
    : executor_(std::move(executor)),
      resource_(resource),
      objects_(objects),
      quotas_(quotas),
      ring_(now(), limits),
      inexact_(!exact()) {
  objects_.observe(&object_side_);
  if (quotas_ != nullptr) quotas_->observe(&quota_side_);
}

/// One that was closed may live on, with a slow listener, while another has the stores already.
Feed::~Feed() {
  objects_.stop_observing(object_side_);
  if (quotas_ != nullptr) quotas_->stop_observing(quota_side_);
}

Position Feed::now() const { return {objects_.version(), quotas_ != nullptr ? quotas_->version() : ""}; }

bool Feed::exact() const { return objects_.exact() && (quotas_ == nullptr || quotas_->exact()); }

void Feed::Side::changed(std::string_view ns, std::string_view name, ShardPtr before, ShardPtr after) {
  if (of_quotas_) return feed_.quota_changed(ns);
  feed_.object_changed(ns, name, *before, *after);
}

void Feed::Side::replaced(kubeapi::Store::Content before) {
  auto position = feed_.now();
  const bool forget = std::exchange(feed_.inexact_, !feed_.exact()) && feed_.exact();
  // An API server whose store was put back counts anew.
  if (!position.covers(feed_.newest())) return feed_.start_over(std::move(position));
  const auto& store = of_quotas_ ? *feed_.quotas_ : feed_.objects_;
  Replacement list{of_quotas_, std::move(before), store.content(), {std::move(position), forget}};
  if (of_quotas_) list.tenants = feed_.objects_.shard("");
  list.quotas = feed_.quotas_now();
  feed_.add(std::move(list));
}

const kubeapi::Store::Content& Feed::quotas_now() const {
  static const kubeapi::Store::Content none;
  return quotas_ != nullptr ? quotas_->content() : none;
}

void Feed::advance() {
  const bool forget = std::exchange(inexact_, inexact_ && !exact()) && exact();
  add(Advance{now(), forget});
}

void Feed::object_changed(std::string_view ns, std::string_view name, const Shard& before, const Shard& after) {
  const auto position = now();
  if (resource_ == api::Resource::storage_classes) {
    for (auto& other : default_changes(name, before, after, position)) add(std::move(other));
  }
  auto change = change_of(ns, name, before, after, quotas_now());
  if (!change) return advance();
  change->position = position;
  add(std::move(*change));
}

/// Which class is the default is shown by classes that have not changed themselves, too.
std::vector<Change> Feed::default_changes(std::string_view but, const Shard& before, const Shard& after,
                                          const Position& position) const {
  std::vector<Change> changes;
  const auto was = effective_default(before), is = effective_default(after);
  if (was == is) return changes;
  for (const auto& name : {was, is}) {
    if (!name || *name == but || !before.find(*name) || !after.find(*name)) continue;
    changes.push_back(*change_of("", *name, before, after, quotas_now()));
    changes.back().position = position;
    changes.back().last = false;
  }
  return changes;
}

void Feed::quota_changed(std::string_view ns) {
  const auto tenants = objects_.shard("");
  auto change = change_of("", ns, *tenants, *tenants, quotas_now());
  if (!change) return advance();
  change->position = now();
  add(std::move(*change));
}

std::optional<Change> Feed::change_of(std::string_view ns, std::string_view name, const Shard& before,
                                      const Shard& after, const kubeapi::Store::Content& quotas) const {
  const auto was = before.find(name), is = after.find(name);
  if (!was && !is) return std::nullopt;
  Change change{.ns = std::string(ns), .labels_before = labels_of(was), .labels_after = labels_of(is)};
  const api::Filler filler(resource_, is ? after : before, quotas);
  filler.append(change.data, is ? *is : *was);
  return change;
}

std::optional<Ring::Number> Feed::behind(const Position& position) const {
  return inexact_ ? std::nullopt : ring_.behind(position);
}

// In order.

void Feed::add(Change change) {
  if (!working_) return apply(std::move(change));
  waiting_bytes_ += change.bytes();
  wait_for_turn(std::move(change));
}

void Feed::add(Advance step) {
  if (!working_) return apply(std::move(step));
  wait_for_turn(std::move(step));
}

void Feed::add(Replacement list) {
  wait_for_turn(std::move(list));
  if (!std::exchange(working_, true)) spawn(executor_, work_off(shared_from_this()));
}

/// What there is, told or still to be told.
const Position& Feed::newest() const { return working_ ? newest_ : ring_.position(); }

void Feed::wait_for_turn(Step step) {
  newest_ = now();
  steps_.push_back(std::move(step));
  if (waiting_bytes_ > ring_.limits().bytes || steps_.size() > ring_.limits().changes) start_over(now());
}

void Feed::apply(Change change) {
  const auto ns = change.ns;
  auto position = change.position;
  const bool last = change.last;
  ring_.push(std::move(change), [this](const Change&) { match_first(); });
  if (last) ring_.advance(std::move(position));
  tell(ns);
}

/// Nobody is to miss a change, or be taken for one who does, that is gone before there was a turn to match it.
void Feed::match_first() {
  if (ring_.begin() < matched_) return;
  const auto& ns = ring_.at(ring_.begin()).ns;
  for (auto at = channels_.lower_bound({ns, ""}); at != channels_.end() && at->first.first == ns; ++at) {
    if (at->second->end() <= ring_.begin()) at->second->catch_up(ring_, 1);
  }
}

void Feed::apply(Advance step) {
  ring_.advance(std::move(step.to));
  if (step.forget) ring_.forget_positions();
}

/// Too much has changed at once to tell it one by one, or what is there now has nothing to do with what was: everybody
/// gets a new list.
void Feed::start_over(Position position) {
  steps_.clear();
  waiting_bytes_ = 0;
  newest_ = position;
  ++restarts_;
  ring_.restart(std::move(position));
  tell_all();
}

// To the listeners.

ChannelPtr Feed::join(const Filter& filter) {
  auto& channel = channels_[{filter.ns, filter.selector.to_string()}];
  if (!channel) channel = std::make_shared<Channel>(filter, ring_);
  ++channel->listeners;
  ++listeners_;
  return channel;
}

void Feed::leave(const ChannelPtr& channel) {
  --listeners_;
  if (--channel->listeners > 0) return;
  channels_.erase({channel->filter().ns, channel->filter().selector.to_string()});
}

void Feed::close(Error why) {
  if (!closed_) closed_ = std::move(why);
  tell_all();
}

void Feed::tell(const std::string& ns) {
  if (channels_.empty()) return;
  untold_.try_emplace(ns, false);
  start_telling();
}

void Feed::tell_all() {
  for (const auto& [key, channel] : channels_) untold_[key.first] = true;
  start_telling();
}

void Feed::start_telling() {
  if (!untold_.empty() && !std::exchange(telling_, true)) spawn(executor_, tell_in_turns(shared_from_this()));
}

/// Few at a time: each one that wakes writes to its socket in a turn of its own, and others have theirs in between.
Task<void> Feed::tell_in_turns(std::shared_ptr<Feed> self) {
  kubeapi::Turn turn(self->executor_);
  while (!self->untold_.empty()) {
    const auto began = Clock::now();
    const auto untold = std::exchange(self->untold_, {});
    const auto end = self->ring_.end();
    for (const auto& [ns, all] : untold) {
      std::vector<ChannelPtr> channels;
      for (auto at = self->channels_.lower_bound({ns, ""}); at != self->channels_.end() && at->first.first == ns; ++at)
        channels.push_back(at->second);
      std::size_t woken = 0;
      for (const auto& channel : channels) {
        while (!channel->catch_up(self->ring_) && channel->end() < end) {
          if (turn.over()) co_await turn.pass_on();
        }
        // Those who wait again by then have been told.
        for (auto left = all ? channel->waiting() : channel->listeners; left > 0 && channel->wake_one(all); --left) {
          if (++woken % kWokenAtOnce == 0) co_await turn.pass_on();
        }
        if (turn.over()) co_await turn.pass_on();
      }
    }
    self->matched_ = end;
    const auto pause = std::min<Clock::duration>(kPause * (Clock::now() - began), kLongestPause);
    const Call until_then;
    if (pause > kNoPause) co_await sleep_for(pause, until_then);
  }
  self->telling_ = false;
}

}  // namespace quartermaster::watch
