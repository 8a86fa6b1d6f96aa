#include "test/bench/machine.hpp"

#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "test/bench/http.hpp"

namespace quartermaster::bench {

namespace {

constexpr auto kStartBound = std::chrono::minutes(2);

bool prefer = false;

std::string file_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The first line of a file like /proc/cpuinfo that begins with `name`, without it.
std::string entry(const std::string& path, const std::string& name) {
  std::istringstream lines(file_text(path));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name)) continue;
    const auto begin = line.find_first_not_of(" \t:", name.size());
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "unknown";
}

std::string first_line_of(const std::vector<std::string>& command) {
  test::Subprocess process(command);
  process.wait(std::chrono::seconds(10));
  std::string line =
      process.wait_for_line([](std::string_view) { return true; }, std::chrono::seconds(10)).value_or("unknown");
  return line;
}

}  // namespace

void move_to(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) {
    throw std::runtime_error("core " + std::to_string(core) + " cannot be had: two are needed");
  }
}

double longest_idle_turn(int core, double cpu_seconds) {
  double longest = 0;
  std::jthread([&] {
    move_to(core);
    const auto now = [] {
      timespec time{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
    };
    for (double last = now(); last < cpu_seconds;) {
      const double next = now();
      longest = std::max(longest, next - last);
      last = next;
    }
  }).join();
  return longest * 1000;
}

void prefer_our_processes() {
  prefer = true;
  if (::setpriority(PRIO_PROCESS, 0, -15) != 0) throw std::runtime_error("priorities cannot be set: be root");
}

bool make_realtime() {
  const sched_param priority{.sched_priority = 1};
  return ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &priority) == 0;
}

void give_way() {
  constexpr int kNice = 19;
  ::setpriority(PRIO_PROCESS, 0, kNice);  // of a thread, on Linux
}

std::vector<std::string> on_core(int core, std::vector<std::string> command) {
  command.insert(command.begin(), {"taskset", "-c", std::to_string(core)});
  if (prefer) command.insert(command.begin(), {"chrt", "--fifo", "1"});
  return command;
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

Usage usage_of(pid_t pid) {
  Usage usage;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::istringstream numbers(file_text(task.path() / "schedstat"));
    double ran = 0, waited = 0;  // ns
    numbers >> ran >> waited;
    usage.cpu_seconds += ran / 1e9;
    usage.waited_seconds += waited / 1e9;
  }
  return usage;
}

std::vector<std::string> describe_machine() {
  utsname kernel{};
  ::uname(&kernel);
  const auto load = file_text("/proc/loadavg");
  return {"CPU: " + entry("/proc/cpuinfo", "model name") + ", " + std::to_string(std::thread::hardware_concurrency()) +
              " cores",
          "memory: " + entry("/proc/meminfo", "MemTotal"),
          std::string("kernel: ") + kernel.sysname + " " + kernel.release + " " + kernel.machine,
          std::string("compiler: g++ ") + __VERSION__ + ", release preset",
          "commit: " + first_line_of({"git", "describe", "--always", "--dirty"}),
          "date: " + first_line_of({"date", "-u", "+%F %H:%M UTC"}),
          "load average before: " + load.substr(0, load.find(' '))};
}

Service::Service(const Target& target, std::vector<std::string> flags) {
  endpoint_.port = free_port();
  std::vector<std::string> command = {SERVICE_PROGRAM, "--listen", "127.0.0.1:" + std::to_string(endpoint_.port),
                                      "--kubeconfig", directory_.write("kubeconfig", target.kubeconfig())};
  if (std::find(flags.begin(), flags.end(), "--auth-mode") == flags.end())
    command.insert(command.end(), {"--auth-mode", "none"});
  command.insert(command.end(), flags.begin(), flags.end());
  process_ = std::make_unique<test::Subprocess>(on_core(kServerCore, command),
                                                test::Subprocess::Options{.log_file = directory_.path("log")});
}

std::string Service::url(const std::string& path) const {
  return "http://" + endpoint_.host + ":" + std::to_string(endpoint_.port) + path;
}

void Service::wait_ready() {
  const auto begin = std::chrono::steady_clock::now();
  for (std::chrono::nanoseconds gone{}; gone < kStartBound && process_->running();) {
    try {
      KeepAlive(endpoint_).exchange("GET /readyz");
      return;
    } catch (const std::exception&) {  // not listening yet, or 503
      gone = std::chrono::steady_clock::now() - begin;
      std::this_thread::sleep_for(std::max<std::chrono::nanoseconds>(std::chrono::microseconds(200), gone / 100));
    }
  }
  throw std::runtime_error("the service does not become ready: " + file_text(directory_.path("log")));
}

double Service::metric(const std::string& name, const std::string& token) const {
  const auto header = token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
  std::istringstream lines(KeepAlive(endpoint_).exchange("GET /metrics", header));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
  }
  return 0;
}

}  // namespace quartermaster::bench
