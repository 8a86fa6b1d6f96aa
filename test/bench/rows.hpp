// The benchmarks, one file each. Every one adds its rows to the table.
#pragma once

#include "test/bench/machine.hpp"
#include "test/bench/table.hpp"
#include "test/bench/target.hpp"

namespace quartermaster::bench {

struct Setting {
  Target& target;
  Table& table;
  bool quick;          // fewer and shorter runs
  double empty_mb{};   // resident memory of the service on an empty cluster
  std::size_t pods{};  // that the cluster has
  int minutes = 10;    // of hostile load
  int runs() const { return quick ? 3 : 5; }
};

// Sizes of the budgets.
inline constexpr std::size_t kClaims = 10'000, kSomePods = 20'000, kManyPods = 50'000;

// On an empty cluster.
void bench_start(Setting& setting);
// On a cluster with kClaims claims and kSomePods pods.
void bench_memory(Setting& setting);
void bench_serve(Setting& setting);
void bench_bypass(Setting& setting);
void bench_relay(Setting& setting);
void bench_listeners(Setting& setting);
void bench_hostile(Setting& setting);
// On one with kManyPods.
void bench_stalls(Setting& setting);

}  // namespace quartermaster::bench
