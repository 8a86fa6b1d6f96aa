// Asks over and over, at a fixed pace, and keeps how long each answer took.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "test/support/connection.hpp"

namespace quartermaster::bench {

class Prober {
 public:
  /// In milliseconds, from when each request was due, so that one long stall counts for all that it delays.
  struct Result {
    std::vector<double> all;  // as a client sees it
    std::vector<double> own;  // without the time in which it, or this prober, was ready to run, but others had its core
  };

  /// Begins after the first answer from `endpoint`, which is the one-threaded process `pid`. `what`: "GET /livez".
  Prober(test::Endpoint endpoint, pid_t pid, std::string what, std::chrono::microseconds interval);
  /// Ends it.
  Result finish();
  ~Prober();

 private:
  void run();

  const test::Endpoint endpoint_;
  const pid_t pid_;
  const std::string what_;
  const std::chrono::microseconds interval_;
  std::atomic<bool> stop_ = false;
  Result result_;
  std::thread thread_;
};

}  // namespace quartermaster::bench
