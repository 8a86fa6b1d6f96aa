// The cluster that the benchmarks run the service against.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "test/apisim/log_store.hpp"
#include "test/bench/objects.hpp"
#include "test/support/connection.hpp"

namespace quartermaster::bench {

inline constexpr const char* kAudience = "quartermaster";

class Target {
 public:
  virtual ~Target() = default;

  /// "apisim", "kube-apiserver v1.20.2".
  virtual std::string name() const = 0;
  virtual std::string kubeconfig() const = 0;
  virtual test::Endpoint api() const = 0;
  virtual std::string token() const = 0;
  /// An hour's, of a service account of that name that may read all that the service answers; for kAudience.
  virtual std::string caller_token(const std::string& name) = 0;
  /// The node that answers for the logs of pods on it.
  virtual std::string node() const = 0;
  virtual apisim::LogStore& logs() = 0;

  /// Stores the objects as they are, past all rules of the API server, which then sees them as any other change. The
  /// version of the last.
  virtual std::string put(std::span<const StoredObject> objects) = 0;
  /// Ends all watches, and lets them not go on from where they were: who watches has to list again.
  virtual void expire_watches() = 0;
};

std::unique_ptr<Target> make_simulated_target();
/// `assets`: a folder with etcd and kube-apiserver.
std::unique_ptr<Target> make_real_target(const std::string& assets);

}  // namespace quartermaster::bench
