#include "server/api/log_writer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/json.hpp"
#include "server/http/event_stream.hpp"

namespace quartermaster::api {
namespace {

using kubeapi::LogFragment;
using kubeapi::LogMark;
using kubeapi::LogPosition;

struct Words {
  std::string_view name, message;
};

Words words_of(LogMark mark) {
  switch (mark) {
    case LogMark::gap:
      return {"gap", "lines may be missing here"};
    case LogMark::restart:
      return {"restart", "the container was started again"};
    case LogMark::truncated:
      break;
  }
  return {"truncated", "the line before is longer than what is shown"};
}

/// As the API server wrote it, but in UTC.
void append_time(std::string& out, std::string_view stamp) {
  if (stamp.empty() || stamp.ends_with('Z'))
    out += stamp;
  else
    out += format_timestamp(parse_timestamp(stamp));
}

}  // namespace

LogWriter::LogWriter(std::shared_ptr<LogPipe> pipe, LogFormat format, std::string_view pod, std::string_view container,
                     std::string source)
    : pipe_(std::move(pipe)),
      format_(std::move(format)),
      source_(std::move(source)),
      left_(format_.limit_bytes.value_or(std::numeric_limits<std::int64_t>::max())) {
  // Names of Kubernetes, which need no escapes.
  head_.append(R"({"pod":")").append(pod).append(R"(","container":")").append(container).append(R"(","time":")");
}

Task<bool> LogWriter::room() {
  if (left_ == 0) co_return false;
  const bool room = co_await pipe_->room();
  co_return room;
}

void LogWriter::fragment(const LogFragment& fragment, const LogPosition& at) {
  if (left_ == 0) return;
  if (fragment.begins) {
    stamp_ = fragment.stamp;
    line_.clear();
    over_ = 0;
    long_ = Long::no;
  }
  if (fragment.begins && fragment.ends) {
    end_line(fragment.text, fragment.open, at);
  } else {
    collect(fragment.text);
    if (fragment.ends) end_line(line_, fragment.open, at);
  }
  pipe_->appended();
}

/// Of a line that comes in pieces.
void LogWriter::collect(std::string_view text) {
  const auto kept = text.substr(0, kMaxLine - line_.size());
  line_ += kept;
  text.remove_prefix(kept.size());
  if (line_.size() < kMaxLine) return;
  over_ += text.size();
  if (format_.shape != LogShape::text) return;
  if (long_ == Long::no) {
    long_ = wanted(line_) ? Long::sent : Long::dropped;
    if (long_ == Long::sent) {
      if (format_.timestamps && !stamp_.empty()) pass(stamp_ + " ");
      pass(line_);
    }
  }
  if (long_ == Long::sent) pass(text);
}

/// Sends a part of a long line, but what was sent of it before.
void LogWriter::pass(std::string_view text) {
  sent_ += text.size();
  const auto again = std::min<std::uint64_t>(skip_, text.size());
  skip_ -= again;
  text = text.substr(again, static_cast<std::size_t>(left_));
  left_ -= static_cast<std::int64_t>(text.size());
  pipe_->out() += text;
}

bool LogWriter::wanted(std::string_view line) const {
  return format_.contains.empty() || line.substr(0, kMaxLine).find(format_.contains) != std::string_view::npos;
}

void LogWriter::end_line(std::string_view line, bool open, const LogPosition& at) {
  pipe_->cursor().set(source_, at);
  if (long_ != Long::no) {
    if (long_ == Long::sent && !open) pass("\n");
  } else if (wanted(line)) {
    const bool cut = line.size() > kMaxLine || over_ > 0;
    if (format_.shape == LogShape::text) {
      write_text(line, open);
    } else {
      write_json(line.substr(0, kMaxLine));
      if (cut) mark(LogMark::truncated, at);
    }
  }
  sent_ = skip_ = 0;
  open_ = open && format_.shape == LogShape::text;
}

void LogWriter::write_text(std::string_view line, bool open) {
  auto& out = pipe_->out();
  if (std::exchange(open_, false)) out += '\n';
  const auto begin = out.size();
  if (format_.timestamps && !stamp_.empty()) out.append(stamp_).append(" ");
  out += line;
  if (!open) out += '\n';
  const auto size = std::min<std::int64_t>(static_cast<std::int64_t>(out.size() - begin), left_);
  out.resize(begin + static_cast<std::size_t>(size));
  left_ -= size;
}

void LogWriter::write_json(std::string_view line) {
  line = line.substr(0, static_cast<std::size_t>(std::min<std::int64_t>(left_, kMaxLine)));
  left_ -= std::min<std::int64_t>(left_, static_cast<std::int64_t>(line.size()) + 1);
  append_time(json_.assign(head_), stamp_);
  json_ += R"(","line":)";
  json::Writer(json_).string(line);
  finish_json();
  if (format_.shape == LogShape::events) http::append_event(pipe_->out(), {.id = cursor_, .data = json_});
}

/// Ends the JSON text; it is written, but for an event.
void LogWriter::finish_json() {
  cursor_.clear();
  pipe_->cursor().append_to(cursor_);
  if (format_.shape == LogShape::events) {
    json_ += '}';
    return;
  }
  pipe_->out().append(json_).append(R"(,"cursor":")").append(cursor_).append("\"}\n");
}

void LogWriter::mark(LogMark mark, const LogPosition& at) {
  pipe_->cursor().set(source_, at);
  // Of a line that was begun and does not come again there is no more.
  if (format_.shape == LogShape::text && mark == LogMark::gap && std::exchange(skip_, 0) > 0) {
    pipe_->out() += '\n';
    pipe_->appended();
  }
  const auto [name, message] = words_of(mark);
  write_marker(name, message, at);
}

void LogWriter::omit() {
  write_marker("omitted", "this log is left out: too many are sent at once, to this caller or in all", {});
}

void LogWriter::write_marker(std::string_view name, std::string_view message, const LogPosition& at) {
  if (format_.shape == LogShape::text) return;
  json_.assign(head_).append(format_timestamp(at.time)).append(R"(","marker":")").append(name);
  json_.append(R"(","message":")").append(message).append("\"");
  finish_json();
  if (format_.shape == LogShape::events) http::append_event(pipe_->out(), {.id = cursor_, .name = name, .data = json_});
  pipe_->appended();
}

void LogWriter::interrupted() {
  skip_ += sent_;
  sent_ = 0;
  line_.clear();
  over_ = 0;
  long_ = Long::no;
}

}  // namespace quartermaster::api
