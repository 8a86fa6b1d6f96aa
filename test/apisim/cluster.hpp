// What is behind the simulated API server's HTTP: objects, logs, users. Lives longer than a run of the server; used on
// its loop only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <random>
#include <set>
#include <string>

#include "test/apisim/access.hpp"
#include "test/apisim/api_server.hpp"
#include "test/apisim/status.hpp"
#include "test/apisim/store.hpp"

namespace quartermaster::apisim {

struct Cluster {
  Cluster();

  Options options;
  asio::io_context* loop = nullptr;  // of the run
  std::string address;               // likewise: "127.0.0.1:6443"
  Store store;
  LogStore logs;
  Access access;
  std::size_t watches = 0;
  std::uint64_t watch_generation = 0;  // a watch of an older one ends
  std::set<std::string> orphaned;      // uids of owners whose dependents are to stay
  std::mt19937_64 random;

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
