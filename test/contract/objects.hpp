// Kubernetes objects for the cases, made by the API server's own API.
#pragma once

#include <string>
#include <vector>

#include "test/contract/cluster.hpp"
#include "test/support/json.hpp"

namespace quartermaster::test {

std::string namespace_path(const std::string& name);
/// "/api/v1/namespaces/<ns>/<plural>[/<name>]", or of the group that the kind is of: "/apis/apps/v1/...".
std::string object_path(const std::string& ns, const std::string& plural, const std::string& name = {});

/// A namespace of a case's own, deleted at the end.
class Namespace {
 public:
  explicit Namespace(Cluster& cluster, const json::object& labels = {});
  /// Takes care of one that is made by somebody else.
  Namespace(Cluster& cluster, std::string name) : cluster_(cluster), name_(std::move(name)) {}
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;
  ~Namespace();

  const std::string& name() const { return name_; }
  std::string path(const std::string& plural, const std::string& object = {}) const {
    return object_path(name_, plural, object);
  }
  /// Creates an object of the kind in here; `object` needs a metadata.name, apiVersion and kind are added. As stored.
  json::value create(const std::string& plural, json::object object) const;

 private:
  Cluster& cluster_;
  std::string name_;
};

// Building blocks. `extra` is merged into the object, deeply, and wins.
json::object merged(json::object base, const json::object& extra);
json::object pod(const std::string& name, const std::vector<std::string>& containers = {"main"},
                 const json::object& extra = {});
json::object claim(const std::string& name, const json::object& extra = {});
json::object stateful_set(const std::string& name, const std::vector<std::string>& claim_templates, int replicas);
/// Bound to a stored claim, which names it in its spec.volumeName.
json::object persistent_volume(const std::string& name, const std::string& reclaim_policy, const json::value& claim);
json::object storage_class(const std::string& name, const json::object& extra = {});
json::object owner_reference(const json::value& owner, const std::string& api_version, const std::string& kind);

/// A pod of a workload, as stored, unless its controller, where there is one, is faster.
void create_pod_of(Cluster& cluster, const Namespace& ns, const json::value& owner, const std::string& name,
                   const json::object& spec);

/// A pod that runs on the cluster's node, its containers ready, with logs open for writing. As stored.
json::value create_running_pod(Cluster& cluster, const Namespace& ns, const std::string& name,
                               const std::vector<std::string>& containers = {"main"}, const json::object& extra = {});
/// {"name": ..., "ready": true, "restartCount": 0, "state": {"running": ...}, "image": ...}
json::object running_container(const std::string& name, bool ready = true);
/// Starts the pod's only container again: its log begins anew, and its status says so for the n-th time.
void restart_container(Cluster& cluster, const Namespace& ns, const std::string& pod, int restarts);
/// Its status alone; "finished" is the end of the pod, too.
void show_restarts(Cluster& cluster, const std::string& path, int restarts, bool finished = false);
/// Merges into the object's status.
json::value set_status(Cluster& cluster, const std::string& path, const json::object& status);

/// An event of the older kind about `object`, a stored object.
json::object event(const std::string& name, const std::string& kind, const json::value& object,
                   const json::object& extra = {});

}  // namespace quartermaster::test
