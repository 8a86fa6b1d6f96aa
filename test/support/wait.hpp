// Waiting in tests: for a condition, never for a time.
#pragma once

#include <chrono>
#include <thread>
#include <utility>

namespace quartermaster::test {

/// Asks `condition` until it is true, with short pauses that grow; false if it is not by `bound`. It is asked at least
/// once. For conditions that announce themselves wait on those instead.
template <class Condition>
bool poll_until(Condition&& condition, std::chrono::milliseconds bound = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + bound;
  auto pause = std::chrono::microseconds(500);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(pause);
    if (pause < std::chrono::milliseconds(50)) pause *= 2;
  }
  return true;
}

}  // namespace quartermaster::test
