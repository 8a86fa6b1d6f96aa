#include "test/contract/objects.hpp"

#include <map>
#include <stdexcept>

#include "test/support/names.hpp"

namespace quartermaster::test {

namespace {

struct KindName {
  std::string api_version;
  std::string kind;
};

const KindName& kind_of(const std::string& plural) {
  static const std::map<std::string, KindName> kinds = {
      {"pods", {"v1", "Pod"}},
      {"events", {"v1", "Event"}},
      {"secrets", {"v1", "Secret"}},
      {"persistentvolumeclaims", {"v1", "PersistentVolumeClaim"}},
      {"resourcequotas", {"v1", "ResourceQuota"}},
      {"limitranges", {"v1", "LimitRange"}},
      {"statefulsets", {"apps/v1", "StatefulSet"}},
      {"deployments", {"apps/v1", "Deployment"}},
      {"replicasets", {"apps/v1", "ReplicaSet"}},
      {"daemonsets", {"apps/v1", "DaemonSet"}},
      {"jobs", {"batch/v1", "Job"}},
      {"ingresses", {"networking.k8s.io/v1", "Ingress"}},
      {"serviceaccounts", {"v1", "ServiceAccount"}},
      {"networkpolicies", {"networking.k8s.io/v1", "NetworkPolicy"}},
      {"rolebindings", {"rbac.authorization.k8s.io/v1", "RoleBinding"}},
      {"poddisruptionbudgets", {"policy/v1beta1", "PodDisruptionBudget"}},
  };
  return kinds.at(plural);
}

}  // namespace

std::string namespace_path(const std::string& name) { return "/api/v1/namespaces/" + name; }

std::string object_path(const std::string& ns, const std::string& plural, const std::string& name) {
  const std::string& version = kind_of(plural).api_version;
  return (version == "v1" ? "/api/v1" : "/apis/" + version) + "/namespaces/" + ns + "/" + plural +
         (name.empty() ? "" : "/" + name);
}

Namespace::Namespace(Cluster& cluster, const json::object& labels) : cluster_(cluster), name_(unique_name("case")) {
  cluster_.create("/api/v1/namespaces",
                  {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name_}, {"labels", labels}}}});
}

Namespace::~Namespace() {
  try {
    cluster_.raw("DELETE", namespace_path(name_));
  } catch (const std::exception&) {
    // The cluster may have been taken away; then the namespace has gone, too.
  }
}

json::value Namespace::create(const std::string& plural, json::object object) const {
  object["apiVersion"] = kind_of(plural).api_version;
  object["kind"] = kind_of(plural).kind;
  const bool held = object["metadata"].as_object().contains("finalizers");
  json::value stored = cluster_.create(path(plural), object);
  if (held || find(stored, "/metadata/finalizers") == nullptr) return stored;
  // The API server's own, which only a controller would take away: a delete is to be one.
  return cluster_.patch(path(plural, text_at(stored, "/metadata/name")), {{"metadata", {{"finalizers", nullptr}}}});
}

json::object merged(json::object base, const json::object& extra) {
  for (const auto& [key, value] : extra) {
    json::value& target = base[key];
    target =
        target.is_object() && value.is_object() ? json::value(merged(target.as_object(), value.as_object())) : value;
  }
  return base;
}

json::object pod(const std::string& name, const std::vector<std::string>& containers, const json::object& extra) {
  json::array all;
  for (const std::string& container : containers) {
    all.push_back({{"name", container}, {"image", "registry.example/" + container + ":1"}});
  }
  return merged({{"metadata", {{"name", name}}}, {"spec", {{"containers", all}}}}, extra);
}

json::object claim(const std::string& name, const json::object& extra) {
  return merged({{"metadata", {{"name", name}}},
                 {"spec",
                  {{"accessModes", {"ReadWriteOnce"}},
                   {"storageClassName", "manual"},
                   {"resources", {{"requests", {{"storage", "8Gi"}}}}}}}},
                extra);
}

json::object stateful_set(const std::string& name, const std::vector<std::string>& claim_templates, int replicas) {
  json::array templates;
  for (const std::string& each : claim_templates) templates.push_back(claim(each));
  const json::object labels = {{"app", name}};
  return {{"metadata", {{"name", name}}},
          {"spec",
           {{"replicas", replicas},
            {"serviceName", name},
            {"selector", {{"matchLabels", labels}}},
            {"template",
             {{"metadata", {{"labels", labels}}},
              {"spec", {{"containers", {{{"name", "main"}, {"image", "registry.example/main:1"}}}}}}}},
            {"volumeClaimTemplates", templates}}}};
}

json::object persistent_volume(const std::string& name, const std::string& reclaim_policy, const json::value& claim) {
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolume"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"capacity", {{"storage", "8Gi"}}},
            {"accessModes", {"ReadWriteOnce"}},
            {"storageClassName", "manual"},
            {"persistentVolumeReclaimPolicy", reclaim_policy},
            {"hostPath", {{"path", "/tmp/" + name}}},
            {"claimRef",
             {{"kind", "PersistentVolumeClaim"},
              {"apiVersion", "v1"},
              {"namespace", text_at(claim, "/metadata/namespace")},
              {"name", text_at(claim, "/metadata/name")},
              {"uid", text_at(claim, "/metadata/uid")}}}}}};
}

