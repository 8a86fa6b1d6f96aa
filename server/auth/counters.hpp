// What the gate has done, for metrics.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quartermaster::auth {

struct LookupCounters {
  std::uint64_t hits = 0, yes = 0, no = 0, errors = 0;
  std::uint64_t limited = 0;  // refused, as too many were asking
  bool denied = false;        // our own credentials may not ask
  std::size_t running = 0, waiting = 0, kept = 0;
};

struct GateCounters {
  LookupCounters tokens, accesses;
  std::uint64_t stale = 0;  // requests that an earlier yes let in
};

}  // namespace quartermaster::auth
