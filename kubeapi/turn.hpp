// A share of the loop's time: long work is done in turns, with others served in between.
#pragma once

#include <boost/asio/post.hpp>
#include <utility>

#include "kubeapi/task.hpp"

namespace quartermaster::kubeapi {

/// How long the task that has it has kept others from running.
class Turn {
 public:
  explicit Turn(Executor executor) : executor_(std::move(executor)) {}
  bool over() const { return Clock::now() - since_ > kLength; }
  Task<void> pass_on() {
    co_await asio::post(executor_, use_task);
    since_ = Clock::now();
  }
  const Executor& executor() const { return executor_; }

 private:
  /// Several tasks may have their turns one after the other, and an object may take its time: together they are to stay
  /// well below 5 ms.
  static constexpr auto kLength = std::chrono::microseconds(250);

  const Executor executor_;
  Clock::time_point since_ = Clock::now();
};

}  // namespace quartermaster::kubeapi
