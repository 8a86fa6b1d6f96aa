// What is carried along through everything that is done for one request: until when, whether anybody still wants it,
// and under which id.
//
// Cancellation is a value here, not Asio's: whoever waits registers a std::stop_callback that closes or wakes what it
// waits for, and answers ErrorCode::cancelled. So cleaning up may await, which it may not after a cancelled co_await.
// All of it happens on the one thread of the loop.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>

#include "kubeapi/task.hpp"
#include "model/error.hpp"

namespace quartermaster {

struct Call {
  Clock::time_point deadline = Clock::time_point::max();
  std::stop_token stop = {};
  std::string request_id = {};  // sent upstream as X-Request-Id, unless empty
  std::size_t caller = 0;       // a hash of whose request it is: callers share connections, however much one asks for

  /// Time left, never negative.
  Clock::duration remaining() const {
    const auto now = Clock::now();
    return deadline > now ? deadline - now : Clock::duration::zero();
  }
};

/// Waits for `duration`. Error: timeout if the deadline comes first (after waiting for it), cancelled if stopped.
Task<Result<void>> sleep_for(Clock::duration duration, const Call& call);

}  // namespace quartermaster
