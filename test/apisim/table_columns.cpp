// The columns of each kind.
#include <map>

#include "model/timestamp.hpp"
#include "test/apisim/table.hpp"

namespace quartermaster::apisim {
namespace {

using Object = const json::object&;

std::string age_since(std::string_view time) {
  const auto parsed = parse_timestamp(time);
  if (!parsed) return "<unknown>";
  return short_age(std::chrono::system_clock::now() - *parsed);
}

json::value str(std::string_view text) { return json::string(text); }
json::value or_none(std::string_view text) { return str(text.empty() ? "<none>" : text); }

json::value age(Object o) { return str(age_since(text(o, {"metadata", "creationTimestamp"}))); }

Column column(std::string_view name, Path path, int priority = 0) {
  const std::vector<std::string> copy(path.begin(), path.end());
  return {name,
          [copy](Object o) -> json::value {
            const json::value* at = nullptr;
            const auto* inside = &o;
            for (const auto& key : copy) {
              at = inside == nullptr ? nullptr : inside->if_contains(key);
              inside = at == nullptr ? nullptr : at->if_object();
            }
            return at == nullptr ? str("") : *at;
          },
          priority};
}

Column number(std::string_view name, Path path, int priority = 0) {
  auto result = column(name, path, priority);
  result.cell = [inner = result.cell](Object o) {
    auto value = inner(o);
    return value.is_string() ? json::value(0) : value;
  };
  result.type = "integer";
  return result;
}

std::size_t size_of(Object o, Path path) {
  const auto* value = find(o, path);
  if (value == nullptr) return 0;
  return value->is_object() ? value->get_object().size() : value->is_array() ? value->get_array().size() : 0;
}

std::vector<const json::object*> objects_at(Object o, Path path) {
  std::vector<const json::object*> result;
  if (const auto* list = find_array(o, path)) {
    for (const auto& item : *list) {
      if (item.is_object()) result.push_back(&item.get_object());
    }
  }
  return result;
}

/// kubectl's word for a pod's state: printPod.
std::string pod_status(Object pod) {
  std::string reason(text(pod, {"status", "reason"}));
  if (reason.empty()) reason = text(pod, {"status", "phase"});
  bool initializing = false;
  const auto inits = objects_at(pod, {"status", "initContainerStatuses"});
  for (std::size_t i = 0; i < inits.size() && !initializing; ++i) {
    const auto& status = *inits[i];
    const auto* ended = find_object(status, {"state", "terminated"});
    if (ended != nullptr && integer(*ended, {"exitCode"}) == 0) continue;
    initializing = true;
    const auto waiting = text(status, {"state", "waiting", "reason"});
    if (ended != nullptr) {
      reason = "Init:" + std::string(text(*ended, {"reason"}).empty() ? "Error" : text(*ended, {"reason"}));
    } else if (!waiting.empty() && waiting != "PodInitializing") {
      reason = "Init:" + std::string(waiting);
    } else {
      reason = "Init:" + std::to_string(i) + "/" + std::to_string(size_of(pod, {"spec", "initContainers"}));
    }
  }
  if (!initializing) {
    const auto statuses = objects_at(pod, {"status", "containerStatuses"});
    for (auto it = statuses.rbegin(); it != statuses.rend(); ++it) {
      if (const auto waiting = text(**it, {"state", "waiting", "reason"}); !waiting.empty()) {
        reason = waiting;
      } else if (const auto* ended = find_object(**it, {"state", "terminated"})) {
        reason = text(*ended, {"reason"});
        if (reason.empty()) reason = "ExitCode:" + std::to_string(integer(*ended, {"exitCode"}));
      }
    }
  }
  return is_terminating(pod) ? "Terminating" : reason;
}

json::value pod_ready(Object pod) {
  std::size_t ready = 0;
  for (const auto* status : objects_at(pod, {"status", "containerStatuses"}))
    ready += boolean(*status, {"ready"}) ? 1 : 0;
  return str(std::to_string(ready) + "/" + std::to_string(size_of(pod, {"spec", "containers"})));
}

json::value pod_restarts(Object pod) {
  std::int64_t restarts = 0;
  for (const auto* status : objects_at(pod, {"status", "containerStatuses"}))
    restarts += integer(*status, {"restartCount"});
  return restarts;
}

json::value access_modes(Object o, Path path) {
  std::string result;
  if (const auto* modes = find_array(o, path)) {
    for (const auto& mode : *modes) {
      if (!mode.is_string()) continue;
      const auto& name = mode.get_string();
      const std::string_view shown = name == "ReadWriteOnce" ? "RWO" : name == "ReadOnlyMany" ? "ROX" : "RWX";
      result.append(result.empty() ? "" : ",").append(shown);
    }
  }
  return str(result);
}

json::value phase(Object o) { return str(is_terminating(o) ? "Terminating" : text(o, {"status", "phase"})); }

json::value class_name(Object o) {
  const auto annotated = text(o, {"metadata", "annotations", "volume.beta.kubernetes.io/storage-class"});
  return str(annotated.empty() ? text(o, {"spec", "storageClassName"}) : annotated);
}

json::value selector(Object o, Path path) {
  std::string result;
  for (const auto& [key, value] : string_map(find_object(o, path))) {
    result.append(result.empty() ? "" : ",").append(key).append("=").append(value);
  }
  return or_none(result);
}

json::value container_list(Object o, std::string_view member) {
  std::string result;
  for (const auto* container : objects_at(o, {"spec", "template", "spec", "containers"})) {
    result.append(result.empty() ? "" : ",").append(text(*container, {member}));
  }
  return str(result);
}

json::value quota_side(Object o, bool limits) {
  std::string result;
  for (const auto& [key, hard] : string_map(find_object(o, {"spec", "hard"}))) {
    if (key.starts_with("limits") != limits) continue;
    result.append(result.empty() ? "" : ", ").append(key).append(": ");
    result.append(text(o, {"status", "used", key})).append("/").append(hard);
  }
  return str(result);
}

json::value class_title(Object o) {
  std::string name(name_of(o));
  const auto annotations = string_map(find_object(o, {"metadata", "annotations"}));
  for (const auto* key :
       {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"}) {
    const auto found = annotations.find(key);
    if (found != annotations.end() && found->second == "true") return str(name + " (default)");
  }
  return str(name);
}

json::value event_object(Object o) {
  std::string kind(text(o, {"involvedObject", "kind"}));
  for (auto& c : kind) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return str(kind + "/" + std::string(text(o, {"involvedObject", "name"})));
}

json::value event_time(Object o, Path path) {
  auto time = text(o, path);
  if (time.empty()) time = text(o, {"eventTime"});
  return str(age_since(time));
}

json::value service_ports(Object o) {
  std::string result;
  for (const auto* port : objects_at(o, {"spec", "ports"})) {
    result.append(result.empty() ? "" : ",")
        .append(std::to_string(integer(*port, {"port"})))
        .append("/")
        .append(text(*port, {"protocol"}));
  }
  return str(result);
}

json::value ready_of(Object o, Path wanted) {
  return str(std::to_string(integer(o, {"status", "readyReplicas"})) + "/" + std::to_string(integer(o, wanted)));
}

json::value node_status(Object o) {
  for (const auto* condition : objects_at(o, {"status", "conditions"})) {
    if (text(*condition, {"type"}) == "Ready")
      return str(text(*condition, {"status"}) == "True" ? "Ready" : "NotReady");
  }
  return str("Unknown");
}

using Columns = std::vector<Column>;

const Column kName = column("Name", {"metadata", "name"});
const Column kAge = {"Age", age};

Columns pod_columns() {
  return {kName,
          {"Ready", pod_ready},
          {"Status", [](Object o) { return str(pod_status(o)); }},
          {"Restarts", pod_restarts, 0, "integer"},
          kAge,
          {"IP",
           [](Object o) {
             return or_none(text(o, {"status", "podIP"}));
           },
           1},
          {"Node",
           [](Object o) {
             return or_none(text(o, {"spec", "nodeName"}));
           },
           1},
          {"Nominated Node",
           [](Object o) {
             return or_none(text(o, {"status", "nominatedNodeName"}));
           },
           1},
          {"Readiness Gates", [](Object) { return str("<none>"); }, 1}};
}

Columns workload_columns() {
  return {kName,
          {"Ready",
           [](Object o) {
             return ready_of(o, {"spec", "replicas"});
           }},
          kAge,
          {"Containers", [](Object o) { return container_list(o, "name"); }, 1},
          {"Images", [](Object o) { return container_list(o, "image"); }, 1}};
}

Columns deployment_columns() {
  auto columns = workload_columns();
  columns.insert(columns.begin() + 2, {number("Up-to-date", {"status", "updatedReplicas"}),
                                       number("Available", {"status", "availableReplicas"})});
  columns.push_back({"Selector", [](Object o) { return selector(o, {"spec", "selector", "matchLabels"}); }, 1});
  return columns;
}

Columns event_columns() {
  return {{"Last Seen", [](Object o) { return event_time(o, {"lastTimestamp"}); }},
          column("Type", {"type"}),
          column("Reason", {"reason"}),
          {"Object", event_object},
          column("Subobject", {"involvedObject", "fieldPath"}, 1),
          column("Source", {"source", "component"}, 1),
          column("Message", {"message"}),
          {"First Seen", [](Object o) { return event_time(o, {"firstTimestamp"}); }, 1},
          number("Count", {"count"}, 1),
          column("Name", {"metadata", "name"}, 1)};
}

std::map<std::string_view, Columns> all_columns() {
  std::map<std::string_view, Columns> all;
  all["Pod"] = pod_columns();
  all["PersistentVolumeClaim"] = {kName,
                                  {"Status", phase},
                                  column("Volume", {"spec", "volumeName"}),
                                  column("Capacity", {"status", "capacity", "storage"}),
                                  {"Access Modes",
                                   [](Object o) {
                                     return access_modes(o, {"status", "accessModes"});
                                   }},
                                  {"StorageClass", class_name},
                                  kAge,
                                  column("VolumeMode", {"spec", "volumeMode"}, 1)};
  all["PersistentVolume"] = {
      kName,
      column("Capacity", {"spec", "capacity", "storage"}),
      {"Access Modes",
       [](Object o) {
         return access_modes(o, {"spec", "accessModes"});
       }},
      column("Reclaim Policy", {"spec", "persistentVolumeReclaimPolicy"}),
      {"Status", phase},
      {"Claim",
       [](Object o) {
         const auto name = text(o, {"spec", "claimRef", "name"});
         return str(name.empty() ? "" : Store::key(text(o, {"spec", "claimRef", "namespace"}), name));
       }},
      {"StorageClass", class_name},
      column("Reason", {"status", "reason"}),
      kAge,
      column("VolumeMode", {"spec", "volumeMode"}, 1)};
  all["Secret"] = {kName,
                   column("Type", {"type"}),
                   {"Data", [](Object o) { return json::value(size_of(o, {"data"})); }, 0, "integer"},
                   kAge};
  all["ConfigMap"] = {kName, {"Data", [](Object o) { return json::value(size_of(o, {"data"})); }, 0, "integer"}, kAge};
  all["Namespace"] = {kName, column("Status", {"status", "phase"}), kAge};
  all["ServiceAccount"] = {
      kName, {"Secrets", [](Object o) { return json::value(size_of(o, {"secrets"})); }, 0, "integer"}, kAge};
  all["Node"] = {kName,
                 {"Status", node_status},
                 {"Roles", [](Object) { return str("<none>"); }},
                 kAge,
                 column("Version", {"status", "nodeInfo", "kubeletVersion"})};
  all["StorageClass"] = {{"Name", class_title},
                         column("Provisioner", {"provisioner"}),
                         column("ReclaimPolicy", {"reclaimPolicy"}),
                         column("VolumeBindingMode", {"volumeBindingMode"}),
                         {"AllowVolumeExpansion",
                          [](Object o) { return json::value(boolean(o, {"allowVolumeExpansion"})); }, 0, "boolean"},
                         kAge};
  all["ResourceQuota"] = {kName,
                          kAge,
                          {"Request", [](Object o) { return quota_side(o, false); }},
                          {"Limit", [](Object o) { return quota_side(o, true); }}};
  all["LimitRange"] = {kName, column("Created At", {"metadata", "creationTimestamp"})};
  all["Event"] = event_columns();
  all["Service"] = {kName,
                    column("Type", {"spec", "type"}),
                    column("Cluster-IP", {"spec", "clusterIP"}),
                    {"External-IP", [](Object) { return str("<none>"); }},
                    {"Port(s)", service_ports},
                    kAge,
                    {"Selector",
                     [](Object o) {
                       return selector(o, {"spec", "selector"});
                     },
                     1}};
  all["Deployment"] = deployment_columns();
  all["StatefulSet"] = workload_columns();
  all["ReplicaSet"] = {kName, number("Desired", {"spec", "replicas"}), number("Current", {"status", "replicas"}),
                       number("Ready", {"status", "readyReplicas"}), kAge};
  all["DaemonSet"] = {kName,
                      number("Desired", {"status", "desiredNumberScheduled"}),
                      number("Current", {"status", "currentNumberScheduled"}),
                      number("Ready", {"status", "numberReady"}),
                      number("Up-to-date", {"status", "updatedNumberScheduled"}),
                      number("Available", {"status", "numberAvailable"}),
                      kAge};
  return all;
}

}  // namespace

const std::vector<Column>& columns_of(std::string_view kind) {
  static const auto all = all_columns();
  static const Columns plain = {kName, kAge};
  const auto found = all.find(kind);
  return found == all.end() ? plain : found->second;
}

}  // namespace quartermaster::apisim
