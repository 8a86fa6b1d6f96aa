// Waiting that ends early when its call ends.
#include "kubeapi/call.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>

namespace quartermaster {

Task<Result<void>> sleep_for(Clock::duration duration, const Call& call) {
  const auto until = Clock::now() + duration;
  Timer timer(co_await asio::this_coro::executor, std::min(until, call.deadline));
  {
    std::stop_callback wake(call.stop, [&timer] { timer.cancel(); });
    if (!call.stop.stop_requested()) co_await timer.async_wait(asio::as_tuple(use_task));
  }
  if (call.stop.stop_requested()) co_return Error{ErrorCode::cancelled, "cancelled"};
  if (call.deadline < until) co_return Error{ErrorCode::timeout, "the deadline passed"};
  co_return Result<void>{};
}

}  // namespace quartermaster
