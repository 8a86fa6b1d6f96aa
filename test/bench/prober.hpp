// Asks over and over, at a fixed pace, and keeps how long each answer took.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "test/support/connection.hpp"

namespace quartermaster::bench {

class Prober {
 public:
  /// Begins as soon as somebody listens at `endpoint`. `what`: "GET /livez".
  Prober(test::Endpoint endpoint, std::string what, std::chrono::microseconds interval);
  /// Ends it. Milliseconds from when each request was due, so that one long stall counts for all that it delays.
  std::vector<double> finish();
  ~Prober();

 private:
  void run();

  const test::Endpoint endpoint_;
  const std::string what_;
  const std::chrono::microseconds interval_;
  std::atomic<bool> stop_ = false;
  std::vector<double> samples_;
  std::thread thread_;
};

}  // namespace quartermaster::bench
