// The lines of a log that was asked for with timestamps, out of pieces of any size, in constant memory: a line is as
// long as it likes, and comes in fragments.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/timestamp.hpp"

namespace quartermaster::kubeapi {

/// A part of a line. Its views hold until more is taken.
struct LogFragment {
  std::string_view text;          // without timestamp and line feed
  std::optional<Timestamp> time;  // of the line; nothing: it came without one, as what the kubelet itself says does
  std::string_view stamp;         // the same as it came, without the blank behind it; for the fragment that begins
  bool begins = false;            // the line
  bool ends = false;              // likewise
  bool open = false;              // it ends without a line feed, as its log does
};

class LogLines {
 public:
  /// Takes the next fragment off the front of `bytes`; nothing once all of them are taken.
  std::optional<LogFragment> next(std::string_view& bytes);
  /// What has been taken and not been handed on when there are no more bytes. It does not end the line.
  std::optional<LogFragment> rest();
  /// A line has begun, and has not ended.
  bool inside() const { return state_ != State::start; }
  /// Of the line that is under way.
  const std::optional<Timestamp>& time() const { return time_; }

 private:
  enum class State {
    start,  // of a line
    body,
    joint,  // where the runtime has cut the line, and older kubelets put another timestamp
  };
  static constexpr std::size_t kMaxStamp = 36;  // "2006-01-02T15:04:05.000000000+07:00 "

  bool take_head(std::string_view& bytes, std::string_view& head);
  LogFragment begin(std::string_view head);
  std::optional<LogFragment> join(std::string_view head);
  LogFragment body(std::string_view& bytes, bool begins);

  State state_ = State::start;
  std::array<char, kMaxStamp> held_;
  std::size_t held_size_ = 0;
  std::string stamp_;
  std::optional<Timestamp> time_;
  std::uint64_t run_ = 0;  // bytes of the line since it was cut last
};

}  // namespace quartermaster::kubeapi
