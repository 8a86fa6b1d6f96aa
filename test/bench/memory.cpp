// Resident memory: what the caches need, and what load and resyncs leave behind.
#include "test/bench/http.hpp"
#include "test/bench/load.hpp"
#include "test/bench/resync.hpp"
#include "test/bench/rows.hpp"

namespace quartermaster::bench {

void bench_memory(Setting& setting) {
  constexpr double kGoalMegabytes = 25;
  const int seconds = setting.quick ? 2 : 10;
  Service service(setting.target);
  service.wait_ready();
  const auto add = [&](const std::string& when) {
    const double above = service.resident_mb() - setting.empty_mb;
    setting.table.add({.what = "memory, 10,000 PVCs and 20,000 pods, " + when,
                       .ours = text_of(above) + " MB",
                       .beside = "empty process " + text_of(setting.empty_mb) + " MB",
                       .goal = "at most 25 MB",
                       .met = above <= kGoalMegabytes});
  };
  const auto load = [&] {
    for (const char* path :
         {"/api/v1/pvc/bench-0", "/api/v1/pod/bench-0", "/api/v1/pod/bench-1?labelselector=tier=primary"}) {
      run_wrk(service.url(path), seconds);
    }
  };
  add("synced");
  load();
  add("after load");
  resync(setting.target, service);
  load();
  add("after a resync and load");
}

}  // namespace quartermaster::bench
