// Where a reader of a container's log is, and what of a log that is read again it has had: a state machine, without
// streams and clock.
//
// The API server can start a log at a second at best, and only that of the instance that runs, or of the one before. So
// it is read again from a little earlier, and what has been delivered is skipped: by time to the nanosecond, and among
// lines of the same time by their number. Lines need not be in the order of their times (those of stdout and stderr are
// stamped apart, and clocks are set): what counts is the newest time so far, which each reading of the same file makes
// out again.
//
// The last line that was delivered is the anchor. A log in which it is not found is that of another instance, or has
// been rotated. In the first case it is in the log of the former instance, with what has been missed: a look back
// tells.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

#include "model/timestamp.hpp"

namespace quartermaster::kubeapi {

struct LogPosition {
  /// Of LogPosition::count: at least one, but how many is not known, as the reading began in the middle of the log.
  static constexpr auto kSome = std::numeric_limits<std::uint64_t>::max();

  /// The time of a position from which all of a log is wanted.
  static constexpr Timestamp kBegin{std::chrono::nanoseconds(1)};

  std::optional<Timestamp> time = {};  // the newest of all lines so far; nothing: there were none
  std::uint64_t count = 0;             // lines since it was reached; 0: none yet, and older ones are not wanted
  std::chrono::nanoseconds back{0};    // how much older than it some of these are
  std::int64_t restarts = 0;           // of the instance that is read
  bool next = false;                   // all of the former instance was delivered, and nothing of this one
  bool operator==(const LogPosition&) const = default;

  /// From when to read again: a whole second.
  Timestamp since() const;
};

/// What a reader should be told.
enum class LogMark {
  gap,        // lines may be missing here
  restart,    // the container was started again
  truncated,  // the line before is longer than shown
};

/// In one reading of a log.
struct LogSearch {
  std::optional<Timestamp> newest = {};
  std::uint64_t count = 0;
  bool found = false;   // the anchor
  bool passed = false;  // all that follows is new
  bool delivered = false;
};

class LogResume {
 public:
  enum class Step {
    skip,
    deliver,
    look_back,  // read the log of the former instance (begin_former(), ..., end_former()), then ask again
  };

  /// `in_middle`: the first log is read from somewhere in its middle, so that it may have more lines of the first time.
  explicit LogResume(LogPosition at, bool in_middle = false) : at_(at), in_middle_(in_middle) {}

  const LogPosition& at() const { return at_; }
  /// Before the first reading.
  void start(const LogPosition& at) { at_ = at; }

  /// A reading of the container's log begins, from at().since() on where there was something; `restarts` is what the
  /// status said before, which may lag behind. `complete`: all of the file that was read has been delivered, and what
  /// comes is in a new one, from its beginning: the log was rotated.
  void begin(std::int64_t restarts, bool complete = false);
  /// A line begins. Marks come before it.
  Step line(const std::optional<Timestamp>& time);
  /// It has been delivered to its end.
  void delivered(const std::optional<Timestamp>& time);
  /// The log may be another instance's, as far as it goes: worth a look back, if it ends here or says nothing more.
  bool lost() const;
  /// This reading is in the file that the last line was in.
  bool in_file() const { return at_.count > 0 && (current_.found || current_.passed); }

  void begin_former();
  void end_former();

  /// What to tell now; taken.
  std::optional<LogMark> next_mark();

 private:
  bool seen(LogSearch& search, const std::optional<Timestamp>& time) const;
  bool is_of_another() const;
  void restarted();

  LogPosition at_;
  bool in_middle_;
  bool reopened_ = false, begun_ = false, complete_ = false;
  std::int64_t known_ = 0;
  LogSearch current_;
  std::optional<LogSearch> former_;
  bool looked_back_ = false;
  std::deque<LogMark> marks_;
};

}  // namespace quartermaster::kubeapi
