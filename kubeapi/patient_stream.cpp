#include "kubeapi/patient_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <utility>

#include "kubeapi/spawn.hpp"

namespace quartermaster::kubeapi {

/// Shared with the read that is under way, which may outlive the patience of everybody.
struct PatientStream::State {
  explicit State(const Executor& executor, const Call& parent)
      : ready(executor), id(parent.request_id), caller(parent.caller) {}

  Timer ready;
  const std::string id;
  const std::size_t caller;
  std::stop_source stop;
  std::unique_ptr<ByteStream> stream;
  std::optional<Result<std::string_view>> got;
  bool reading = false;
};

PatientStream::PatientStream(Executor executor, const Call& parent)
    : executor_(executor),
      state_(std::make_shared<State>(executor, parent)),
      parent_(parent.stop, [state = state_] { state->stop.request_stop(); }) {}

PatientStream::~PatientStream() { state_->stop.request_stop(); }

Call PatientStream::call(Clock::time_point deadline) const {
  return {.deadline = deadline, .stop = state_->stop.get_token(), .request_id = state_->id, .caller = state_->caller};
}

void PatientStream::set(std::unique_ptr<ByteStream> stream) { state_->stream = std::move(stream); }

Task<void> PatientStream::read_once(std::shared_ptr<State> state) {
  auto got = co_await state->stream->read();
  state->reading = false;
  state->got = std::move(got);
  state->ready.cancel();
}

Task<std::optional<Result<std::string_view>>> PatientStream::read(Clock::duration at_most) {
  const auto state = state_;
  if (!state->got && !state->reading) {
    state->reading = true;
    spawn(executor_, read_once(state));
  }
  if (!state->got) {
    state->ready.expires_after(at_most);
    co_await state->ready.async_wait(asio::as_tuple(use_task));
  }
  co_return std::exchange(state->got, std::nullopt);
}

}  // namespace quartermaster::kubeapi
