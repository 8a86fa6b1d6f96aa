// Running tasks in a test, on the test's own loop and thread.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "kubeapi/task.hpp"

namespace quartermaster::test {

/// Runs the loop until `condition` holds. Throws if it does not within a time in which it surely should.
template <class Condition>
void run_until(asio::io_context& loop, Condition&& condition) {
  const auto limit = Clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    loop.restart();
    if (loop.run_one_until(limit) == 0) throw std::runtime_error("what the test waits for does not happen");
  }
}

/// A task that runs beside the test.
template <class T>
class Running {
 public:
  Running(asio::io_context& loop, Task<T> task) : loop_(loop) {
    asio::co_spawn(loop, std::move(task), [state = state_](std::exception_ptr error, T value) {
      state->error = error;
      state->value.emplace(std::move(value));
    });
  }
  bool done() const { return state_->value.has_value(); }
  /// Runs the loop until it is done.
  T get() {
    run_until(loop_, [this] { return done(); });
    if (state_->error) std::rethrow_exception(state_->error);
    return std::move(*state_->value);
  }

 private:
  struct State {
    std::exception_ptr error;
    std::optional<T> value;
  };
  asio::io_context& loop_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

template <class T>
T run(asio::io_context& loop, Task<T> task) {
  return Running<T>(loop, std::move(task)).get();
}

}  // namespace quartermaster::test
