// Ten minutes among bad neighbours: connections that say nothing, slow readers of a log of 1 GB, garbage, and a caller
// that asks for all it can get, from the caches and past them, each at an address and with a token of its own; and an
// honest caller, who is to notice nothing. They give way to API server and etcd, whose core they share, and do not in
// real life.
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "test/bench/rows.hpp"
#include "test/support/http_client.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::bench {

namespace {

using namespace std::chrono_literals;
using test::Connection;
using Time = std::chrono::steady_clock;

constexpr std::size_t kSilent = 300, kSlowReaders = 20, kGreedyThreads = 8, kGreedyEach = 8;
// More than a caller may have in flight.
constexpr std::size_t kPastCachesThreads = 2, kPastCachesEach = 300;
constexpr auto kHonestPause = 20ms;

/// What the hostile ones have come to.
struct Tally {
  std::atomic<std::uint64_t> silent{0}, slow_bytes{0}, garbage{0}, served{0}, refused{0}, broken{0};
};

/// Who calls: from where, and as whom.
struct Caller {
  test::Endpoint endpoint;
  std::string token;

  std::string get(const std::string& target, test::HeaderList more = {}) const {
    more.emplace_back("Authorization", "Bearer " + token);
    return test::to_bytes({.target = target, .headers = std::move(more)});
  }
};

Caller caller_at(const Service& service, Target& target, const std::string& address, const std::string& name) {
  Caller caller{.endpoint = service.endpoint(), .token = target.caller_token(name)};
  caller.endpoint.from = address;
  return caller;
}

/// Connections that say nothing, or begin a head and leave it at that; new ones for those that are closed.
void stay_silent(const std::stop_token& stop, const test::Endpoint& endpoint, Tally& tally) {
  std::vector<std::optional<Connection>> all(kSilent);
  while (!stop.stop_requested()) {
    for (std::size_t i = 0; i < all.size() && !stop.stop_requested(); ++i) {
      try {
        std::string ignored;
        if (all[i] && all[i]->read(ignored, 1000, 0ms) == Connection::Read::timed_out) continue;
        all[i].emplace(endpoint);
        if (i % 3 == 1) all[i]->send("GET /api/v1/pvc/bench-0 HTT");
        if (i % 3 == 2) all[i]->send("POST /api/v1/secret/bench-0 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
        ++tally.silent;
      } catch (const std::exception&) {
        all[i].reset();
      }
    }
    std::this_thread::sleep_for(100ms);
  }
}

/// A few kilobytes of each log, ten times a second.
void read_slowly(const std::stop_token& stop, const Caller& caller, const std::string& log, Tally& tally) {
  std::vector<std::optional<Connection>> all(kSlowReaders);
  std::string piece;
  while (!stop.stop_requested()) {
    for (auto& one : all) {
      try {
        piece.clear();
        if (!one) {
          one.emplace(caller.endpoint, 8 << 10);
          one->send(caller.get(log));
        } else if (const auto read = one->read(piece, 4 << 10, 0ms);
                   read == Connection::Read::end || read == Connection::Read::reset) {
          one.reset();
        }
        tally.slow_bytes += piece.size();
      } catch (const std::exception&) {
        one.reset();
      }
    }
    std::this_thread::sleep_for(100ms);
  }
}

std::string garbage(std::mt19937& random) {
  switch (random() % 6) {
    case 0:
      return "GET /" + std::string(100'000, 'a');
    case 1:
      return "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(70'000, 'x') +
             "\r\n\r\n";
    case 2:
      return "POST /api/v1/secret/bench-0 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
             "75000\r\n\r\n" +
             std::string(75'000, '[');
    case 3:
      return "GET /api/v1/pvc/%00 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";
    default: {
      std::string bytes(random() % 5000, '\0');
      for (char& c : bytes) c = static_cast<char>(random());
      return bytes;
    }
  }
}

void send_garbage(const std::stop_token& stop, const test::Endpoint& endpoint, Tally& tally) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same each time
  while (!stop.stop_requested()) {
    try {
      Connection connection(endpoint);
      connection.send(garbage(random), 100ms);
      std::string answer;
      connection.read(answer, 1000, 10ms);
      if (random() % 2 == 0) connection.reset();
      ++tally.garbage;
    } catch (const std::exception&) {
    }
    std::this_thread::sleep_for(5ms);
  }
}

/// Status of one whole answer with a Content-Length; 0: there was none.
unsigned read_answer(Connection& connection, std::string& text) {
  text.clear();
  for (std::size_t whole = std::string::npos; text.size() < whole;) {
    if (connection.read(text, 256 << 10, 10s) != Connection::Read::data) return 0;
    const auto head = text.find("\r\n\r\n");
    if (whole != std::string::npos || head == std::string::npos) continue;
    constexpr std::string_view kLength = "Content-Length: ";
    const auto length = text.find(kLength);
    whole = head + 4 + (length < head ? std::stoul(text.substr(length + kLength.size(), 20)) : 0);
  }
  return static_cast<unsigned>(std::stoul(text.substr(9, 3)));
}

/// Several connections at once, each with the next request as soon as the last is answered.
void be_greedy(const std::stop_token& stop, const test::Endpoint& endpoint, const std::string& request,
               std::size_t at_once, Tally& tally) {
  std::string text;
  while (!stop.stop_requested()) {
    try {
      std::vector<Connection> all;
      for (std::size_t i = 0; i < at_once; ++i) all.emplace_back(endpoint);
      for (bool whole = true; whole && !stop.stop_requested();) {
        for (auto& one : all) one.send(request, 10s);
        for (auto& one : all) {
          const auto status = read_answer(one, text);
          whole = whole && status != 0;
          ++(status == 200 ? tally.served : status == 429 ? tally.refused : tally.broken);
        }
      }
    } catch (const std::exception&) {
      ++tally.broken;
    }
  }
}

/// The honest caller.
struct Honest {
  std::map<std::string, std::vector<double>> milliseconds = {};  // by target
  std::size_t failures = 0;
  std::string first_failure = {};
};

void ask(const Caller& caller, std::optional<Connection>& connection, const std::string& target, Honest& honest) {
  static std::string text;
  const auto begin = Time::now();
  unsigned status = 0;
  try {
    if (!connection) connection.emplace(caller.endpoint);
    connection->send(caller.get(target), 10s);
    status = read_answer(*connection, text);
  } catch (const std::exception& e) {
    text = e.what();
  }
  honest.milliseconds[target].push_back(std::chrono::duration<double, std::milli>(Time::now() - begin).count());
  if (status == 200) return;
  connection.reset();
  if (honest.failures++ == 0) honest.first_failure = target + ": " + std::to_string(status) + " " + text.substr(0, 200);
}

/// Fifty requests a second, of all kinds; each tenth on a new connection. On a thread of its own: whose latency is
/// measured does not wait for those who make the load.
Honest behave(const Caller& caller, const std::vector<std::string>& targets, Time::time_point until) {
  make_realtime();
  Honest honest;
  std::optional<Connection> connection;
  auto next = Time::now();
  for (std::size_t i = 0; next < until; ++i) {
    std::this_thread::sleep_until(next);
    if (i % 10 == 0) connection.reset();
    ask(caller, connection, targets[i % targets.size()], honest);
    next = std::max(next + kHonestPause, Time::now());
  }
  return honest;
}

struct Bad {
  test::Endpoint silent, garbled;
  Caller slow, greedy;
};

Bad bad_callers(const Service& service, Target& target) {
  Bad bad{.silent = service.endpoint(),
          .garbled = service.endpoint(),
          .slow = caller_at(service, target, "127.0.0.4", "slow"),
          .greedy = caller_at(service, target, "127.0.0.2", "greedy")};
  bad.silent.from = "127.0.0.3";
  bad.garbled.from = "127.0.0.5";
  return bad;
}

/// All that is hostile, until it is destroyed.
class Neighbours {
 public:
  Neighbours(const Bad& bad, const std::string& log, const std::string& list, Tally& tally) {
    start([&tally, bad](const auto& stop) { stay_silent(stop, bad.silent, tally); });
    start([&tally, bad, log](const auto& stop) { read_slowly(stop, bad.slow, log, tally); });
    start([&tally, bad](const auto& stop) { send_garbage(stop, bad.garbled, tally); });
    for (std::size_t i = 0; i < kGreedyThreads; ++i) {
      start([&tally, bad, request = bad.greedy.get(list)](const auto& stop) {
        be_greedy(stop, bad.greedy.endpoint, request, kGreedyEach, tally);
      });
    }
    for (std::size_t i = 0; i < kPastCachesThreads; ++i) {
      start([&tally, bad,
             request = bad.greedy.get(list + "/name/data-orders-0-postgres-0", {{"Cache-Control", "no-cache"}})](
                const auto& stop) { be_greedy(stop, bad.greedy.endpoint, request, kPastCachesEach, tally); });
    }
  }

 private:
  void start(std::function<void(const std::stop_token&)> be_hostile) {
    threads_.emplace_back([be_hostile = std::move(be_hostile)](const std::stop_token& stop) {
      give_way();
      be_hostile(stop);
    });
  }

  std::vector<std::jthread> threads_;
};

void add_rows(Setting& setting, const Honest& honest, const Tally& tally, double before, double after) {
  constexpr double kGoalMilliseconds = 50, kGoalMegabytes = 5;
  std::vector<double> all;
  for (const auto& [target, samples] : honest.milliseconds) all.insert(all.end(), samples.begin(), samples.end());
  const auto latency = distribution_of(all);
  setting.table.add({.what = "among hostile callers for " + std::to_string(setting.minutes) + " min, honest requests",
                     .ours = std::to_string(all.size()),
                     .beside = std::to_string(tally.served) + " served to and " + std::to_string(tally.refused) +
                               " refused to the greedy, " + std::to_string(tally.garbage) + " of garbage, " +
                               std::to_string(tally.silent) + " silent, " + std::to_string(tally.slow_bytes >> 10) +
                               " KiB read slowly"});
  setting.table.add({.what = "of them, failures",
                     .ours = std::to_string(honest.failures) + " " + honest.first_failure,
                     .goal = "none",
                     .met = honest.failures == 0});
  setting.table.add({.what = "their latency: p50, p99, longest, ms",
                     .ours = text_of(latency.p50) + ", " + text_of(latency.p99) + ", " + text_of(latency.most),
                     .goal = "p99 under 50",
                     .met = latency.p99 < kGoalMilliseconds});
  for (const auto& [target, samples] : honest.milliseconds) {
    const auto each = distribution_of(samples);
    setting.table.add(
        {.what = "of " + target, .ours = text_of(each.p50) + ", " + text_of(each.p99) + ", " + text_of(each.most)});
  }
  setting.table.add({.what = "resident memory before and after, MB",
                     .ours = text_of(before) + ", " + text_of(after),
                     .goal = "at most 5 more",
                     .met = after - before <= kGoalMegabytes});
}

}  // namespace

void bench_hostile(Setting& setting) {
  constexpr std::uint64_t kLog = 1ULL << 30;
  Target& target = setting.target;
  const StoredObject pod = pod_object(3'500'000, 0, target.node());
  target.put({&pod, 1});
  target.logs().generate({pod.ns, pod.name, "main"}, kLog);
  const std::string list = "/api/v1/pvc/bench-0";
  const std::string log = "/api/v1/pod/" + pod.ns + "/name/" + pod.name + "/logs?container=main";

  Service service(target, {"--log-level", "warning", "--auth-mode", "delegated", "--auth-audiences", kAudience});
  service.wait_ready();
  const auto bad = bad_callers(service, target);
  const auto good = caller_at(service, target, "127.0.0.1", "honest");
  const std::vector<std::string> targets = {list,
                                            "/livez",
                                            "/api/v1/pod/" + pod.ns + "/name/" + pod.name,
                                            "/api/v1/storageclass",
                                            "/api/v1/secret/bench-0",
                                            "/metrics"};
  Tally tally;
  const auto settle = [&] {
    test::poll_until([&] { return service.metric("quartermaster_http_connections", good.token) <= 1; });
    return service.resident_mb();
  };
  {  // what is allocated once has been
    const Neighbours neighbours(bad, log, list, tally);
    std::thread caller([&] { behave(good, targets, Time::now() + 5s); });
    caller.join();
  }
  const double before = settle();
  Honest honest;
  {
    const Neighbours neighbours(bad, log, list, tally);
    std::thread caller([&] { honest = behave(good, targets, Time::now() + std::chrono::minutes(setting.minutes)); });
    caller.join();
  }
  add_rows(setting, honest, tally, before, settle());
}

}  // namespace quartermaster::bench
