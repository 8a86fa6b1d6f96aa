// One container's log on its way into an answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "server/api/log_answer.hpp"

namespace quartermaster::api {

struct LogSource {
  LogSource(kubeapi::Api& api, const LogRequest& request, kubeapi::LogTarget target, std::shared_ptr<LogPipe> pipe,
            http::Admission::Place p)
      : id(LogCursor::source_of(target.uid, target.container)),
        place(std::move(p)),
        writer(std::move(pipe), request.format, target.pod, target.container, id),
        follower(api, std::move(target), request.options, position(request, id), writer) {}

  const std::string id;
  http::Admission::Place place;
  LogWriter writer;
  kubeapi::LogFollower follower;

 private:
  static kubeapi::LogPosition position(const LogRequest& request, const std::string& id) {
    const auto* found = request.cursor.find(id);
    return found == nullptr ? kubeapi::LogPosition() : *found;
  }
};

using LogSourcePtr = std::shared_ptr<LogSource>;

/// Reads a log to its end; what is thrown is a bug, and the end of this answer alone.
Task<Result<void>> run_source(LogSourcePtr source, Call call);

/// The reader's end of a pipe. Gives up those who write when it is given up, or when the caller is gone.
class LogAnswer final : public ByteStream {
 public:
  LogAnswer(std::shared_ptr<LogPipe> pipe, LogShape shape, const Call& caller);
  ~LogAnswer() override;

  /// For those who write.
  Call call() const;
  Task<Result<std::string_view>> read() override;
  /// Whether there is any event before the end. It, or the end, is what is read next.
  Task<Result<bool>> has_events();

 private:
  std::string_view end();

  const std::shared_ptr<LogPipe> pipe_;
  const LogShape shape_;
  Call call_;
  std::stop_source stop_;
  std::string own_;  // what no log says
  std::optional<std::string_view> first_;
  bool ended_ = false;
  const std::stop_callback<std::function<void()>> caller_;
};

}  // namespace quartermaster::api
