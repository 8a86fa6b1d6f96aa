// One request of something that goes on for long: it ends when whoever makes it is stopped, or when nothing has come
// for too long.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "kubeapi/call.hpp"

namespace quartermaster::kubeapi {

class Attempt {
 public:
  /// Ends when `parent` is stopped, or after `silence`.
  Attempt(const Executor& executor, const Call& parent, Clock::duration silence);
  ~Attempt();
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// For the request.
  Call call(Clock::time_point deadline = Clock::time_point::max()) const;
  /// Something has come: the silence begins anew.
  void heard();
  /// From now on, this long a silence; Clock::duration::max() is any.
  void allow(Clock::duration silence);
  /// It has ended by itself.
  bool timed_out() const;

 private:
  struct State;
  const std::shared_ptr<State> state_;
  const std::stop_callback<std::function<void()>> parent_;
};

}  // namespace quartermaster::kubeapi
