// The cluster behind the service under test: the simulated one, or a real control plane. The cases know nothing else
// about it, so that what the simulation gets wrong is found.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "test/apisim/log_store.hpp"
#include "test/support/http_client.hpp"
#include "test/support/json.hpp"

namespace quartermaster::test {

class Cluster {
 public:
  virtual ~Cluster() = default;

  /// "simulated", "real".
  virtual std::string name() const = 0;
  /// A kubeconfig with which everything is allowed. YAML.
  virtual std::string kubeconfig() const = 0;
  /// The same with the user "nobody", who may do nothing.
  virtual std::string powerless_kubeconfig() const = 0;
  /// Whether deleted namespaces are finished, quotas get their status and deployments get their pods.
  virtual bool has_controllers() const = 0;
  /// The name of a node that answers for the logs of the pods that are bound to it.
  virtual std::string node() const = 0;
  /// What the containers of pods on that node have written.
  virtual apisim::LogStore& logs() = 0;
  /// What that node answers from now on when it is asked for its statistics (/stats/summary).
  virtual void set_node_stats(std::string summary) = 0;

  /// A request straight to the API server, as an administrator.
  HttpAnswer raw(const std::string& method, const std::string& path, const std::string& body = {},
                 const std::string& content_type = "application/json") const;

  // The same, where it has to work: these throw with the API server's answer if it does not.
  json::value create(const std::string& collection, const json::value& object) const;
  json::value get(const std::string& path) const;
  /// A JSON merge patch.
  json::value patch(const std::string& path, const json::value& change) const;
  /// Deletes; what is not there is fine.
  void remove(const std::string& path) const;
  bool exists(const std::string& path) const;

 protected:
  virtual Endpoint api() const = 0;
  virtual std::string token() const = 0;
};

/// In this process, on a thread of its own.
std::unique_ptr<Cluster> make_simulated_cluster();

/// etcd, kube-apiserver and, if it is there, kube-controller-manager from the folder `assets`, as child processes on
/// loopback with data and certificates of their own. Throws std::runtime_error with the end of the log that says why.
std::unique_ptr<Cluster> make_real_cluster(const std::string& assets);

}  // namespace quartermaster::test
