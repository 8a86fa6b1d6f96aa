#include "server/api/log_pipe.hpp"

#include <boost/asio/as_tuple.hpp>
#include <utility>

namespace quartermaster::api {

void LogPipe::appended() {
  if (out_.empty() || !std::exchange(waiting_, false)) return;
  readable_.cancel();
}

Task<bool> LogPipe::room() {
  while (!closed_ && full()) co_await writable_.async_wait(asio::as_tuple(use_task));
  co_return !closed_;
}

void LogPipe::finish(std::optional<Error> error) {
  if (std::exchange(finished_, true)) return;
  error_ = std::move(error);
  readable_.cancel();
}

Task<Result<std::optional<std::string_view>>> LogPipe::read(Clock::duration at_most) {
  if (out_.empty() && !finished_) {
    readable_.expires_after(at_most);
    waiting_ = true;
    co_await readable_.async_wait(asio::as_tuple(use_task));
    waiting_ = false;
  }
  piece_.clear();
  if (out_.empty() && finished_) {
    if (error_) co_return *error_;
    co_return std::nullopt;
  }
  std::swap(piece_, out_);
  writable_.cancel();
  co_return std::string_view(piece_);
}

void LogPipe::close() {
  closed_ = true;
  writable_.cancel();
}

}  // namespace quartermaster::api
