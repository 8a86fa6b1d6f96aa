// One timer, which looks at the time again when it fires: hearing something costs no system call.
#include "kubeapi/attempt.hpp"

namespace quartermaster::kubeapi {

/// Shared with the timer's handler, which may be under way when the attempt is over.
struct Attempt::State : std::enable_shared_from_this<State> {
  State(const Executor& executor, std::string request_id, Clock::duration longest)
      : timer(executor), id(std::move(request_id)), silence(longest) {}

  Clock::time_point end() const { return heard + silence; }

  void wait() {
    timer.expires_at(end());
    timer.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled && !self->over) self->look();
    });
  }

  void look() {
    if (silence == Clock::duration::max()) return;
    if (Clock::now() < end()) return wait();
    timed_out = true;
    stop.request_stop();
  }

  Timer timer;
  std::stop_source stop;
  const std::string id;
  Clock::duration silence;
  Clock::time_point heard = Clock::now();
  bool timed_out = false;
  bool over = false;
};

Attempt::Attempt(const Executor& executor, const Call& parent, Clock::duration silence)
    : state_(std::make_shared<State>(executor, parent.request_id, silence)),
      parent_(parent.stop, [state = state_] { state->stop.request_stop(); }) {
  state_->wait();
}

Attempt::~Attempt() {
  state_->over = true;
  state_->timer.cancel();
}

Call Attempt::call(Clock::time_point deadline) const {
  return {.deadline = deadline, .stop = state_->stop.get_token(), .request_id = state_->id};
}

void Attempt::heard() { state_->heard = Clock::now(); }

void Attempt::allow(Clock::duration silence) {
  heard();
  if (silence == state_->silence) return;
  state_->silence = silence;
  state_->timer.cancel();
  if (silence != Clock::duration::max()) state_->wait();
}

bool Attempt::timed_out() const { return state_->timed_out; }

}  // namespace quartermaster::kubeapi
