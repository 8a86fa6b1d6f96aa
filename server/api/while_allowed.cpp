// Streams that go on only for as long as their callers may read them.
#include "server/api/while_allowed.hpp"

#include <utility>

#include "server/auth/bearer.hpp"
#include "server/auth/gate.hpp"

namespace quartermaster::api {
namespace {

using namespace std::chrono_literals;

constexpr auto kReviewTime = 10s, kPatience = 60s;
constexpr auto kPause = 500ms;

class AllowedStream final : public ByteStream {
 public:
  AllowedStream(auth::StandingRight right, std::unique_ptr<ByteStream> stream, std::stop_token stop)
      : right_(std::move(right)), stream_(std::move(stream)), stop_(std::move(stop)) {}

  Task<Result<std::string_view>> read() override {
    auto piece = co_await stream_->read();
    if (!piece || piece->empty() || Clock::now() < right_.due()) co_return piece;
    const auto allowed = co_await renew();
    if (!allowed) co_return allowed.error();
    co_return piece;
  }

 private:
  Task<Result<void>> renew() {
    const auto until = Clock::now() + kPatience;
    for (;;) {
      const Call call{.deadline = Clock::now() + kReviewTime, .stop = stop_};
      auto refusal = co_await right_.renew(call);
      if (!refusal) co_return Result<void>();
      const bool undecided = refusal->code == ErrorCode::unavailable || refusal->code == ErrorCode::timeout;
      if (!undecided || Clock::now() >= until) co_return std::move(*refusal);
      const auto slept = co_await sleep_for(kPause, call);
      if (!slept) co_return slept.error();
    }
  }

  auth::StandingRight right_;
  const std::unique_ptr<ByteStream> stream_;
  const std::stop_token stop_;
};

}  // namespace

std::optional<auth::StandingRight> right_of(const Context& context, bool events) {
  if (context.services.gate == nullptr) return std::nullopt;
  const auto actions =
      actions_at_head(context.route.access, context.route.pattern, context.path, context.query, events);
  return auth::StandingRight(*context.services.gate, auth::bearer_of(context.request), context.caller,
                             {actions.begin(), actions.end()}, events);
}

std::unique_ptr<ByteStream> while_allowed(const Context& context, std::unique_ptr<ByteStream> stream) {
  auto right = right_of(context, false);
  if (!right) return stream;
  return std::make_unique<AllowedStream>(std::move(*right), std::move(stream), context.call.stop);
}

}  // namespace quartermaster::api
