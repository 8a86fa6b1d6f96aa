// The kubelet puts a timestamp before each line, and before 1.22 or so also before each part of a line that the runtime
// has cut (k8s.io/kubernetes/pkg/kubelet/kuberuntime/logs).
#include "kubeapi/log_lines.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace quartermaster::kubeapi {
namespace {

/// containerd and dockerd cut lines after so many bytes.
constexpr std::uint64_t kRuntimeCut = 16384;
/// A line is written within this time: what else looks like a timestamp at a joint is text.
constexpr auto kLongestWrite = std::chrono::hours(1);

std::optional<Timestamp> stamp_of(std::string_view head) {
  if (!head.ends_with(' ') || head.size() < 20) return std::nullopt;
  return parse_timestamp(head.substr(0, head.size() - 1));
}

}  // namespace

std::optional<LogFragment> LogLines::next(std::string_view& bytes) {
  while (!bytes.empty()) {
    if (state_ == State::body) return body(bytes, false);
    std::string_view head;
    if (!take_head(bytes, head)) return std::nullopt;
    if (state_ == State::start) {
      auto fragment = begin(head);
      if (!fragment.text.empty() || fragment.ends || bytes.empty()) return fragment;
      auto whole = body(bytes, true);
      whole.stamp = fragment.stamp;
      return whole;
    }
    if (auto fragment = join(head)) return fragment;
  }
  return std::nullopt;
}

std::optional<LogFragment> LogLines::rest() {
  if (held_size_ == 0) return std::nullopt;
  LogFragment fragment{.text = {held_.data(), held_size_}, .time = time_, .stamp = {}};
  held_size_ = 0;
  if (state_ == State::start) {
    fragment.begins = true;
    fragment.time = time_ = std::nullopt;
  }
  state_ = State::body;
  return fragment;
}

/// Up to a blank or line feed, or as much as no timestamp has. False: there may come more of it.
bool LogLines::take_head(std::string_view& bytes, std::string_view& head) {
  const auto most = std::min(bytes.size(), kMaxStamp - held_size_);
  const auto stop = bytes.substr(0, most).find_first_of(" \n");
  const auto size = stop == std::string_view::npos ? most : stop + 1;
  const bool done = stop != std::string_view::npos || held_size_ + size == kMaxStamp;
  if (done && held_size_ == 0) {
    head = bytes.substr(0, size);
  } else {
    std::copy_n(bytes.data(), size, held_.data() + held_size_);
    held_size_ += size;
    if (done) head = {held_.data(), std::exchange(held_size_, 0)};
  }
  bytes.remove_prefix(size);
  return done;
}

LogFragment LogLines::begin(std::string_view head) {
  time_ = stamp_of(head);
  state_ = State::body;
  run_ = 0;
  if (time_) {
    stamp_ = head.substr(0, head.size() - 1);
    return {.text = {}, .time = time_, .stamp = stamp_, .begins = true};
  }
  const bool ends = head.ends_with('\n');
  if (ends) {
    head.remove_suffix(1);
    state_ = State::start;
  }
  return {.text = head, .time = {}, .stamp = {}, .begins = true, .ends = ends};
}

/// Nothing: it is a timestamp, and no text.
std::optional<LogFragment> LogLines::join(std::string_view head) {
  state_ = State::body;
  if (const auto again = stamp_of(head); again && *again >= *time_ && *again - *time_ < kLongestWrite) {
    run_ = 0;
    return std::nullopt;
  }
  const bool ends = head.ends_with('\n');
  if (ends) {
    head.remove_suffix(1);
    state_ = State::start;
  }
  run_ += head.size() + 1;
  return LogFragment{.text = head, .time = time_, .stamp = {}, .begins = false, .ends = ends};
}

LogFragment LogLines::body(std::string_view& bytes, bool begins) {
  const auto most = time_ && run_ < kRuntimeCut ? kRuntimeCut - run_ : bytes.size();
  const auto window = bytes.substr(0, most);
  const auto feed = window.find('\n');
  const bool ends = feed != std::string_view::npos;
  const auto text = window.substr(0, feed);
  bytes.remove_prefix(text.size() + (ends ? 1 : 0));
  run_ += text.size();
  if (ends) state_ = State::start;
  if (!ends && time_ && run_ == kRuntimeCut) state_ = State::joint;
  return {.text = text, .time = time_, .stamp = {}, .begins = begins, .ends = ends};
}

}  // namespace quartermaster::kubeapi
