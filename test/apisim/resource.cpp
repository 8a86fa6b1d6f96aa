#include "test/apisim/resource.hpp"

#include <algorithm>

namespace quartermaster::apisim {
namespace {

const std::vector<ResourceType> kTypes = {
    {.version = "v1", .plural = "configmaps", .kind = "ConfigMap", .short_names = {"cm"}},
    {.version = "v1", .plural = "events", .kind = "Event", .short_names = {"ev"}},
    {.version = "v1", .plural = "limitranges", .kind = "LimitRange", .short_names = {"limits"}},
    {.version = "v1",
     .plural = "namespaces",
     .kind = "Namespace",
     .short_names = {"ns"},
     .namespaced = false,
     .has_status = true},
    {.version = "v1",
     .plural = "nodes",
     .kind = "Node",
     .short_names = {"no"},
     .namespaced = false,
     .has_status = true},
    {.version = "v1",
     .plural = "persistentvolumeclaims",
     .kind = "PersistentVolumeClaim",
     .short_names = {"pvc"},
     .has_status = true,
     .returns_deleted = true},
    {.version = "v1",
     .plural = "persistentvolumes",
     .kind = "PersistentVolume",
     .short_names = {"pv"},
     .namespaced = false,
     .has_status = true,
     .returns_deleted = true},
    {.version = "v1",
     .plural = "pods",
     .kind = "Pod",
     .short_names = {"po"},
     .has_status = true,
     .returns_deleted = true},
    {.version = "v1",
     .plural = "resourcequotas",
     .kind = "ResourceQuota",
     .short_names = {"quota"},
     .has_status = true,
     .returns_deleted = true},
    {.version = "v1", .plural = "secrets", .kind = "Secret"},
    {.version = "v1",
     .plural = "serviceaccounts",
     .kind = "ServiceAccount",
     .short_names = {"sa"},
     .returns_deleted = true},
    {.version = "v1", .plural = "services", .kind = "Service", .short_names = {"svc"}, .has_status = true},
    {.group = "apps",
     .version = "v1",
     .plural = "daemonsets",
     .kind = "DaemonSet",
     .short_names = {"ds"},
     .has_status = true,
     .has_generation = true},
    {.group = "apps",
     .version = "v1",
     .plural = "deployments",
     .kind = "Deployment",
     .short_names = {"deploy"},
     .has_status = true,
     .has_generation = true},
    {.group = "apps",
     .version = "v1",
     .plural = "replicasets",
     .kind = "ReplicaSet",
     .short_names = {"rs"},
     .has_status = true,
     .has_generation = true},
    {.group = "apps",
     .version = "v1",
     .plural = "statefulsets",
     .kind = "StatefulSet",
     .short_names = {"sts"},
     .has_status = true,
     .has_generation = true},
    {.group = "authentication.k8s.io",
     .version = "v1",
     .plural = "tokenreviews",
     .kind = "TokenReview",
     .namespaced = false,
     .review = true},
    {.group = "authorization.k8s.io",
     .version = "v1",
     .plural = "selfsubjectaccessreviews",
     .kind = "SelfSubjectAccessReview",
     .namespaced = false,
     .review = true},
    {.group = "authorization.k8s.io",
     .version = "v1",
     .plural = "subjectaccessreviews",
     .kind = "SubjectAccessReview",
     .namespaced = false,
     .review = true},
    {.group = "events.k8s.io",
     .version = "v1",
     .plural = "events",
     .kind = "Event",
     .short_names = {"ev"},
     .stored_as = "v1"},
    {.group = "batch", .version = "v1", .plural = "jobs", .kind = "Job", .has_status = true},
    {.group = "networking.k8s.io",
     .version = "v1",
     .plural = "ingresses",
     .kind = "Ingress",
     .short_names = {"ing"},
     .has_status = true,
     .has_generation = true},
    {.group = "networking.k8s.io",
     .version = "v1",
     .plural = "networkpolicies",
     .kind = "NetworkPolicy",
     .short_names = {"netpol"},
     .has_generation = true},
    {.group = "rbac.authorization.k8s.io", .version = "v1", .plural = "rolebindings", .kind = "RoleBinding"},
    {.group = "policy",
     .version = "v1beta1",
     .plural = "poddisruptionbudgets",
     .kind = "PodDisruptionBudget",
     .short_names = {"pdb"},
     .has_status = true,
     .has_generation = true},
    {.group = "storage.k8s.io",
     .version = "v1",
     .plural = "storageclasses",
     .kind = "StorageClass",
     .short_names = {"sc"},
     .namespaced = false,
     .returns_deleted = true},
};

template <class Predicate>
const ResourceType* find_type(Predicate predicate) {
  const auto found = std::ranges::find_if(kTypes, predicate);
  return found == kTypes.end() ? nullptr : &*found;
}

}  // namespace

std::string ResourceType::api_version() const {
  return group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
}

std::string ResourceType::resource_name() const {
  return group.empty() ? std::string(plural) : std::string(plural) + "." + std::string(group);
}

std::string ResourceType::kind_name() const {
  return group.empty() ? std::string(kind) : std::string(kind) + "." + std::string(group);
}

std::string ResourceType::singular() const {
  std::string name(kind);
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

std::string ResourceType::root_path() const { return (group.empty() ? "/api/" : "/apis/") + api_version(); }

std::span<const ResourceType> resource_types() { return kTypes; }

const ResourceType* find_resource(std::string_view group, std::string_view version, std::string_view plural) {
  return find_type(
      [&](const ResourceType& t) { return t.group == group && t.version == version && t.plural == plural; });
}

const ResourceType* find_kind(std::string_view api_version, std::string_view kind) {
  return find_type([&](const ResourceType& t) { return t.kind == kind && t.api_version() == api_version; });
}

const ResourceType* find_kind(std::string_view kind) {
  return find_type([&](const ResourceType& t) { return t.kind == kind; });
}

const ResourceType& storage_of(const ResourceType& type) {
  return type.stored_as.empty() ? type : *find_kind(type.stored_as, type.kind);
}

}  // namespace quartermaster::apisim
