// The kinds of the API server that the service knows: the one list from which paths, caches, metrics labels and RBAC
// follow.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/record.hpp"

namespace quartermaster::model {

enum class Kind {
  pod,
  event,
  pvc,
  secret,
  storage_class,
  namespace_,
  resource_quota,
  limit_range,
  stateful_set,
  persistent_volume,
  node,
  deployment,
  replica_set,
  daemon_set,
  service_account,
  ingress,
  network_policy,
  role_binding,
  cluster_role,
};

struct KindInfo {
  Kind kind;
  std::string_view group;  // "" is the core group
  std::string_view version;
  std::string_view resource;  // plural, as in paths and RBAC rules
  std::string_view name;      // as in the kind field
  bool namespaced;
  Record (*record)(json::Value raw);  // what a list+watch cache keeps of an object; null: the kind is not cached
};

inline constexpr std::array<KindInfo, 19> kKinds{{
    {Kind::pod, "", "v1", "pods", "Pod", true, pod_record},
    {Kind::event, "", "v1", "events", "Event", true, nullptr},
    {Kind::pvc, "", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, pvc_record},
    {Kind::secret, "", "v1", "secrets", "Secret", true, nullptr},
    {Kind::storage_class, "storage.k8s.io", "v1", "storageclasses", "StorageClass", false, storage_class_record},
    {Kind::namespace_, "", "v1", "namespaces", "Namespace", false, namespace_record},
    {Kind::resource_quota, "", "v1", "resourcequotas", "ResourceQuota", true, resource_quota_record},
    {Kind::limit_range, "", "v1", "limitranges", "LimitRange", true, nullptr},
    {Kind::stateful_set, "apps", "v1", "statefulsets", "StatefulSet", true, stateful_set_record},
    {Kind::persistent_volume, "", "v1", "persistentvolumes", "PersistentVolume", false, nullptr},
    {Kind::node, "", "v1", "nodes", "Node", false, nullptr},
    {Kind::deployment, "apps", "v1", "deployments", "Deployment", true, nullptr},
    {Kind::replica_set, "apps", "v1", "replicasets", "ReplicaSet", true, nullptr},
    {Kind::daemon_set, "apps", "v1", "daemonsets", "DaemonSet", true, nullptr},
    {Kind::service_account, "", "v1", "serviceaccounts", "ServiceAccount", true, nullptr},
    {Kind::ingress, "networking.k8s.io", "v1", "ingresses", "Ingress", true, nullptr},
    {Kind::network_policy, "networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true, nullptr},
    {Kind::role_binding, "rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true, nullptr},
    {Kind::cluster_role, "rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false, nullptr},
}};

const KindInfo& info(Kind kind);

/// "v1", "apps/v1": the apiVersion field.
std::string api_version(Kind kind);

/// The REST path of a kind's objects: "/api/v1/namespaces/demo/pods", "/apis/storage.k8s.io/v1/storageclasses". An
/// empty `ns` means all namespaces; kinds that are not namespaced ignore it. Names go in as they are: check them first
/// (names.hpp).
std::string collection_path(Kind kind, std::string_view ns = {});
std::string object_path(Kind kind, std::string_view ns, std::string_view name);

}  // namespace quartermaster::model
