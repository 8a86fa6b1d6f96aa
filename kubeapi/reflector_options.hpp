// The numbers of a reflector. Tests change them, nobody else needs to.
#pragma once

#include <cstddef>

#include "kubeapi/task.hpp"

namespace quartermaster::kubeapi {

struct BackoffOptions {
  Clock::duration first = std::chrono::milliseconds(800);
  Clock::duration most = std::chrono::seconds(30);
  Clock::duration forgotten_after = std::chrono::minutes(2);  // without a failure
};

struct ReflectorOptions {
  BackoffOptions backoff = {};
  bool stream_lists = true;  // try them first
  std::size_t page_size = 500;
  std::chrono::seconds watch_at_least{300}, watch_at_most{600};
  Clock::duration watch_grace = std::chrono::seconds(15);  // a watch that is later than this with its end is given up
  Clock::duration silence = std::chrono::seconds(30);      // the longest wait for a head, or for more of a list
  Clock::duration initial_events_silence = std::chrono::seconds(10);  // the longest wait for more initial events
  std::size_t max_object_bytes = std::size_t{8} << 20;
  std::size_t max_held_bytes = std::size_t{16} << 20;  // changes that come before the end of the initial events
};

}  // namespace quartermaster::kubeapi
