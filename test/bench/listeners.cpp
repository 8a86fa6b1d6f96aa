// Thousands who listen to one list while it changes: how long a change takes to each of them, and what each costs.
// From before the write until the listener has the bytes, so that the API server and the load core, which has the other
// ends of all connections, count, too. Of most listeners the bytes are only thrown away; some are read.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <system_error>
#include <thread>

#include "test/bench/prober.hpp"
#include "test/bench/rows.hpp"

namespace quartermaster::bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::size_t kListeners = 5000, kCallers = 10, kReadOne = 50;  // of so many, one is read
constexpr std::size_t kChangesPerSecond = 200, kBatch = 4, kClaimsThere = 500;
constexpr std::size_t kMostChanges = 200'000;
constexpr const char* kTarget = "/api/v1/pvc/bench-0";

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// A claim of the list, as it is at a change.
StoredObject changed_claim(std::size_t change) {
  auto claim = claim_object(change * 7 % kClaimsThere);
  constexpr std::string_view kBefore = "\"labels\":{";
  claim.text.insert(claim.text.find(kBefore) + kBefore.size(), "\"change\":\"" + std::to_string(change) + "\",");
  return claim;
}

/// When each change was written.
struct Written {
  std::vector<std::atomic<steady_clock::rep>> at = std::vector<std::atomic<steady_clock::rep>>(kMostChanges);
  std::atomic<std::size_t> count = 0;
};

/// All listeners, on one thread.
class Crowd {
 public:
  Crowd(const test::Endpoint& service, const Written& written) : service_(service), written_(written) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) fail("epoll_create1");
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() {
    thread_ = {};
    for (const auto& one : all_) ::close(one.socket);
    ::close(epoll_);
  }

  /// All of them come, and have the list: in seconds.
  double assemble() {
    const auto begin = steady_clock::now();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    for (std::size_t i = 0; i < kListeners; ++i) {
      add(i);
      // Not more of them than a listening socket keeps waiting.
      while (i + 1 > started_ + 500 && !failed()) std::this_thread::sleep_for(1ms);
    }
    while (started_ < kListeners && !failed() && steady_clock::now() - begin < 2min) std::this_thread::sleep_for(5ms);
    check();
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
  }
  /// Of the listeners that are read, once they have all that was written; ms.
  std::vector<double> delays() {
    const auto end = steady_clock::now() + 30s;
    while (steady_clock::now() < end && !failed() && !all_have(written_.count)) std::this_thread::sleep_for(20ms);
    check();
    if (!all_have(written_.count)) throw std::runtime_error("listeners have not got all changes");
    thread_ = {};
    return std::move(delays_);
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct One {
    int socket = -1;
    bool read = false;  // what it gets
    bool started = false;
    std::string rest = {};
    std::size_t changes = 0;
  };

  void add(std::size_t number) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    sockaddr_in from{}, to{};
    from.sin_family = to.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(number % kCallers));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(service_.port);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) fail("bind");
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
    const std::string request =
        std::string("GET ") + kTarget + " HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n";
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) fail("send");
    {
      const std::lock_guard lock(mutex_);
      all_.push_back({.socket = fd, .read = number % kReadOne == 0});
    }
    epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  }

  One& at(std::size_t number) {
    const std::lock_guard lock(mutex_);
    return all_[number];
  }

  void run(const std::stop_token& stop) {
    std::vector<epoll_event> events(512);
    while (!stop.stop_requested() && !failed()) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 20);
      for (int i = 0; i < count; ++i) take(at(events[static_cast<std::size_t>(i)].data.u64));
    }
  }

  void take(One& one) {
    // What is not read is not even copied, once the list is there.
    const bool drop = one.started && !one.read;
    const auto n = ::recv(one.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT | (drop ? MSG_TRUNC : 0));
    if (n <= 0) {
      if (n == 0 || (errno != EAGAIN && errno != EINTR)) failed_ = true;
      return;
    }
    bytes_ += static_cast<std::uint64_t>(n);
    if (drop) return;
    one.rest.append(buffer_.data(), static_cast<std::size_t>(n));
    if (!one.started) return start(one);
    read_changes(one);
  }

  /// The list ends with its id.
  void start(One& one) {
    if (!one.rest.starts_with("HTTP/1.1 200") && one.rest.size() > 12) failed_ = true;
    const auto end = one.rest.find("\nid: ");
    if (end == std::string::npos) return;
    one.started = true;
    ++started_;
    one.rest = one.read ? one.rest.substr(end + 1) : std::string();
  }

  void read_changes(One& one) {
    constexpr std::string_view kMark = "\"change\":\"";
    const auto now = steady_clock::now().time_since_epoch().count();
    std::size_t done = 0;
    for (auto place = one.rest.find(kMark); place != std::string::npos; place = one.rest.find(kMark, done)) {
      const auto number = place + kMark.size(), end = one.rest.find('"', number);
      if (end == std::string::npos) break;
      const auto change = std::stoull(one.rest.substr(number, end - number));
      const auto since = steady_clock::duration(now - written_.at[change].load());
      delays_.push_back(std::chrono::duration<double, std::milli>(since).count());
      ++one.changes;
      done = end;
    }
    constexpr std::size_t kPart = 32;  // of what may be a mark and its number
    one.rest.erase(0, std::max(done, one.rest.size() > kPart ? one.rest.size() - kPart : 0));
  }

  bool all_have(std::size_t changes) {
    for (std::size_t i = 0; i < kListeners; i += kReadOne)
      if (at(i).changes < changes) return false;
    return true;
  }
  bool failed() const { return failed_; }
  void check() const {
    if (failed_) throw std::runtime_error("a listener was sent away");
  }

  const test::Endpoint service_;
  const Written& written_;
  int epoll_ = -1;
  std::mutex mutex_;
  std::deque<One> all_;
  std::string buffer_ = std::string(256U << 10, '\0');
  std::vector<double> delays_;
  std::atomic<std::size_t> started_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<bool> failed_ = false;
  std::jthread thread_;
};

