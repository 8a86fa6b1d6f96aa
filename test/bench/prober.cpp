#include "test/bench/prober.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "test/bench/http.hpp"
#include "test/bench/machine.hpp"

namespace quartermaster::bench {

namespace {

using std::chrono::steady_clock;

double milliseconds(steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

/// How long a process or thread had waited for its core, by the time.
class Waits {
 public:
  /// `who`: a folder of /proc.
  explicit Waits(const std::string& who) : file_(::open((who + "/schedstat").c_str(), O_RDONLY | O_CLOEXEC)) { note(); }
  Waits(const Waits&) = delete;
  Waits& operator=(const Waits&) = delete;
  ~Waits() { ::close(file_); }

  void note() {
    char text[100] = {};  // ns on the core, ns waited for it, turns
    if (::pread(file_, text, sizeof text - 1, 0) <= 0) return;
    char* waited = nullptr;
    std::strtoull(text, &waited, 10);
    seen_.emplace_back(steady_clock::now(), static_cast<double>(std::strtoull(waited, nullptr, 10)) / 1e6);
  }
  /// From `begin` to the last note; ms.
  double since(steady_clock::time_point begin) const {
    if (seen_.empty()) return 0;
    const auto after = std::upper_bound(seen_.begin(), seen_.end(), begin,
                                        [](auto time, const auto& entry) { return time < entry.first; });
    return seen_.back().second - (after == seen_.begin() ? after : std::prev(after))->second;
  }

 private:
  int file_;
  std::vector<std::pair<steady_clock::time_point, double>> seen_;
};

}  // namespace

Prober::Prober(test::Endpoint endpoint, pid_t pid, std::string what, std::chrono::microseconds interval)
    : endpoint_(std::move(endpoint)),
      pid_(pid),
      what_(std::move(what)),
      interval_(interval),
      thread_(&Prober::run, this) {}

Prober::~Prober() { finish(); }

Prober::Result Prober::finish() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  return std::move(result_);
}

void Prober::run() {
  make_realtime();  // the API server works on this core, too
  std::optional<KeepAlive> client;
  Waits waits("/proc/" + std::to_string(pid_)), own_waits("/proc/thread-self");
  bool first = true;
  auto due = steady_clock::now();
  while (!stop_) {
    std::this_thread::sleep_until(due);
    try {
      if (!client) client.emplace(endpoint_);
      client->exchange(what_);
      const double all = milliseconds(steady_clock::now() - due);
      waits.note();
      own_waits.note();
      if (std::exchange(first, false)) {  // it has waited for the start of the process
        due = steady_clock::now() + interval_;
        continue;
      }
      result_.all.push_back(all);
      result_.own.push_back(std::max(0.0, all - std::max(waits.since(due), own_waits.since(due))));
      due += interval_;
    } catch (const std::exception&) {  // nobody listens yet
      client.reset();
      due = steady_clock::now() + interval_;
    }
  }
}

}  // namespace quartermaster::bench
