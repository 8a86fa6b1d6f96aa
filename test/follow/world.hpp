// Where a followed log comes from: a pod with numbered lines, behind an API server that can be killed and connections
// that can be cut.
#pragma once

#include <memory>
#include <string>

#include "test/apisim/log_store.hpp"

namespace quartermaster::follow {

class World {
 public:
  virtual ~World() = default;

  /// With which the service goes through connections that can be cut.
  virtual std::string kubeconfig() const = 0;
  virtual apisim::LogStore& logs() = 0;
  virtual apisim::ContainerId container() const = 0;
  /// The pod's status from now on.
  virtual void show(int restarts, bool finished) = 0;
  /// All connections to the API server.
  virtual void cut() = 0;
  /// Those of the kubelet with the API server: to who reads, the log has come to its end.
  virtual void cut_kubelet() = 0;
  virtual void kill_api_server() = 0;
  virtual void start_api_server() = 0;
};

std::unique_ptr<World> make_simulated_world();
/// With etcd and kube-apiserver from this folder, and a stand-in for the kubelet.
std::unique_ptr<World> make_real_world(const std::string& assets);

}  // namespace quartermaster::follow
