// The lines of one container's log in the form that the caller asked for: as text, as a JSON text each, or as events.
// What is no line of the log (a gap, a restart, a line that was cut) is a JSON text of its own, and not in the text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kubeapi/log_follower.hpp"
#include "server/api/log_pipe.hpp"

namespace quartermaster::api {

enum class LogShape { text, json_lines, events };

struct LogFormat {
  LogShape shape = LogShape::text;
  bool timestamps = false;                       // in text
  std::string contains = {};                     // only lines that have this; "" is all
  std::optional<std::int64_t> limit_bytes = {};  // of lines, their line feeds included
};

class LogWriter final : public kubeapi::LogSink {
 public:
  /// The longest line that is held: one that is longer is cut, or in text sent as it comes. `contains` looks no
  /// further.
  static constexpr std::size_t kMaxLine = 256U << 10;

  LogWriter(std::shared_ptr<LogPipe> pipe, LogFormat format, std::string_view pod, std::string_view container,
            std::string source);

  void fragment(const kubeapi::LogFragment& fragment, const kubeapi::LogPosition& at) override;
  void interrupted() override;
  void mark(kubeapi::LogMark mark, const kubeapi::LogPosition& at) override;
  void begins(const kubeapi::LogPosition& at) override { pipe_->cursor().set(source_, at); }
  /// That a log is not there, though it should be.
  void omit();
  bool full() const override { return pipe_->full() || left_ == 0; }
  Task<bool> room() override;

 private:
  void collect(std::string_view text);
  void end_line(std::string_view line, bool open, const kubeapi::LogPosition& at);
  bool wanted(std::string_view line) const;
  void write_text(std::string_view line, bool open);
  void write_json(std::string_view line);
  void write_marker(std::string_view name, std::string_view message, const kubeapi::LogPosition& at);
  void finish_json();
  void pass(std::string_view text);

  const std::shared_ptr<LogPipe> pipe_;
  const LogFormat format_;
  const std::string source_;
  std::string head_;   // {"pod":...,"container":...,"time":"
  std::int64_t left_;  // of limit_bytes
  std::string json_;   // of one event
  std::string cursor_;

  // The line that is under way, unless it came in one piece.
  std::string line_, stamp_;
  std::uint64_t over_ = 0;                                 // bytes beyond kMaxLine
  enum class Long { no, sent, dropped } long_ = Long::no;  // in text
  std::uint64_t sent_ = 0, skip_ = 0;  // bytes of it that are in the answer; of these, that come again
  bool open_ = false;                  // the line before had no line feed
};

}  // namespace quartermaster::api
