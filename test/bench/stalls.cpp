// How long the event loop is away while 50,000 pods are synced, synced anew, change a thousand times a second, and are
// listed by many. It is asked from outside, every half millisecond, or every five where answers take longer. On a
// machine with other work, what the service waited for its core is taken off: the kernel says how long that was. What
// is left is still the machine's as much as ours, so the service itself measures its turns, too.
#include <atomic>
#include <functional>
#include <stop_token>

#include "test/bench/changes.hpp"
#include "test/bench/http.hpp"
#include "test/bench/load.hpp"
#include "test/bench/prober.hpp"
#include "test/bench/resync.hpp"
#include "test/bench/rows.hpp"

namespace quartermaster::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::microseconds kPace = 500us, kPaceAmongLists = 5ms;
constexpr double kGoalStall = 5, kGoalP99 = 10;  // ms
constexpr const char* kList = "GET /api/v1/pvc/bench-0";

std::string text_of(const Distribution& d) {
  return "max " + bench::text_of(d.most) + ", p99.9 " + bench::text_of(d.p999) + ", p99 " + bench::text_of(d.p99) +
         ", median " + bench::text_of(d.p50) + " ms";
}

/// Of the loop's, since the start of the service; ms of CPU time.
double longest_turn(const Service& service) {
  return service.metric("quartermaster_event_loop_longest_turn_cpu_seconds") * 1000;
}

/// Probes the loop, and asks for lists, while `work` runs.
template <class Work>
void probe(Setting& setting, const Service& service, const std::string& when, Work&& work,
           std::chrono::microseconds pace = kPace) {
  Prober alive(service.endpoint(), service.pid(), "GET /livez", pace);
  Prober lists(service.endpoint(), service.pid(), kList, 20ms);
  work();
  const auto alive_result = alive.finish(), list_result = lists.finish();
  const auto stall = distribution_of(alive_result.own), list = distribution_of(list_result.own);
  setting.table.add(
      {.what = "answer to /livez, " + when,
       .ours = text_of(stall),
       .beside = "with waits for the core " + bench::text_of(distribution_of(alive_result.all).most) + " ms",
       .ratio = "longest turn so far " + bench::text_of(longest_turn(service)) + " ms"});
  setting.table.add(
      {.what = "list of 500 PVCs, " + when,
       .ours = text_of(list),
       .beside = "with waits for the core p99 " + bench::text_of(distribution_of(list_result.all).p99) + " ms",
       .goal = "p99 at most 10 ms",
       .met = list.p99 <= kGoalP99});
}

constexpr std::size_t kListers = 20;

/// Lists thousands of pods, namespace by namespace, as fast as it can.
void list_pods(const std::stop_token& stop, const test::Endpoint& endpoint, std::atomic<std::size_t>& answers) {
  KeepAlive client(endpoint);
  for (std::size_t i = 0; !stop.stop_requested(); ++i, ++answers) {
    client.exchange("GET /api/v1/pod/" + namespace_name(i % kNamespaces));
  }
}

void probe_among_lists(Setting& setting, const Service& service) {
  const auto bound = setting.quick ? 5s : 20s;
  std::atomic<std::size_t> answers = 0;
  probe(
      setting, service, std::to_string(kListers) + " callers listing 2,500 pods each",
      [&] {
        std::vector<std::jthread> listers;
        for (std::size_t i = 0; i < kListers; ++i)
          listers.emplace_back(list_pods, service.endpoint(), std::ref(answers));
        std::this_thread::sleep_for(bound);
      },
      kPaceAmongLists);
  const double seconds = std::chrono::duration<double>(bound).count();
  setting.table.add({.what = "such lists/s; memory afterwards",
                     .ours = bench::text_of(static_cast<double>(answers) / seconds) + "; " +
                             bench::text_of(service.resident_mb()) + " MB"});
}

}  // namespace

void bench_stalls(Setting& setting) {
  const auto bound = setting.quick ? 10s : 60s;
  Service service(setting.target, {"--log-level", "warning", "--measure-turns"});
  probe(setting, service, "first sync of 50,000 pods", [&] { service.wait_ready(); });
  probe(setting, service, "resync of 50,000 pods", [&] { resync(setting.target, service); });

  Changes::Result changed;
  const Usage before = usage_of(service.pid());
  probe(setting, service, "1,000 changes/s", [&] {
    Changes changes(setting.target, service.endpoint(), kManyPods, 1000);
    std::this_thread::sleep_for(bound);
    changed = changes.finish();
  });
  const double cpu = usage_of(service.pid()).cpu_seconds - before.cpu_seconds;
  if (!changed.error.empty()) throw std::runtime_error("changes: " + changed.error);
  const double seconds = std::chrono::duration<double>(bound).count();
  setting.table.add({.what = "changes/s that were made; CPU of the service meanwhile",
                     .ours = bench::text_of(static_cast<double>(changed.changes) / seconds) + "; " +
                             bench::text_of(cpu / seconds * 100) + " %"});
  setting.table.add(
      {.what = "from a write's answer to where it is visible", .ours = text_of(distribution_of(changed.lags))});
  setting.table.add(
      {.what = "memory with 50,000 pods afterwards", .ours = bench::text_of(service.resident_mb()) + " MB"});

  // The budget is that of these; turns among lists are in their own row.
  const double longest = longest_turn(service);
  const double noise = longest_idle_turn(kServerCore, usage_of(service.pid()).cpu_seconds);
  setting.table.add({.what = "longest turn of the loop in all of these, CPU time",
                     .ours = bench::text_of(longest) + " ms",
                     .beside = "a loop that does nothing, as long: " + bench::text_of(noise) + " ms",
                     .goal = "at most 5 ms",
                     .met = longest <= kGoalStall});

  probe_among_lists(setting, service);
  probe(setting, service, "nothing else going on (the machine's own noise)",
        [&] { std::this_thread::sleep_for(setting.quick ? 2s : 5s); });
}

}  // namespace quartermaster::bench
