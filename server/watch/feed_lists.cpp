// What a list brings at once: the differences between what was known and what it says, found in turns, with others
// served in between. What happens meanwhile waits behind it.
#include <boost/asio/as_tuple.hpp>
#include <boost/smart_ptr/make_local_shared.hpp>
#include <set>

#include "server/watch/feed.hpp"

namespace quartermaster::watch {
namespace {

using kubeapi::ShardDiff;
using kubeapi::ShardPtr;
using Content = kubeapi::Store::Content;

ShardPtr shard_of(const Content& content, std::string_view ns) {
  static const ShardPtr none = boost::make_local_shared<const kubeapi::Shard>();
  const auto found = content.find(ns);
  return found == content.end() ? none : found->second;
}

std::set<std::string, std::less<>> namespaces_of(const Content& before, const Content& after) {
  std::set<std::string, std::less<>> all;
  for (const auto& [ns, shard] : before) all.insert(ns);
  for (const auto& [ns, shard] : after) all.insert(ns);
  return all;
}

}  // namespace

Task<void> Feed::work_off(std::shared_ptr<Feed> self) {
  kubeapi::Turn turn(self->executor_);
  while (!self->steps_.empty()) {
    auto step = std::move(self->steps_.front());
    self->steps_.pop_front();
    if (auto* list = std::get_if<Replacement>(&step)) {
      co_await self->find_changes(std::move(*list), turn);
    } else if (auto* change = std::get_if<Change>(&step)) {
      self->waiting_bytes_ -= std::min(self->waiting_bytes_, change->bytes());
      self->apply(std::move(*change));
    } else {
      self->apply(std::move(std::get<Advance>(step)));
    }
    if (turn.over()) co_await turn.pass_on();
  }
  self->working_ = false;
  co_await self->wake_unsettled(turn);
}

/// One in each turn: what they do next is a list, or many changes.
Task<void> Feed::wake_unsettled(kubeapi::Turn& turn) {
  while (settled() && !unsettled_.empty()) {
    auto& waiter = unsettled_.front();
    waiter.unlink();
    waiter.timer->cancel();
    co_await turn.pass_on();
  }
}

Task<Result<void>> Feed::settle(Call call) {
  while (!settled()) {
    Timer timer(executor_, call.deadline);
    Waiter waiter;
    waiter.timer = &timer;
    unsettled_.push_back(waiter);
    {
      const std::stop_callback wake(call.stop, [&timer] { timer.cancel(); });
      if (!call.stop.stop_requested()) co_await timer.async_wait(asio::as_tuple(use_task));
    }
    if (call.stop.stop_requested()) co_return Error{ErrorCode::cancelled, "cancelled"};
    if (!settled() && Clock::now() >= call.deadline) {
      co_return Error{ErrorCode::timeout, "the deadline passed while what a list has changed was found out"};
    }
  }
  co_return Result<void>();
}

Task<void> Feed::find_changes(Replacement list, kubeapi::Turn& turn) {
  const auto restarts = restarts_;
  found_ = found_bytes_ = 0;
  for (const auto& ns : namespaces_of(list.before, list.after)) {
    if (list.of_quotas) {
      find_quota_changes_of(list, ns);
      if (turn.over()) co_await turn.pass_on();
    } else {
      co_await find_changes_of(list, ns, turn);
    }
    if (restarts != restarts_) co_return;
  }
  if (resource_ == api::Resource::storage_classes) {
    for (auto& change : default_changes("", *shard_of(list.before, ""), *shard_of(list.after, ""), list.end.to))
      apply(std::move(change));
  }
  apply(std::move(list.end));
}

Task<void> Feed::find_changes_of(const Replacement& list, std::string ns, kubeapi::Turn& turn) {
  const auto restarts = restarts_;
  const auto before = shard_of(list.before, ns), after = shard_of(list.after, ns);
  ShardDiff diff(before, after);
  for (auto step = diff.step(); step != ShardDiff::Step::done; step = diff.step()) {
    if (step == ShardDiff::Step::differs) {
      auto change =
          change_of(ns, diff.after() ? diff.after()->name : diff.before()->name, *before, *after, list.quotas);
      if (!apply_found(std::move(*change), list.end.to)) co_return;
    }
    if (turn.over()) co_await turn.pass_on();
    if (restarts != restarts_) co_return;
  }
}

void Feed::find_quota_changes_of(const Replacement& list, std::string_view ns) {
  if (shard_of(list.before, ns)->digest() == shard_of(list.after, ns)->digest()) return;
  if (auto change = change_of("", ns, *list.tenants, *list.tenants, list.quotas))
    apply_found(std::move(*change), list.end.to);
}

/// A new list is less than half of what the ring holds: more than that is not told one by one.
bool Feed::apply_found(Change change, const Position& position) {
  found_bytes_ += change.bytes();
  if (++found_ > ring_.limits().changes / 2 || found_bytes_ > ring_.limits().bytes / 2) {
    start_over(now());
    return false;
  }
  change.position = position;
  change.last = false;
  apply(std::move(change));
  return true;
}

}  // namespace quartermaster::watch
