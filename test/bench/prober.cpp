#include "test/bench/prober.hpp"

#include <optional>

#include "test/bench/http.hpp"
#include "test/bench/machine.hpp"

namespace quartermaster::bench {

using std::chrono::steady_clock;

Prober::Prober(test::Endpoint endpoint, std::string what, std::chrono::microseconds interval)
    : endpoint_(std::move(endpoint)), what_(std::move(what)), interval_(interval), thread_(&Prober::run, this) {}

Prober::~Prober() { finish(); }

std::vector<double> Prober::finish() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  return std::move(samples_);
}

void Prober::run() {
  make_realtime();  // the API server works on this core, too
  std::optional<KeepAlive> client;
  auto due = steady_clock::now();
  while (!stop_) {
    std::this_thread::sleep_until(due);
    try {
      if (!client) client.emplace(endpoint_);
      client->exchange(what_);
      samples_.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - due).count());
      due += interval_;
    } catch (const std::exception&) {  // nobody listens yet
      client.reset();
      due = steady_clock::now() + interval_;
    }
  }
}

}  // namespace quartermaster::bench
