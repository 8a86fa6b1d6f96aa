#include "test/bench/changes.hpp"

#include "test/bench/http.hpp"
#include "test/bench/machine.hpp"

namespace quartermaster::bench {

using std::chrono::steady_clock;

namespace {
constexpr auto kTick = std::chrono::milliseconds(20);
}

Changes::Changes(Target& target, test::Endpoint service, std::size_t pods, std::size_t per_second)
    : target_(target),
      service_(std::move(service)),
      pods_(pods),
      per_second_(per_second),
      writer_(&Changes::write, this),
      reader_(&Changes::read, this) {}

Changes::~Changes() { finish(); }

Changes::Result Changes::finish() {
  stop_ = true;
  changed_.notify_all();
  if (writer_.joinable()) writer_.join();
  if (reader_.joinable()) reader_.join();
  return std::move(result_);
}

void Changes::write() try {
  std::size_t number = 0;
  std::vector<StoredObject> batch(per_second_ * kTick.count() / 1000);
  for (auto due = steady_clock::now(); !stop_; due += kTick) {
    std::this_thread::sleep_until(due);
    for (StoredObject& pod : batch) {
      ++number;
      pod = pod_object(number * 7919 % pods_, 1 + number);
    }
    const std::string version = target_.put(batch);
    const auto written = steady_clock::now();
    const StoredObject& last = batch.back();
    const std::lock_guard lock(mutex_);
    result_.changes += batch.size();
    if (!next_) next_ = {"/api/v1/pod/" + last.ns + "/name/" + last.name + "?resourceVersion=" + version, written};
    changed_.notify_all();
  }
} catch (const std::exception& e) {
  const std::lock_guard lock(mutex_);
  result_.error = e.what();
}

void Changes::read() try {
  make_realtime();
  KeepAlive client(service_);
  while (!stop_) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return next_ || stop_; });
    if (!next_) break;
    const Seen seen = *next_;
    lock.unlock();
    client.exchange("GET " + seen.path);
    const double lag = std::chrono::duration<double, std::milli>(steady_clock::now() - seen.written).count();
    lock.lock();
    result_.lags.push_back(lag);
    next_.reset();
  }
} catch (const std::exception& e) {
  const std::lock_guard lock(mutex_);
  result_.error = e.what();
}

}  // namespace quartermaster::bench
