// What is behind the simulated API server's HTTP: objects, logs, users. Lives longer than a run of the server; used on
// its loop only.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <map>
#include <random>
#include <set>
#include <string>

#include "test/apisim/access.hpp"
#include "test/apisim/api_server.hpp"
#include "test/apisim/status.hpp"
#include "test/apisim/store.hpp"

namespace quartermaster::apisim {

/// A watch that somebody reads.
class OpenWatch {
 public:
  virtual ~OpenWatch() = default;
  virtual const std::string& path() const = 0;
  virtual void disturb(std::string_view bytes, Afterwards afterwards) = 0;
};

struct Cluster {
  Cluster();

  Options options;
  asio::io_context* loop = nullptr;  // of the run
  std::string address;               // likewise: "127.0.0.1:6443"
  Store store;
  LogStore logs;
  std::map<std::string, std::string> node_stats;  // by node: the body of its kubelet's /stats/summary
  Access access;
  std::set<OpenWatch*> watches;
  bool bookmarks = true;
  std::uint64_t started_at = 0;    // the store's version when the run began
  std::set<std::string> orphaned;  // uids of owners whose dependents are to stay
  std::mt19937_64 random;

  /// How far the API server's own cache of a kind is, by which it answers lists at version 0 and bookmarks: at the last
  /// change of that kind. A newer one asks etcd, so that changes of other kinds count, too.
  std::uint64_t cache_version(const ResourceType& type) const {
    return options.watch_list ? store.version() : std::max(started_at, store.version_of(type));
  }

  const json::object* find_namespace(std::string_view name) const;
  std::string new_uid();
  /// Five letters and digits, as Kubernetes appends to generated names.
  std::string name_suffix();
};

/// RFC 3339, seconds.
std::string time_text(std::chrono::system_clock::time_point time = std::chrono::system_clock::now());

const ResourceType& namespace_type();
const ResourceType& pod_type();
const ResourceType& claim_type();

}  // namespace quartermaster::apisim
