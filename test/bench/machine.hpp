// Who runs where, and what it costs: processes on a core of their own, and what /proc knows of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "test/bench/target.hpp"
#include "test/support/subprocess.hpp"
#include "test/support/temp_dir.hpp"

namespace quartermaster::bench {

inline constexpr int kServerCore = 0;  // what is measured
inline constexpr int kLoadCore = 1;    // all else: load generator, API server, etcd

/// This process, its threads and children to come.
void move_to(int core);
/// The longest step, in ms of CPU time, of a thread that does nothing but read its clock, on that core for so much CPU
/// time: what the machine (interrupts, a host that takes the core away) adds to the turns of any loop.
double longest_idle_turn(int core, double cpu_seconds);
/// This thread gets the core as soon as it wants it. Without the right to it: false, and nothing changes.
bool make_realtime();
/// This thread leaves the core to whoever else wants it, but for a hundredth.
void give_way();
/// From now on what on_core starts goes before all else that wants its core, and this process before most: for machines
/// with other work to do. Throws std::runtime_error.
void prefer_our_processes();
/// A command that runs on the core.
std::vector<std::string> on_core(int core, std::vector<std::string> command);
/// A port of loopback that nobody listens on now.
std::uint16_t free_port();

/// What a process has used so far.
struct Usage {
  double cpu_seconds = 0;
  double waited_seconds = 0;  // ready to run, while others had the core
};
Usage usage_of(pid_t pid);

/// CPU, kernel, compiler, load: for the reader of results. One fact a line, "name: value".
std::vector<std::string> describe_machine();

/// The service, on its core.
class Service {
 public:
  explicit Service(const Target& target, std::vector<std::string> flags = {"--log-level", "warning"});

  const test::Endpoint& endpoint() const { return endpoint_; }
  std::string url(const std::string& path) const;
  test::Subprocess& process() { return *process_; }
  pid_t pid() const { return process_->pid(); }
  double resident_mb() const { return static_cast<double>(process_->resident_kib()) / 1024; }
  /// Asks until it is ready, tightly at first. Throws with its log if that takes minutes.
  void wait_ready();
  /// The value of a metric, labels included: `quartermaster_ready`; 0 if there is none.
  double metric(const std::string& name, const std::string& token = "") const;

 private:
  test::TempDir directory_;
  test::Endpoint endpoint_;
  std::unique_ptr<test::Subprocess> process_;
};

}  // namespace quartermaster::bench
