// The figures behind GET /stats, in the shape that users of thoas/stats know.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "model/json.hpp"

namespace quartermaster::observe {

/// Counts answers. `count` and `status_code_count` speak of the last whole second, the total_ ones of the whole life.
class Stats {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  using SystemTime = std::chrono::system_clock::time_point;

  explicit Stats(SteadyTime now) : started_(now), second_(now) {}

  void record(unsigned status, std::uint64_t body_bytes, std::chrono::nanoseconds duration, SteadyTime now);

  /// Writes the members into an object that the caller has begun.
  void write(json::Writer& writer, SteadyTime now, SystemTime wall) const;

 private:
  using Counts = std::map<unsigned, std::uint64_t>;
  void roll(SteadyTime now);

  SteadyTime started_;
  SteadyTime second_;  // when `current_` began
  Counts current_, last_, total_;
  std::chrono::nanoseconds total_time_{};
  std::uint64_t total_bytes_ = 0;
};

/// As Go prints a duration: "1h2m3.5s", "250ms", "0s".
std::string go_duration(std::chrono::nanoseconds duration);

}  // namespace quartermaster::observe
