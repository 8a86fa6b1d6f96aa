// From the start of the process to readiness, on an empty cluster.
#include <chrono>

#include "test/bench/http.hpp"
#include "test/bench/rows.hpp"

namespace quartermaster::bench {

namespace {

using std::chrono::steady_clock;

double milliseconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count();
}

/// The slowest of the lists that a start waits for. They run side by side there.
double slowest_list(const Target& target) {
  KeepAlive client(target.api());
  double slowest = 0;
  for (const model::KindInfo& kind : model::kKinds) {
    if (kind.record == nullptr) continue;
    const auto begin = steady_clock::now();
    client.exchange("GET " + model::collection_path(kind.kind, "") + "?limit=500&resourceVersion=0",
                    "Authorization: Bearer " + target.token() + "\r\n");
    slowest = std::max(slowest, milliseconds_since(begin));
  }
  return slowest;
}

}  // namespace

void bench_start(Setting& setting) {
  constexpr double kGoalMilliseconds = 50;
  std::vector<double> all, beyond, answers;
  for (int i = 0; i < setting.runs(); ++i) {
    answers.push_back(slowest_list(setting.target));
    const auto begin = steady_clock::now();
    Service service(setting.target);
    service.wait_ready();
    all.push_back(milliseconds_since(begin));
    beyond.push_back(all.back() - answers.back());
    setting.empty_mb = service.resident_mb();
  }
  const Figure figure = figure_of(beyond);
  setting.table.add({.what = "process start to ready, empty cluster",
                     .ours = text_of(figure_of(all)) + " ms",
                     .beside = "slowest list " + text_of(figure_of(answers)) + " ms",
                     .ratio = "beyond: " + text_of(figure.median) + " ms",
                     .goal = "at most 50 ms beyond",
                     .met = figure.median <= kGoalMilliseconds});
}

}  // namespace quartermaster::bench
