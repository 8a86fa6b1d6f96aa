#include "test/apisim/faults.hpp"

#include <algorithm>

#include "test/apisim/rest.hpp"
#include "test/apisim/signal.hpp"

namespace quartermaster::apisim {
namespace {

/// A body in memory.
class TextStream : public ByteStream {
 public:
  explicit TextStream(std::string text) : text_(std::move(text)) {}
  Task<Result<std::string_view>> read() override {
    co_return std::exchange(read_, true) ? std::string_view() : std::string_view(text_);
  }

 private:
  std::string text_;
  bool read_ = false;
};

/// The first bytes of a body, then the connection breaks; or there is nothing more, for as long as the client waits.
class CutStream : public ByteStream {
 public:
  CutStream(std::unique_ptr<ByteStream> whole, std::size_t left, asio::io_context* hang_on, std::stop_token stop)
      : whole_(std::move(whole)), left_(left), hang_on_(hang_on), stop_(std::move(stop)) {}

  Task<Result<std::string_view>> read() override {
    if (left_ > 0) {
      const auto next = co_await whole_->read();
      if (next && !next->empty()) {
        const auto piece = next->substr(0, left_);
        left_ -= piece.size();
        co_return piece;
      }
    }
    if (hang_on_ != nullptr) co_await pause(*hang_on_, Clock::time_point::max(), stop_);
    co_return Error{ErrorCode::internal, "cut"};
  }

 private:
  std::unique_ptr<ByteStream> whole_;
  std::size_t left_;
  asio::io_context* hang_on_;
  std::stop_token stop_;
};

/// Small pieces with pauses between them.
class SlowStream : public ByteStream {
 public:
  SlowStream(std::unique_ptr<ByteStream> whole, const Fault& fault, asio::io_context& loop, std::stop_token stop)
      : whole_(std::move(whole)), size_(fault.piece), delay_(fault.piece_delay), loop_(loop), stop_(std::move(stop)) {}

  Task<Result<std::string_view>> read() override {
    if (delay_.count() > 0) co_await pause(loop_, Clock::now() + delay_, stop_);
    if (stop_.stop_requested()) co_return Error{ErrorCode::internal, "cut"};
    if (left_.empty()) {
      const auto next = co_await whole_->read();
      if (!next || next->empty()) co_return next;
      left_ = *next;
    }
    const auto piece = left_.substr(0, size_);
    left_.remove_prefix(piece.size());
    co_return piece;
  }

 private:
  std::unique_ptr<ByteStream> whole_;
  std::size_t size_;
  std::chrono::milliseconds delay_;
  asio::io_context& loop_;
  std::stop_token stop_;
  std::string_view left_;
};

}  // namespace

void Faults::add(Fault fault) {
  std::regex target(fault.target, std::regex::ECMAScript);
  entries_.push_back({std::move(fault), std::move(target)});
}

std::optional<Fault> Faults::take(const std::string& method, const std::string& target) {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    auto& fault = entry->fault;
    if (!fault.method.empty() && fault.method != method) continue;
    if (!std::regex_search(target, entry->target)) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    auto hit = fault;
    if (fault.count != Fault::kAlways && --fault.count == 0) entries_.erase(entry);
    return hit;
  }
  return std::nullopt;
}

http::Reply fault_reply(const Fault& fault) {
  Status status{fault.status, fault.reason, fault.message};
  if (fault.retry_after) {
    status.details = json::object();
    (*status.details)["retryAfterSeconds"] = *fault.retry_after;
  }
  return status_reply(status);
}

void spoil(http::Reply& reply, const Fault& fault, asio::io_context& loop, const std::stop_token& stop) {
  if (fault.body) {
    reply.body = *fault.body;
    reply.stream.reset();
  }
  if (fault.content_type) {
    std::erase_if(reply.headers, [](const http::Header& h) { return h.name == "Content-Type"; });
    if (!fault.content_type->empty()) reply.header("Content-Type", *fault.content_type);
  }
  if (!fault.cut_after && !fault.hang_after && fault.piece == 0) return;
  auto stream = reply.stream ? std::move(reply.stream) : std::make_unique<TextStream>(std::exchange(reply.body, {}));
  if (fault.cut_after) stream = std::make_unique<CutStream>(std::move(stream), *fault.cut_after, nullptr, stop);
  if (fault.hang_after) stream = std::make_unique<CutStream>(std::move(stream), *fault.hang_after, &loop, stop);
  if (fault.piece > 0) stream = std::make_unique<SlowStream>(std::move(stream), fault, loop, stop);
  reply.stream = std::move(stream);
}

Task<void> pause(asio::io_context& loop, Clock::time_point until, std::stop_token stop) {
  Signal signal;
  const std::stop_callback wake(stop, [&signal] { signal.notify(); });
  if (!stop.stop_requested()) co_await signal.wait(loop, until);
}

}  // namespace quartermaster::apisim
