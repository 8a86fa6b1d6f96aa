#include "test/apisim/defaults.hpp"

#include <algorithm>

#include "model/base64.hpp"
#include "model/quantity.hpp"

namespace quartermaster::apisim {
namespace {

void default_container(json::value& value, bool requests_from_limits) {
  if (!value.is_object()) return;
  auto& container = value.get_object();
  set_default(container, "resources", json::object());
  set_default(container, "terminationMessagePath", "/dev/termination-log");
  set_default(container, "terminationMessagePolicy", "File");
  const auto image = text(container, {"image"});
  const auto name = image.substr(image.rfind('/') + 1);
  const bool latest = name.find('@') == std::string_view::npos &&
                      (name.find(':') == std::string_view::npos || name.ends_with(":latest"));
  set_default(container, "imagePullPolicy", latest ? "Always" : "IfNotPresent");
  if (auto* ports = find(container, {"ports"}); ports != nullptr && ports->is_array()) {
    for (auto& port : ports->get_array()) {
      if (port.is_object()) set_default(port.get_object(), "protocol", "TCP");
    }
  }
  const auto* limits = find_object(container, {"resources", "limits"});
  if (requests_from_limits && limits != nullptr) {
    const auto copy = *limits;
    auto& requests = make_object(container, {"resources", "requests"});
    for (const auto& [key, limit] : copy) set_default(requests, key, limit);
  }
}

void default_pod_spec(json::object& spec, bool is_pod) {
  for (const auto* list : {"initContainers", "containers"}) {
    if (auto* containers = find(spec, {list}); containers != nullptr && containers->is_array()) {
      for (auto& container : containers->get_array()) default_container(container, is_pod);
    }
  }
  set_default(spec, "restartPolicy", "Always");
  set_default(spec, "terminationGracePeriodSeconds", 30);
  set_default(spec, "dnsPolicy", "ClusterFirst");
  set_default(spec, "securityContext", json::object());
  set_default(spec, "schedulerName", "default-scheduler");
  if (is_pod) set_default(spec, "enableServiceLinks", true);
  if (auto* volumes = find(spec, {"volumes"}); volumes != nullptr && volumes->is_array()) {
    for (auto& volume : volumes->get_array()) {
      if (!volume.is_object()) continue;
      for (const auto* source : {"secret", "configMap", "projected"}) {
        if (auto* mode = find(volume.get_object(), {source}); mode != nullptr && mode->is_object()) {
          set_default(mode->get_object(), "defaultMode", 420);
        }
      }
    }
  }
}

void default_secret(json::object& secret) {
  set_default(secret, "type", "Opaque");
  const auto* plain = find_object(secret, {"stringData"});
  if (plain == nullptr) return;
  const auto copy = *plain;
  auto& data = make_object(secret, {"data"});
  for (const auto& [key, value] : copy) {
    if (value.is_string()) data[key] = encode_base64(std::string(value.get_string()));
  }
  secret.stable_erase("stringData");
}

void default_claim(json::object& claim) { set_default(make_object(claim, {"spec"}), "volumeMode", "Filesystem"); }

void default_limit_range(json::object& range) {
  auto* limits = find(range, {"spec", "limits"});
  if (limits == nullptr || !limits->is_array()) return;
  for (auto& value : limits->get_array()) {
    if (!value.is_object() || text(value.get_object(), {"type"}) != "Container") continue;
    auto& item = value.get_object();
    const auto fill = [&](const char* target, const char* source) {
      const auto* from = find_object(item, {source});
      if (from == nullptr) return;
      const auto copy = *from;
      auto& to = make_object(item, {target});
      for (const auto& [key, quantity] : copy) set_default(to, key, quantity);
    };
    fill("default", "max");
    fill("defaultRequest", "default");
    fill("defaultRequest", "min");
  }
}

void default_workload(std::string_view kind, json::object& workload) {
  auto& spec = make_object(workload, {"spec"});
  if (kind != "DaemonSet") set_default(spec, "replicas", 1);
  default_pod_spec(make_object(spec, {"template", "spec"}), false);
  set_default(make_object(spec, {"template", "metadata"}), "creationTimestamp", nullptr);
  if (kind != "ReplicaSet") set_default(spec, "revisionHistoryLimit", 10);
  if (kind == "Deployment") {
    set_default(spec, "progressDeadlineSeconds", 600);
    set_default(make_object(spec, {"strategy"}), "type", "RollingUpdate");
  }
  if (kind == "StatefulSet") {
    set_default(spec, "podManagementPolicy", "OrderedReady");
    set_default(make_object(spec, {"updateStrategy"}), "type", "RollingUpdate");
    if (auto* claims = find(spec, {"volumeClaimTemplates"}); claims != nullptr && claims->is_array()) {
      for (auto& claim : claims->get_array()) {
        if (!claim.is_object()) continue;
        default_claim(claim.get_object());
        set_default(make_object(claim.get_object(), {"status"}), "phase", "Pending");
      }
    }
  }
  if (kind == "DaemonSet") set_default(make_object(spec, {"updateStrategy"}), "type", "RollingUpdate");
}

void default_service(json::object& service) {
  auto& spec = make_object(service, {"spec"});
  set_default(spec, "type", "ClusterIP");
  set_default(spec, "sessionAffinity", "None");
  set_default(spec, "clusterIP", "10.96.0.10");
  if (auto* ports = find(spec, {"ports"}); ports != nullptr && ports->is_array()) {
    for (auto& port : ports->get_array()) {
      if (!port.is_object()) continue;
      set_default(port.get_object(), "protocol", "TCP");
      if (const auto* number = find(port.get_object(), {"port"})) {
        const auto copy = *number;
        set_default(port.get_object(), "targetPort", copy);
      }
    }
  }
}

void default_event(json::object& event) {
  for (const auto* key : {"source", "involvedObject"}) make_object(event, {key});
  for (const auto* key : {"firstTimestamp", "lastTimestamp", "eventTime"}) {
    if (!event.contains(key)) event[key] = nullptr;
  }
  for (const auto* key : {"reportingComponent", "reportingInstance"}) {
    if (!event.contains(key)) event[key] = "";
  }
}

void default_role_binding(json::object& binding) {
  constexpr auto* kGroup = "rbac.authorization.k8s.io";
  set_default(make_object(binding, {"roleRef"}), "apiGroup", kGroup);
  auto* subjects = find(binding, {"subjects"});
  if (subjects == nullptr || !subjects->is_array()) return;
  for (auto& subject : subjects->get_array()) {
    if (!subject.is_object() || text(subject.get_object(), {"kind"}) == "ServiceAccount") continue;
    set_default(subject.get_object(), "apiGroup", kGroup);
  }
}

json::object initial_status(std::string_view kind, const json::object& object) {
  if (kind == "Pod") return {{"phase", "Pending"}, {"qosClass", qos_class(object)}};
  if (kind == "PersistentVolumeClaim" || kind == "PersistentVolume") return {{"phase", "Pending"}};
  if (kind == "Namespace") return {{"phase", "Active"}};
  if (kind == "StatefulSet" || kind == "ReplicaSet") return {{"replicas", 0}};
  if (kind == "DaemonSet") {
    return {
        {"currentNumberScheduled", 0}, {"numberMisscheduled", 0}, {"desiredNumberScheduled", 0}, {"numberReady", 0}};
  }
  if (kind == "Service") return {{"loadBalancer", json::object()}};
  if (kind == "PodDisruptionBudget") {
    return {{"disruptionsAllowed", 0}, {"currentHealthy", 0}, {"desiredHealthy", 0}, {"expectedPods", 0}};
  }
  return {};
}

void add_finalizer(json::object& object, std::string_view finalizer) {
  auto& metadata = make_object(object, {"metadata"});
  if (!metadata["finalizers"].is_array()) metadata["finalizers"] = json::array();
  auto& list = metadata["finalizers"].get_array();
  if (std::ranges::find(list, json::value(finalizer)) == list.end()) list.emplace_back(finalizer);
}

}  // namespace

void apply_defaults(const ResourceType& type, json::object& object) {
  const auto kind = type.kind;
  if (kind == "Secret") default_secret(object);
  if (kind == "PersistentVolumeClaim") default_claim(object);
  if (kind == "Pod") default_pod_spec(make_object(object, {"spec"}), true);
  if (kind == "LimitRange") default_limit_range(object);
  if (kind == "RoleBinding") default_role_binding(object);
  if (kind == "NetworkPolicy") set_default(make_object(object, {"spec"}), "policyTypes", json::array{"Ingress"});
  if (type.group == "apps") default_workload(kind, object);
  if (kind == "Service") default_service(object);
  if (kind == "Event") default_event(object);
  if (kind == "StorageClass") {
    set_default(object, "reclaimPolicy", "Delete");
    set_default(object, "volumeBindingMode", "Immediate");
  }
  if (kind == "PersistentVolume") {
    set_default(make_object(object, {"spec"}), "persistentVolumeReclaimPolicy", "Retain");
    set_default(make_object(object, {"spec"}), "volumeMode", "Filesystem");
  }
}

void prepare_for_create(const ResourceType& type, json::object& object) {
  if (type.has_status) object["status"] = initial_status(type.kind, object);
  if (type.has_generation) make_object(object, {"metadata"})["generation"] = 1;
  if (type.kind == "Namespace") make_object(object, {"spec"})["finalizers"] = json::array{"kubernetes"};
  if (type.kind == "PersistentVolumeClaim") add_finalizer(object, "kubernetes.io/pvc-protection");
  if (type.kind == "PersistentVolume") add_finalizer(object, "kubernetes.io/pv-protection");
  if (type.kind == "DaemonSet") {
    make_object(object, {"metadata", "annotations"})["deprecated.daemonset.template.generation"] = "1";
  }
}

void prepare_for_update(const ResourceType& type, std::string_view subresource, const json::object& old,
                        json::object& object) {
  const auto keep = [&](std::string_view key) {
    if (const auto* value = old.if_contains(key)) {
      object[key] = *value;
    } else {
      object.stable_erase(key);
    }
  };
  if (subresource == "status") {
    keep("spec");
    return;
  }
  if (subresource == "finalize") {
    const auto* finalizers = find(object, {"spec", "finalizers"});
    const json::value wanted = finalizers == nullptr ? json::value(json::array()) : *finalizers;
    object = old;
    make_object(object, {"spec"})["finalizers"] = wanted;
    return;
  }
  if (type.has_status) keep("status");
  if (type.kind == "Namespace") keep("spec");
  if (type.kind == "Service" && text(object, {"spec", "clusterIP"}).empty()) {
    make_object(object, {"spec"})["clusterIP"] = text(old, {"spec", "clusterIP"});
  }
  if (type.has_generation && object["spec"] != old.at("spec")) {
    make_object(object, {"metadata"})["generation"] = integer(old, {"metadata", "generation"}) + 1;
  }
}

std::string_view qos_class(const json::object& pod) {
  bool any = false, all = true;
  for (const auto* list : {"initContainers", "containers"}) {
    const auto* containers = find_array(pod, {"spec", list});
    if (containers == nullptr) continue;
    for (const auto& container : *containers) {
      if (!container.is_object()) continue;
      for (const auto* resource : {"cpu", "memory"}) {
        const auto limit = text(container.get_object(), {"resources", "limits", resource});
        const auto request = text(container.get_object(), {"resources", "requests", resource});
        any = any || !limit.empty() || !request.empty();
        const auto l = Quantity::parse(limit), r = Quantity::parse(request);
        all = all && l && r && *l == *r;
      }
    }
  }
  if (!any) return "BestEffort";
  return all ? "Guaranteed" : "Burstable";
}

}  // namespace quartermaster::apisim
