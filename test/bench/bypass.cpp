// A request that goes past the cache to the API server.
#include "test/bench/load.hpp"
#include "test/bench/rows.hpp"

namespace quartermaster::bench {

void bench_bypass(Setting& setting) {
  constexpr double kGoalMicros = 150;
  const StoredObject claim = claim_object(7);
  Service service(setting.target);
  service.wait_ready();
  const std::string url = service.url("/api/v1/pvc/" + claim.ns + "/name/" + claim.name);
  run_wrk(url, 1, {"Cache-Control: no-cache"});  // connections are there, caches warm
  std::vector<double> micros;
  for (int i = 0; i < setting.runs(); ++i) {
    const Usage before = usage_of(service.pid());
    const Load load = run_wrk(url, setting.quick ? 1 : 2, {"Cache-Control: no-cache"});
    micros.push_back((usage_of(service.pid()).cpu_seconds - before.cpu_seconds) / load.requests * 1e6);
  }
  const Figure figure = figure_of(micros);
  setting.table.add({.what = "one PVC past the cache, CPU",
                     .ours = text_of(figure) + " µs",
                     .goal = "at most 150 µs",
                     .met = figure.median <= kGoalMicros});
}

}  // namespace quartermaster::bench