void make_changes(Target& target, Written& written, std::chrono::seconds time) {
  constexpr auto kTick = std::chrono::milliseconds(1000 * kBatch / kChangesPerSecond);
  std::size_t change = 0;
  const auto end = steady_clock::now() + time;
  for (auto due = steady_clock::now(); due < end; due += kTick) {
    std::this_thread::sleep_until(due);
    std::vector<StoredObject> batch;
    for (std::size_t i = 0; i < kBatch; ++i) {
      batch.push_back(changed_claim(++change));
      written.at[change] = steady_clock::now().time_since_epoch().count();
    }
    target.put(batch);
  }
  written.count = change;
}

}  // namespace

void bench_listeners(Setting& setting) {
  const auto time = setting.quick ? 10s : 60s;
  Service service(setting.target);
  service.wait_ready();
  const double before = service.resident_mb();
  Written written;
  Crowd crowd(service.endpoint(), written);
  const double seconds = crowd.assemble();
  const double memory = service.resident_mb();
  setting.table.add({.what = "5,000 listeners come, each gets a list of 500 PVCs",
                     .ours = text_of(seconds) + " s",
                     .beside = text_of(static_cast<double>(crowd.bytes()) / 1e6) + " MB sent"});
  const auto kilobytes = [&](double now) { return text_of((now - before) * 1024 / kListeners) + " KiB"; };

  Prober alive(service.endpoint(), service.pid(), "GET /livez", 2ms);
  const Usage used = usage_of(service.pid());
  const auto begin = steady_clock::now();
  make_changes(setting.target, written, time);
  const auto delays = distribution_of(crowd.delays());
  const double took = std::chrono::duration<double>(steady_clock::now() - begin).count();
  const double cpu = usage_of(service.pid()).cpu_seconds - used.cpu_seconds;
  const auto answers = distribution_of(alive.finish().own);
  setting.table.add({.what = "delivery of a change to 5,000 listeners, " +
                             text_of(static_cast<double>(written.count) / took) + " changes/s",
                     .ours = "p99 " + text_of(delays.p99) + ", median " + text_of(delays.p50) + ", max " +
                             text_of(delays.most) + " ms",
                     .beside = "CPU of the service " + text_of(cpu / took * 100) + " %, " +
                               text_of(static_cast<double>(crowd.bytes()) / 1e6 / took) + " MB/s in all"});
  setting.table.add({.what = "memory for each listener: once all have come, and after the changes",
                     .ours = kilobytes(memory) + ", " + kilobytes(service.resident_mb())});
  setting.table.add({.what = "answer to /livez meanwhile",
                     .ours = "p99 " + text_of(answers.p99) + ", max " + text_of(answers.most) + " ms"});
}

}  // namespace quartermaster::bench