json::object storage_class(const std::string& name, const json::object& extra) {
  return merged({{"apiVersion", "storage.k8s.io/v1"},
                 {"kind", "StorageClass"},
                 {"metadata", {{"name", name}}},
                 {"provisioner", "example.com/none"}},
                extra);
}

json::object owner_reference(const json::value& owner, const std::string& api_version, const std::string& kind) {
  return {{"apiVersion", api_version},
          {"kind", kind},
          {"name", text_at(owner, "/metadata/name")},
          {"uid", text_at(owner, "/metadata/uid")},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

void create_pod_of(Cluster& cluster, const Namespace& ns, const json::value& owner, const std::string& name,
                   const json::object& spec) {
  const auto reference = owner_reference(owner, text_at(owner, "/apiVersion"), text_at(owner, "/kind"));
  const json::object labels = {{"app", text_at(owner, "/metadata/name")}};
  const json::object pod = {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", name}, {"labels", labels}, {"ownerReferences", json::array{reference}}}},
      {"spec", spec}};
  const HttpAnswer answer = cluster.raw("POST", ns.path("pods"), print(pod));
  if (answer.status != 201 && answer.status != 409) throw std::runtime_error(answer.body);
}

json::value create_running_pod(Cluster& cluster, const Namespace& ns, const std::string& name,
                               const std::vector<std::string>& containers, const json::object& extra) {
  ns.create("pods", merged(pod(name, containers, {{"spec", {{"nodeName", cluster.node()}}}}), extra));
  json::array statuses;
  for (const std::string& container : containers) {
    cluster.logs().open({ns.name(), name, container});
    statuses.push_back(running_container(container));
  }
  return set_status(cluster, ns.path("pods", name),
                    {{"phase", "Running"},
                     {"conditions",
                      {{{"type", "Initialized"}, {"status", "True"}},
                       {{"type", "Ready"}, {"status", "True"}},
                       {{"type", "ContainersReady"}, {"status", "True"}},
                       {{"type", "PodScheduled"}, {"status", "True"}}}},
                     {"hostIP", "127.0.0.1"},
                     {"podIP", "10.1.2.3"},
                     {"podIPs", {{{"ip", "10.1.2.3"}}}},
                     {"startTime", "2024-05-06T07:08:09Z"},
                     {"containerStatuses", statuses}});
}

json::object running_container(const std::string& name, bool ready) {
  return {{"name", name},
          {"image", "registry.example/" + name + ":1"},
          {"imageID", "registry.example/" + name + "@sha256:0"},
          {"containerID", "containerd://0"},
          {"ready", ready},
          {"started", true},
          {"restartCount", 0},
          {"lastState", json::object{}},
          {"state", {{"running", {{"startedAt", "2024-05-06T07:08:10Z"}}}}}};
}

void restart_container(Cluster& cluster, const Namespace& ns, const std::string& pod, int restarts) {
  cluster.logs().restart({ns.name(), pod, "main"});
  show_restarts(cluster, ns.path("pods", pod), restarts);
}

void show_restarts(Cluster& cluster, const std::string& path, int restarts, bool finished) {
  json::object status = running_container("main", !finished);
  const auto ended = [](int instance) {
    return json::object{{"terminated", {{"exitCode", 1}, {"containerID", "containerd://" + std::to_string(instance)}}}};
  };
  status["restartCount"] = restarts;
  status["containerID"] = "containerd://" + std::to_string(restarts);
  if (restarts > 0) status["lastState"] = ended(restarts - 1);
  if (finished) {
    status["state"] = ended(restarts);
    status["started"] = false;
  }
  set_status(cluster, path, {{"phase", finished ? "Failed" : "Running"}, {"containerStatuses", json::array{status}}});
}

json::value set_status(Cluster& cluster, const std::string& path, const json::object& status) {
  return cluster.patch(path + "/status", {{"status", status}});
}

json::object event(const std::string& name, const std::string& kind, const json::value& object,
                   const json::object& extra) {
  return merged({{"metadata", {{"name", name}}},
                 {"involvedObject",
                  {{"apiVersion", "v1"},
                   {"kind", kind},
                   {"namespace", text_at(object, "/metadata/namespace")},
                   {"name", text_at(object, "/metadata/name")},
                   {"uid", text_at(object, "/metadata/uid")}}},
                 {"type", "Normal"},
                 {"reason", "Tested"},
                 {"message", "the test suite looked at it"},
                 {"source", {{"component", "suite"}}},
                 {"firstTimestamp", "2024-01-02T03:04:05Z"},
                 {"lastTimestamp", "2024-01-02T03:04:05Z"},
                 {"count", 1}},
                extra);
}

}  // namespace quartermaster::test
