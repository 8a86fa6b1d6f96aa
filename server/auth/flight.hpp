// A question that is under way, and those who wait for its answer. It goes on when the one who asked first goes away.
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "kubeapi/call.hpp"

namespace quartermaster::auth {

template <class Value>
class Flight {
  static_assert(!std::is_constructible_v<Value, Result<Value>&>, "a copied Result would turn an answer into a yes");

 public:
  /// Wakes all who wait.
  void land(Result<Value> result) {
    result_.emplace(std::move(result));
    for (auto* const timer : waiting_) timer->cancel();
  }

  /// Error: that of the answer, or timeout or cancelled where the call ends first.
  static Task<Result<Value>> wait(std::shared_ptr<Flight> self, Call call) {
    Timer timer(co_await asio::this_coro::executor, call.deadline);
    const Place place(*self, timer);
    std::stop_callback wake(call.stop, [&timer] { timer.cancel(); });
    while (!self->result_ && !call.stop.stop_requested() && call.remaining() > Clock::duration::zero()) {
      co_await timer.async_wait(asio::as_tuple(use_task));
    }
    if (self->result_) co_return *self->result_;
    if (call.stop.stop_requested()) co_return Error{ErrorCode::cancelled, "cancelled"};
    co_return Error{ErrorCode::timeout,
                    "the deadline passed before the API server said who calls and what they may do"};
  }

 private:
  /// Among those who wait, while it lives.
  class Place {
   public:
    Place(Flight& flight, Timer& timer) : flight_(flight), timer_(timer) { flight_.waiting_.push_back(&timer_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { std::erase(flight_.waiting_, &timer_); }

   private:
    Flight& flight_;
    Timer& timer_;
  };

  std::optional<Result<Value>> result_;
  std::vector<Timer*> waiting_;
};

}  // namespace quartermaster::auth
