// Whoever leaves wakes the first of those who wait, who then has the place already: nobody can come in between.
#include "server/api/line.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>

namespace quartermaster::api {

/// In line, for as long as somebody waits.
class Line::Waiting {
 public:
  Waiting(State& state, Waiter& waiter)
      : state_(state), waiter_(waiter), at_(state.waiters.insert(state.waiters.end(), &waiter)) {}
  ~Waiting() {
    if (!waiter_.served) state_.waiters.erase(at_);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  State& state_;
  Waiter& waiter_;
  const std::list<Waiter*>::iterator at_;
};

Line::Place::~Place() {
  if (!state_) return;
  if (state_->waiters.empty()) {
    ++state_->free;
    return;
  }
  auto& next = *state_->waiters.front();
  state_->waiters.pop_front();
  next.served = true;
  next.wake->cancel();
}

Task<Result<Line::Place>> Line::enter(std::shared_ptr<State> state, Call call) {
  if (state->free > 0) {
    --state->free;
    co_return Place(std::move(state));
  }
  Timer wake(co_await asio::this_coro::executor);
  wake.expires_at(call.deadline);
  Waiter waiter{.wake = &wake};
  {
    const Waiting in_line(*state, waiter);
    const std::stop_callback give_up(call.stop, [&wake] { wake.cancel(); });
    if (!call.stop.stop_requested()) co_await wake.async_wait(asio::as_tuple(use_task));
  }
  if (waiter.served) co_return Place(std::move(state));
  if (call.stop.stop_requested()) co_return Error{ErrorCode::cancelled, "cancelled"};
  co_return Error{ErrorCode::timeout, "the deadline passed while others' lists were rendered"};
}

}  // namespace quartermaster::api
