// Pods that change at a steady rate, and how long it takes until the service knows.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "test/bench/target.hpp"

namespace quartermaster::bench {

class Changes {
 public:
  /// `per_second` of the first `pods` pods, one after the other. The service at `service` is asked for some of them,
  /// not older than the change.
  Changes(Target& target, test::Endpoint service, std::size_t pods, std::size_t per_second);
  ~Changes();
  struct Result {
    std::size_t changes = 0;
    std::vector<double> lags;  // ms from the answer to the write until the answer that has it
    std::string error;
  };
  Result finish();

 private:
  struct Seen {
    std::string path;
    std::chrono::steady_clock::time_point written;
  };
  void write();
  void read();

  Target& target_;
  const test::Endpoint service_;
  const std::size_t pods_, per_second_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Seen> next_;  // for read()
  Result result_;
  std::thread writer_, reader_;
};

}  // namespace quartermaster::bench
