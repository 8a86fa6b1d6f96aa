#include "kubeapi/log_resume.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::kubeapi {
namespace {

/// Lines whose times are out of order by up to this much are found again.
constexpr auto kDisorder = std::chrono::seconds(2);

}  // namespace

Timestamp LogPosition::since() const {
  const auto from = std::chrono::floor<std::chrono::seconds>(time.value_or(Timestamp()) - back) - kDisorder;
  return std::max<Timestamp>(from, {});
}

/// Whether the log that is read is, as far as the status tells, not that of the instance that the position is in.
bool LogResume::is_of_another() const { return known_ > at_.restarts || (at_.next && at_.count > 0); }

void LogResume::begin(std::int64_t restarts, bool complete) {
  complete_ = complete;
  reopened_ = std::exchange(begun_, true);
  known_ = restarts;
  if (!at_.time && !reopened_) at_.restarts = restarts;
  current_ = {};
  former_.reset();
  looked_back_ = false;
  current_.found = at_.count == 0 && !is_of_another();
  current_.passed = current_.found && !at_.time;
}

LogResume::Step LogResume::line(const std::optional<Timestamp>& time) {
  LogSearch& search = former_ ? *former_ : current_;
  if (search.passed) {
    // What the kubelet says instead of a log would be repeated with each try.
    return !time && !at_.time && reopened_ ? Step::skip : Step::deliver;
  }
  const bool may_look_back = !former_ && !looked_back_ && !search.found;
  // Whatever its times say: the first line of an instance may have that of the last one before.
  if (may_look_back && time && is_of_another()) return Step::look_back;
  if (seen(search, time)) return Step::skip;
  if (may_look_back) return Step::look_back;
  if (!search.found && at_.time) {
    // What was delivered to its end may be followed by another instance, or by another file of the same one.
    const bool whole = (at_.next || complete_) && known_ <= at_.restarts + (at_.next || former_ ? 1 : 0);
    if (!whole) marks_.push_back(LogMark::gap);
    if (!former_ && known_ > at_.restarts) restarted();
  }
  search.passed = true;
  return Step::deliver;
}

/// Whether a line of a log that is read again was delivered before; then it is counted.
bool LogResume::seen(LogSearch& search, const std::optional<Timestamp>& time) const {
  if (!at_.time) return false;
  if (!time) return true;
  const auto newest = search.newest ? std::max(*search.newest, *time) : *time;
  if (newest > *at_.time) return false;
  if (newest == *at_.time) {
    if (search.count >= at_.count) return false;
    ++search.count;
    search.found = at_.count == LogPosition::kSome || search.count == at_.count;
  }
  search.newest = newest;
  return true;
}

void LogResume::delivered(const std::optional<Timestamp>& time) {
  if (former_) former_->delivered = true;
  if (!time) return;
  const bool first = std::exchange(at_.next, false) || at_.count == 0;
  if (first || *time > *at_.time) {
    at_.count = in_middle_ && !at_.time ? LogPosition::kSome : 1;
    at_.time = time;
    at_.back = {};
    return;
  }
  if (at_.count != LogPosition::kSome) ++at_.count;
  at_.back = std::max(at_.back, *at_.time - *time);
}

bool LogResume::lost() const { return !former_ && !looked_back_ && !current_.passed && !current_.found; }

void LogResume::begin_former() {
  if (at_.count == 0 && known_ > at_.restarts + 1) marks_.push_back(LogMark::gap);
  former_.emplace();
  former_->found = at_.count == 0;
  former_->passed = !at_.time;
}

void LogResume::end_former() {
  const LogSearch former = *former_;
  former_.reset();
  looked_back_ = true;
  // This log was opened before that one, and the anchor was there: there is no instance between them.
  if (!at_.time || former.found) {
    if (!at_.time || !at_.next || former.delivered) restarted();
    current_.passed = true;
  } else if (former.delivered) {
    // That may be an instance after this log's: what follows is measured by what was delivered.
    restarted();
    current_ = {};
  }
}

void LogResume::restarted() {
  marks_.push_back(LogMark::restart);
  at_.restarts = std::max(at_.restarts + 1, known_);
  at_.next = true;
}

std::optional<LogMark> LogResume::next_mark() {
  if (marks_.empty()) return std::nullopt;
  const auto mark = marks_.front();
  marks_.pop_front();
  return mark;
}

}  // namespace quartermaster::kubeapi
