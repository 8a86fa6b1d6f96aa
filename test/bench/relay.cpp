// A log of 1 GB, through the service and straight from the API server. Reader and API server share the load core in
// both cases.
#include <chrono>

#include "test/bench/http.hpp"
#include "test/bench/rows.hpp"

namespace quartermaster::bench {

namespace {

double megabytes_per_second(const test::Endpoint& endpoint, const std::string& what, const std::string& headers = {}) {
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t bytes = drain(endpoint, what, headers);
  return static_cast<double>(bytes) / 1e6 /
         std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

void bench_relay(Setting& setting) {
  constexpr std::uint64_t kBytes = 1ULL << 30;
  constexpr double kGoal = 0.9, kGoalMegabytes = 2;
  Target& target = setting.target;
  const StoredObject pod = pod_object(3'000'000, 0, target.node());
  target.put({&pod, 1});
  target.logs().generate({pod.ns, pod.name, "main"}, setting.quick ? kBytes / 4 : kBytes);

  Service service(target);
  service.wait_ready();
  const std::string direct = "GET /api/v1/namespaces/" + pod.ns + "/pods/" + pod.name + "/log?container=main";
  const std::string relayed = "GET /api/v1/pod/" + pod.ns + "/name/" + pod.name + "/logs?container=main";
  drain(service.endpoint(), relayed + "&limitBytes=10000000");  // what is allocated once has been
  const double before = service.resident_mb();
  std::vector<double> ours, theirs;
  double after = before;
  for (int i = 0; i < setting.runs(); ++i) {
    ours.push_back(megabytes_per_second(service.endpoint(), relayed));
    after = std::max(after, service.resident_mb());
    theirs.push_back(megabytes_per_second(target.api(), direct, "Authorization: Bearer " + target.token() + "\r\n"));
  }
  const Figure through = figure_of(ours), straight = figure_of(theirs);
  const double ratio = through.median / straight.median;
  setting.table.add({.what = std::string("relaying a log of ") + (setting.quick ? "256 MB" : "1 GB") + ", MB/s",
                     .ours = text_of(through),
                     .beside = "API server " + text_of(straight),
                     .ratio = text_of(ratio),
                     .goal = "at least 0.9 of direct",
                     .met = ratio >= kGoal});
  setting.table.add({.what = "resident memory meanwhile, growth",
                     .ours = text_of(after - before) + " MB",
                     .goal = "at most 2 MB",
                     .met = after - before <= kGoalMegabytes});
}

}  // namespace quartermaster::bench
