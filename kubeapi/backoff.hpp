// How long to wait after failures: twice as long each time, and each time a random part of it, so that not all who
// failed together try again together.
#pragma once

#include "kubeapi/reflector_options.hpp"

namespace quartermaster::kubeapi {

class Backoff {
 public:
  explicit Backoff(const BackoffOptions& options) : options_(options), next_(options.first) {}

  /// The pause after a failure at `now`; `random` is in [0, 1).
  Clock::duration pause(Clock::time_point now, double random);

 private:
  BackoffOptions options_;
  Clock::duration next_;
  Clock::time_point last_ = Clock::time_point::min();
};

}  // namespace quartermaster::kubeapi
