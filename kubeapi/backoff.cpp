// "Full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
#include "kubeapi/backoff.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::kubeapi {

Clock::duration Backoff::pause(Clock::time_point now, double random) {
  if (last_ == Clock::time_point::min() || now - last_ >= options_.forgotten_after) next_ = options_.first;
  last_ = now;
  const auto longest = std::exchange(next_, std::min(next_ * 2, options_.most));
  return std::chrono::duration_cast<Clock::duration>(longest * random);
}

}  // namespace quartermaster::kubeapi
