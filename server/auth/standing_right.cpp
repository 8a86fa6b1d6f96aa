// The right of somebody who goes on being served.
#include "server/auth/standing_right.hpp"

#include <algorithm>
#include <random>

namespace quartermaster::auth {
namespace {

using namespace std::chrono_literals;

/// Thousands who came with one token are not to ask in one moment.
constexpr int kSpread = 500;            // ms
constexpr Clock::duration kLeast = 1s;  // while earlier decisions serve

Clock::duration random_wait() {
  static std::minstd_rand engine{std::random_device{}()};
  return std::chrono::milliseconds(std::uniform_int_distribution<int>(0, kSpread)(engine));
}

}  // namespace

Task<std::optional<Error>> StandingRight::renew(Call call) {
  const Attempt attempt{.bearer = bearer_, .peer = peer_, .actions = actions_, .cached_read = cached_read_};
  auto admission = gate_.admit_now(attempt);
  if (!admission) admission = co_await gate_.admit(attempt, std::move(call));
  if (admission->refusal) co_return std::move(admission->refusal);
  due_ = std::max(admission->until, Clock::now() + kLeast) + random_wait();
  co_return std::nullopt;
}

}  // namespace quartermaster::auth
