// What containers wrote, and what the kubelet makes of it when somebody asks: tail, since, timestamps, limitBytes and
// follow, as in k8s.io/kubernetes/pkg/kubelet's log reader. Used by the simulated API server and by the contract
// suite's kubelet stand-in. All of it is thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kubeapi/byte_stream.hpp"
#include "model/timestamp.hpp"

namespace quartermaster::apisim {

struct ContainerId {
  std::string ns, pod, container;
  auto operator<=>(const ContainerId&) const = default;
};

/// One write of a container: usually a line with its line feed. Without one it is a partial line, as the runtime
/// splits long ones.
struct LogEntry {
  Timestamp time;
  std::string text;
};

/// What is asked for: the parameters of GET .../log, and of the kubelet's /containerLogs.
struct LogQuery {
  bool follow = false, previous = false, timestamps = false;
  std::optional<std::int64_t> tail_lines = {};  // 0: none
  std::optional<Timestamp> since = {};
  std::optional<std::int64_t> limit_bytes = {};
};

/// Reads follow, previous, timestamps, tailLines, sinceSeconds, sinceTime and limitBytes; ignores others. What is no
/// number is as good as absent: the API server has checked it before.
LogQuery parse_log_query(const std::vector<std::pair<std::string, std::string>>& query);

class LogStore {
 public:
  LogStore();
  ~LogStore();

  void append(const ContainerId& id, LogEntry entry);
  /// One line now; the line feed is added.
  void append(const ContainerId& id, std::string_view line);
  /// The container has ended: who follows gets the end.
  void finish(const ContainerId& id);
  /// The container has been started again: what is there becomes the previous instance's, and that one has ended.
  void restart(const ContainerId& id);
  /// A log that is made while it is read, never held: `bytes` of numbered lines.
  void generate(const ContainerId& id, std::uint64_t bytes);
  /// So many more numbered lines, which are made while they are read, and never held. The numbers go on over restarts,
  /// from 0. Three of them have the same time; the next three are 100 µs later.
  void append_numbered(const ContainerId& id, std::uint64_t lines);
  /// What has been written so far is in another file now, which nobody can read any more but those who follow it.
  void rotate(const ContainerId& id);
  /// Whether there is a log, be it empty; of the previous instance.
  bool has(const ContainerId& id, bool previous) const;
  /// The container's log is there, though nothing has been written.
  void open(const ContainerId& id);
  /// Of a pod that is gone: who follows gets the end.
  void remove_pod(const std::string& ns, const std::string& pod);

  /// The log as bytes; empty for one that does not exist. Outlives the store. Read on one loop. `stop` ends a follow.
  std::unique_ptr<ByteStream> read(const ContainerId& id, const LogQuery& query, std::stop_token stop = {}) const;
  /// How many of those there are now.
  std::size_t readers() const;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace quartermaster::apisim
