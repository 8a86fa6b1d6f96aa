// One timer, which looks again when it fires: a request that is answered costs no system call.
#include "kubeapi/circuit_keeper.hpp"

#include <utility>

#include "kubeapi/spawn.hpp"

namespace quartermaster::kubeapi {

CircuitKeeper::CircuitKeeper(asio::io_context& loop, const CircuitOptions& options, Probe probe, Changed changed)
    : circuit_(options),
      probe_timeout_(options.probe_timeout),
      probe_(std::move(probe)),
      changed_(std::move(changed)),
      timer_(loop) {}

CircuitKeeper::Asking::Asking(std::shared_ptr<CircuitKeeper> keeper) : keeper_(std::move(keeper)) {
  keeper_->circuit_.asked(Clock::now());
  keeper_->schedule();
}
CircuitKeeper::Asking::~Asking() { keeper_->circuit_.settled(); }

Error CircuitKeeper::error() const {
  return {.code = ErrorCode::unavailable, .message = why_, .retry_after = circuit_.retry_after(Clock::now())};
}

void CircuitKeeper::heard() {
  const bool was_open = circuit_.is_open();
  circuit_.heard(Clock::now());
  why_.clear();
  if (was_open) changed_(std::nullopt);
}

void CircuitKeeper::failed(std::string_view why) {
  if (stop_.stop_requested()) return;
  const bool was_open = circuit_.is_open();
  why_ = why;
  circuit_.failed(Clock::now(), random());
  tell(was_open);
  schedule();
}

void CircuitKeeper::tell(bool was_open) {
  if (circuit_.is_open() && !was_open) changed_(error());
}

void CircuitKeeper::schedule() {
  const auto next = circuit_.next_probe();
  if (!next || *next >= armed_for_ || stop_.stop_requested()) return;
  armed_for_ = *next;
  timer_.expires_at(*next);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
    const auto self = weak.lock();
    if (!cancelled && self) self->look();
  });
}

void CircuitKeeper::look() {
  armed_for_ = Clock::time_point::max();
  const auto next = circuit_.next_probe();
  if (!next || stop_.stop_requested()) return;
  if (Clock::now() < *next) return schedule();
  circuit_.probe_begun();
  const Call call{.deadline = Clock::now() + probe_timeout_, .stop = stop_.get_token()};
  spawn(timer_.get_executor(), run_probe(shared_from_this(), call));
}

Task<void> CircuitKeeper::run_probe(std::shared_ptr<CircuitKeeper> self, Call call) {
  co_await self->probe_(std::move(call));
  if (self->stop_.stop_requested()) co_return;
  const bool was_open = self->circuit_.is_open();
  self->circuit_.probe_ended(Clock::now(), self->random());
  if (self->is_open() && self->why_.empty()) self->why_ = "the API server does not answer";
  self->tell(was_open);
  self->schedule();
}

double CircuitKeeper::random() { return std::uniform_real_distribution<double>(0, 1)(generator_); }

void CircuitKeeper::stop() {
  stop_.request_stop();
  timer_.cancel();
}

}  // namespace quartermaster::kubeapi
