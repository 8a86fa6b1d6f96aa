// Prometheus metrics. All names begin with "quartermaster_"; labels have few values: route patterns, never paths or
// names.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "kubeapi/cache.hpp"
#include "kubeapi/client.hpp"
#include "server/auth/counters.hpp"

namespace quartermaster::observe {

class Metrics : public kubeapi::ClientObserver {
 public:
  Metrics();
  ~Metrics() override;

  /// An answer of ours. `route` is its pattern, or "" where none matched.
  void answered(std::string_view method, std::string_view route, unsigned status, double seconds, std::size_t bytes);
  /// How late a timer of the event loop came.
  void loop_lag(std::chrono::nanoseconds lag);
  /// CPU time of a turn of the event loop, where they are measured.
  void loop_turn(std::chrono::nanoseconds cpu);
  void connections(std::size_t open, std::uint64_t accepted);
  void under_way(std::size_t requests, std::size_t streams);
  /// Who listen to changes of lists.
  void watchers(std::size_t count);
  void certificate_expires(std::chrono::system_clock::time_point when);
  /// What was refused because of a limit: "connections", "connections_per_peer", ...; `total` since the start.
  void rejected(std::string_view limit, std::uint64_t total);
  void pool(const kubeapi::PoolStats& pool);
  void ready(bool ready);
  void cache(const kubeapi::CacheSummary& cache);
  void auth(const auth::GateCounters& counters);
  void audit(std::uint64_t lines, std::uint64_t failures);

  // ClientObserver
  void request_done(boost::beast::http::verb method, std::string_view resource, unsigned code, double seconds) override;
  void request_retried(std::string_view why) override;
  void reachable_changed(bool reachable, std::string_view why) override;
  void credentials_event(bool problem, std::string_view message) override;
  void circuit_changed(bool open, std::string_view why) override;
  void request_refused() override;

  /// Prometheus text format 0.0.4.
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quartermaster::observe
