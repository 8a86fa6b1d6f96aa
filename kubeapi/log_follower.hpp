// The log of a container, read through whatever happens to it and on the way to it: restarts, rotation, broken
// connections, an API server that is away. What is to be done is log_resume.hpp's; this does it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "kubeapi/api.hpp"
#include "kubeapi/log_lines.hpp"
#include "kubeapi/log_resume.hpp"
#include "kubeapi/patient_stream.hpp"

namespace quartermaster::kubeapi {

/// Who gets the lines.
class LogSink {
 public:
  virtual ~LogSink() = default;
  /// A part of a line. `at` is behind that line, once it ends.
  virtual void fragment(const LogFragment& fragment, const LogPosition& at) = 0;
  /// The line that is under way will come again, from its beginning; unless a mark comes first.
  virtual void interrupted() = 0;
  virtual void mark(LogMark mark, const LogPosition& at) = 0;
  /// Where the reading begins, if that had to be found out.
  virtual void begins(const LogPosition& at) = 0;
  /// No more for now.
  virtual bool full() const = 0;
  /// Until there is room; false: nobody wants any more.
  virtual Task<bool> room() = 0;
};

struct LogTarget {
  std::string ns, pod;
  std::string uid;  // of the pod: another one of its name is not the same
  std::string container;
  std::int64_t restarts = 0;  // of it, as the pod's status has them
};

struct FollowOptions {
  bool follow = true;                                               // false: to the end of what there is
  bool previous = false;                                            // the instance before, which does not go on
  std::optional<std::int64_t> tail_lines = {}, since_seconds = {};  // of a reading that has no position yet
  std::string since_time = {};                                      // likewise, RFC 3339
  bool keep_deadline = false;                                       // the call's; else it may take long
  Clock::duration first_pause = std::chrono::milliseconds(100), longest_pause = std::chrono::seconds(2);
  Clock::duration look_back_after = std::chrono::seconds(2);  // of silence where the anchor has not come
  Clock::duration check_after = std::chrono::seconds(15);     // of silence: whether the log has grown unnoticed; where
                                                              // it does not grow, twice as long is too long
  Clock::duration give_up_after = std::chrono::minutes(10);   // without an answer
};

class LogFollower {
 public:
  /// `api` and `sink` must outlive the follower. A position from before takes the place of tail and since.
  LogFollower(Api& api, LogTarget target, FollowOptions options, LogPosition at, LogSink& sink);
  ~LogFollower();

  /// Opens the log, for an answer's head: an error is one of the API server's.
  Task<Result<void>> open(Call call);
  /// Reads until the container will not be started again, its pod is gone, or nobody wants any more. Opens the log
  /// first, if open() has not been called. Error: cut, because the API server did not answer for so long, or refuses.
  Task<Result<void>> run(Call call);

  const LogPosition& at() const { return resume_.at(); }

 private:
  enum class End { proper, broken, stopped, stalled, late };
  enum class Unread { nothing, lines, file };
  struct Seen;

  LogOptions options_for(bool former) const;
  Task<Result<std::unique_ptr<PatientStream>>> open_log(LogOptions options, Call call);
  Task<Result<std::optional<Timestamp>>> last_time(Call call);
  Task<Result<void>> skip_to_end(Call call);
  Task<End> read_current(bool last, Call call);
  Task<End> read(PatientStream& stream, LogLines& lines, bool former, Call call);
  Task<End> look_back(Call call);
  Task<Unread> unread(Call call);
  bool consume(LogLines& lines, std::string_view& bytes);
  void take(const LogFragment& fragment);
  void finish_line(LogLines& lines);
  void interrupt();
  void tell_marks();
  Task<Seen> look_at_pod(Call call);
  Task<Seen> await_change(End end, Call call);
  Task<bool> pause(Call call);

  Api& api_;
  LogTarget target_;
  const FollowOptions options_;
  const bool grows_;     // what is read may go on
  const bool only_new_;  // tail=0
  LogSink& sink_;
  LogResume resume_;
  std::unique_ptr<PatientStream> current_;
  Clock::time_point began_, heard_;  // the latter: the API server
  Clock::duration pause_;
  bool at_end_ = false;              // of what there was, with only_new_
  bool complete_ = false;            // so is the file that was read, and the log is in a new one
  bool clean_ = true;                // the last reading came to its proper end
  bool delivering_ = false;          // the line that is under way
  bool partial_ = false;             // some of it has been delivered
  std::optional<LogFragment> held_;  // a line's beginning, until a look back
  std::uint64_t progress_ = 0;       // lines delivered
};

}  // namespace quartermaster::kubeapi
