// What connects those who read logs from the API server with the answer that they go into: a buffer that holds little,
// so that a slow reader slows them down.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kubeapi/byte_stream.hpp"
#include "kubeapi/call.hpp"
#include "server/api/log_cursor.hpp"

namespace quartermaster::api {

/// Used on the loop only; shared by all of its ends.
class LogPipe {
 public:
  explicit LogPipe(const Executor& executor)
      : readable_(executor, Clock::time_point::max()), writable_(executor, Clock::time_point::max()) {}

  // For those who write.

  /// To append to; appended() tells the reader, and must follow.
  std::string& out() { return out_; }
  void appended();
  bool full() const { return out_.size() >= kHeld; }
  /// Until it is not; false: nobody reads any more.
  Task<bool> room();
  /// How far all of them together have come.
  LogCursor& cursor() { return cursor_; }

  /// No more comes; with an error, the answer is cut.
  void finish(std::optional<Error> error = {});
  bool finished() const { return finished_; }

  // For the one who reads.

  /// The next bytes: empty ones after so long a silence; nothing at the end.
  Task<Result<std::optional<std::string_view>>> read(Clock::duration at_most);
  void close();

 private:
  static constexpr std::size_t kHeld = 64U << 10;

  Timer readable_, writable_;
  std::string out_, piece_;
  LogCursor cursor_;
  std::optional<Error> error_;
  bool waiting_ = false, finished_ = false, closed_ = false;
};

}  // namespace quartermaster::api
