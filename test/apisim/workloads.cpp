#include "test/apisim/workloads.hpp"

#include <algorithm>

#include "test/apisim/writes.hpp"

namespace quartermaster::apisim {
namespace {

constexpr const char* kNode = "node-1";

const ResourceType& apps(std::string_view kind) { return *find_kind("apps/v1", kind); }

bool is_owned_by(const json::object& object, std::string_view uid) {
  const auto* owner = controller_of(object);
  return owner != nullptr && text(*owner, {"uid"}) == uid;
}

json::array owner_references(const ResourceType& type, const json::object& owner) {
  json::object reference = {{"apiVersion", type.api_version()},
                            {"kind", type.kind},
                            {"name", name_of(owner)},
                            {"uid", uid_of(owner)},
                            {"controller", true},
                            {"blockOwnerDeletion", true}};
  return json::array{std::move(reference)};
}

/// A pod that nobody has said anything about yet; one with conditions is somebody else's.
bool is_new(const json::object& pod) {
  return text(pod, {"status", "phase"}) == "Pending" && find_array(pod, {"status", "conditions"}) == nullptr;
}

bool is_ready(const json::object& pod) {
  const auto* conditions = find_array(pod, {"status", "conditions"});
  return conditions != nullptr && std::ranges::any_of(*conditions, [](const json::value& c) {
           return c.is_object() && text(c.get_object(), {"type"}) == "Ready" &&
                  text(c.get_object(), {"status"}) == "True";
         });
}

std::string short_hash(std::string_view text) {
  auto hash = std::hash<std::string_view>()(text);
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::string result;
  for (int i = 0; i < 9; ++i, hash /= kLetters.size()) result.push_back(kLetters[hash % kLetters.size()]);
  return result;
}

/// On the pods of stateful and daemon sets: which template they were made from.
constexpr std::string_view kRevision = "controller-revision-hash";

std::string template_hash(const json::object& set) {
  return short_hash(json::serialize(*find(set, {"spec", "template"})));
}

json::array running_conditions() {
  json::array result;
  for (const auto* type : {"Initialized", "Ready", "ContainersReady", "PodScheduled"}) {
    json::object condition = {
        {"type", type}, {"status", "True"}, {"lastProbeTime", nullptr}, {"lastTransitionTime", time_text()}};
    result.push_back(std::move(condition));
  }
  return result;
}

json::object running_status(const json::object& container) {
  const auto image = text(container, {"image"});
  json::object state;
  make_object(state, {"running"})["startedAt"] = time_text();
  return {{"name", text(container, {"name"})},
          {"state", std::move(state)},
          {"lastState", json::object()},
          {"ready", true},
          {"restartCount", 0},
          {"image", image},
          {"imageID", "sha256:" + std::string(64, '0')},
          {"containerID", "containerd://" + std::string(64, '1')},
          {"started", true}};
}

}  // namespace

void Workloads::settle(const std::string& ns) {
  bind_claims(ns);
  for (const auto& deployment : cluster_.store.list(apps("Deployment"), ns)) settle_deployment(ns, deployment->value());
  for (const auto* kind : {"ReplicaSet", "StatefulSet", "DaemonSet"}) {
    for (const auto& set : cluster_.store.list(apps(kind), ns)) settle_set(apps(kind), ns, set->value());
  }
  for (const auto& pod : cluster_.store.list(pod_type(), ns)) {
    if (!is_new(pod->value()) && !is_terminating(pod->value())) continue;
    due_.try_emplace(Store::key(ns, name_of(pod->value())), Clock::now() + cluster_.options.workload_delay);
  }
}

void Workloads::settle_deployment(const std::string& ns, const json::object& deployment) {
  if (is_terminating(deployment)) return;
  const auto& type = apps("Deployment");
  const auto hash = template_hash(deployment);
  const auto name = std::string(name_of(deployment)) + "-" + hash;
  for (const auto& set : cluster_.store.list(apps("ReplicaSet"), ns)) {
    if (!is_owned_by(set->value(), uid_of(deployment))) continue;
    const bool current = name_of(set->value()) == name || !labels_of(set->value()).contains("pod-template-hash");
    auto changed = set->value();
    make_object(changed, {"spec"})["replicas"] = current ? integer(deployment, {"spec", "replicas"}) : 0;
    if (changed != set->value()) cluster_.store.write(apps("ReplicaSet"), std::move(changed));
  }
  const auto owned = cluster_.store.list(apps("ReplicaSet"), ns);
  const bool exists = std::ranges::any_of(owned, [&](const ObjectPtr& set) {
    return is_owned_by(set->value(), uid_of(deployment)) &&
           (name_of(set->value()) == name || !labels_of(set->value()).contains("pod-template-hash"));
  });
  if (!exists) {
    json::object set;
    set["spec"] = {{"replicas", integer(deployment, {"spec", "replicas"})},
                   {"selector", *find(deployment, {"spec", "selector"})},
                   {"template", *find(deployment, {"spec", "template"})}};
    auto& metadata = make_object(set, {"metadata"});  // last: a new member of `set` moves the others
    metadata["name"] = name;
    metadata["ownerReferences"] = owner_references(type, deployment);
    auto labels = find_object(deployment, {"spec", "template", "metadata", "labels"});
    metadata["labels"] = labels == nullptr ? json::object() : *labels;
    for (auto* place :
         {&make_object(metadata, {"labels"}), &make_object(set, {"spec", "template", "metadata", "labels"}),
          &make_object(set, {"spec", "selector", "matchLabels"})}) {
      (*place)["pod-template-hash"] = hash;
    }
    static_cast<void>(create_object(cluster_, apps("ReplicaSet"), ns, std::move(set), false));
  }
  report(type, ns, deployment);
}

void Workloads::settle_set(const ResourceType& type, const std::string& ns, const json::object& set) {
  if (is_terminating(set)) return;
  const auto wanted = type.kind == "DaemonSet" ? 1 : integer(set, {"spec", "replicas"}, 1);
  std::vector<std::string> have;
  for (const auto& pod : cluster_.store.list(pod_type(), ns)) {
    if (is_owned_by(pod->value(), uid_of(set)) && (type.kind == "StatefulSet" || !is_terminating(pod->value()))) {
      have.emplace_back(name_of(pod->value()));
    }
  }
  if (type.kind == "StatefulSet") {
    const auto prefix = std::string(name_of(set)) + "-";
    for (std::int64_t i = 0; i < wanted; ++i) {
      auto name = prefix + std::to_string(i);
      if (std::erase(have, name) == 0) create_pod(type, ns, set, std::move(name));
    }
  } else {
    for (auto n = static_cast<std::int64_t>(have.size()); n < wanted; ++n) create_pod(type, ns, set, {});
    have.erase(have.begin(), have.begin() + std::min<std::ptrdiff_t>(wanted, std::ssize(have)));
  }
  for (const auto& name : have) static_cast<void>(delete_object(cluster_, pod_type(), ns, name, {}));
  if (type.kind != "ReplicaSet") replace_outdated(type, ns, set);
  report(type, ns, set);
}

/// Deletes the last pod of an older template, if all of the others are up to date and ready. Pods that somebody else
/// has made bear no hash, and stay.
void Workloads::replace_outdated(const ResourceType& type, const std::string& ns, const json::object& set) {
  if (text(set, {"spec", "updateStrategy", "type"}) == "OnDelete") return;
  const auto hash = template_hash(set);
  const auto partition = integer(set, {"spec", "updateStrategy", "rollingUpdate", "partition"});
  std::string outdated;
  for (const auto& pod : cluster_.store.list(pod_type(), ns)) {
    if (!is_owned_by(pod->value(), uid_of(set))) continue;
    const auto labels = labels_of(pod->value());
    const auto found = labels.find(kRevision);
    const auto name = std::string(name_of(pod->value()));
    if (is_terminating(pod->value())) return;
    if (found == labels.end()) continue;
    if (found->second == hash) {
      if (!is_ready(pod->value())) return;
    } else if (type.kind == "DaemonSet" || std::stoll(name.substr(name.rfind('-') + 1)) >= partition) {
      outdated = name;
    }
  }
  if (!outdated.empty()) static_cast<void>(delete_object(cluster_, pod_type(), ns, outdated, {}));
}

void Workloads::create_pod(const ResourceType& type, const std::string& ns, const json::object& set, std::string name) {
  const auto* source = find_object(set, {"spec", "template"});
  if (source == nullptr) return;
  auto pod = *source;
  auto& metadata = make_object(pod, {"metadata"});
  metadata.erase("creationTimestamp");
  metadata["ownerReferences"] = owner_references(type, set);
  if (name.empty()) {
    metadata["generateName"] = std::string(name_of(set)) + "-";
  } else {
    metadata["name"] = name;
    make_object(pod, {"metadata", "labels"})["statefulset.kubernetes.io/pod-name"] = name;
    create_claims(ns, set, name.substr(name.rfind('-') + 1), pod);
  }
  if (type.kind != "ReplicaSet") make_object(pod, {"metadata", "labels"})[kRevision] = template_hash(set);
  const auto created = create_object(cluster_, pod_type(), ns, std::move(pod), false);
  if (created || created.error().reason == "AlreadyExists") return;  // of which nothing is told
  const auto& why = created.error().message;
  tell_failure(type, ns, set,
               type.kind == "StatefulSet"
                   ? "create Pod " + name + " in StatefulSet " + std::string(name_of(set)) + " failed error: " + why
                   : "Error creating: " + why);
}

/// One event for each set, that counts.
void Workloads::tell_failure(const ResourceType& type, const std::string& ns, const json::object& set,
                             const std::string& message) {
  static const auto& events = *find_kind("Event");
  const auto name = std::string(name_of(set)) + "." + short_hash(uid_of(set));
  const auto old = cluster_.store.find(events, ns, name);
  json::object event = old ? old->value() : json::object();
  event["involvedObject"] = {{"apiVersion", type.api_version()},
                             {"kind", type.kind},
                             {"namespace", ns},
                             {"name", name_of(set)},
                             {"uid", uid_of(set)}};
  event["type"] = "Warning";
  event["reason"] = "FailedCreate";
  event["message"] = message;
  make_object(event, {"source"})["component"] = type.singular() + "-controller";
  event["count"] = integer(event, {"count"}) + 1;
  event["lastTimestamp"] = time_text();
  set_default(event, "firstTimestamp", json::string(time_text()));
  make_object(event, {"metadata"})["name"] = name;
  if (old) {
    cluster_.store.write(events, std::move(event));
  } else {
    static_cast<void>(create_object(cluster_, events, ns, std::move(event), false));
  }
}

/// The claims of a stateful set's pod: made where they are missing, and named in its volumes.
void Workloads::create_claims(const std::string& ns, const json::object& set, const std::string& ordinal,
                              json::object& pod) {
  const auto* templates = find_array(set, {"spec", "volumeClaimTemplates"});
  if (templates == nullptr) return;
  for (const auto& item : *templates) {
    if (!item.is_object()) continue;
    auto claim = item.get_object();
    const auto volume = std::string(name_of(claim));
    const auto name = volume + "-" + std::string(name_of(set)) + "-" + ordinal;
    claim.erase("kind");
    claim.erase("apiVersion");
    make_object(claim, {"metadata"})["name"] = name;
    if (!cluster_.store.find(claim_type(), ns, name)) {
      static_cast<void>(create_object(cluster_, claim_type(), ns, std::move(claim), false));
    }
    auto& volumes = make_object(pod, {"spec"})["volumes"];
    if (!volumes.is_array()) volumes.emplace_array();
    json::object source = {{"name", volume}};
    make_object(source, {"persistentVolumeClaim"})["claimName"] = name;
    volumes.get_array().push_back(std::move(source));
  }
}

/// The numbers in a set's status.
void Workloads::report(const ResourceType& type, const std::string& ns, const json::object& set) {
  const auto current = cluster_.store.find(type, ns, name_of(set));
  if (!current) return;
  std::int64_t all = 0, ready = 0;
  const auto count = [&](std::string_view uid) {
    for (const auto& pod : cluster_.store.list(pod_type(), ns)) {
      if (!is_owned_by(pod->value(), uid) || is_terminating(pod->value())) continue;
      ++all;
      ready += is_ready(pod->value()) ? 1 : 0;
    }
  };
  if (type.kind == "Deployment") {
    for (const auto& replica_set : cluster_.store.list(apps("ReplicaSet"), ns)) {
      if (is_owned_by(replica_set->value(), uid_of(set))) count(uid_of(replica_set->value()));
    }
  } else {
    count(uid_of(set));
  }
  auto changed = current->value();
  auto& status = make_object(changed, {"status"});
  status["observedGeneration"] = integer(changed, {"metadata", "generation"});
  if (type.kind == "DaemonSet") {
    status["currentNumberScheduled"] = all;
    status["desiredNumberScheduled"] = 1;
    status["numberReady"] = ready;
    status["numberAvailable"] = ready;
    status["updatedNumberScheduled"] = all;
  } else {
    status["replicas"] = all;
    status["readyReplicas"] = ready;
    if (type.kind != "StatefulSet") status["availableReplicas"] = ready;
    if (type.kind != "ReplicaSet") status["updatedReplicas"] = all;
    if (type.kind == "StatefulSet") status["currentReplicas"] = all;
  }
  if (changed != current->value()) cluster_.store.write(type, std::move(changed));
}

/// Gives each claim of a class that exists its volume, at once.
void Workloads::bind_claims(const std::string& ns) {
  static const auto& classes = *find_kind("StorageClass");
  static const auto& volumes = *find_kind("PersistentVolume");
  for (const auto& claim : cluster_.store.list(claim_type(), ns)) {
    const auto storage_class = text(claim->value(), {"spec", "storageClassName"});
    if (text(claim->value(), {"status", "phase"}) != "Pending" || is_terminating(claim->value())) continue;
    const auto found = cluster_.store.find(classes, {}, storage_class);
    if (!found) continue;
    const auto name = "pvc-" + std::string(uid_of(claim->value()));
    const auto modes = *find(claim->value(), {"spec", "accessModes"});
    const auto size = json::string(text(claim->value(), {"spec", "resources", "requests", "storage"}));
    json::object volume;
    make_object(volume, {"metadata"})["name"] = name;
    auto& spec = make_object(volume, {"spec"});
    spec["accessModes"] = modes;
    spec["storageClassName"] = storage_class;
    spec["persistentVolumeReclaimPolicy"] = text(found->value(), {"reclaimPolicy"});
    make_object(spec, {"capacity"})["storage"] = size;
    spec["claimRef"] = {{"kind", claim_type().kind},
                        {"namespace", ns},
                        {"name", name_of(claim->value())},
                        {"uid", uid_of(claim->value())}};
    if (auto made = create_object(cluster_, volumes, {}, std::move(volume), false)) {
      make_object(*made, {"status"})["phase"] = "Bound";
      cluster_.store.write(volumes, std::move(*made));
    }
    auto bound = claim->value();
    make_object(bound, {"spec"})["volumeName"] = name;
    auto& status = make_object(bound, {"status"});
    status["phase"] = "Bound";
    status["accessModes"] = modes;
    make_object(status, {"capacity"})["storage"] = size;
    cluster_.store.write(claim_type(), std::move(bound));
  }
}

void Workloads::advance() {
  const auto now = Clock::now();
  std::vector<std::string> ready;
  for (const auto& [key, when] : due_) {
    if (when <= now) ready.push_back(key);
  }
  for (const auto& key : ready) {
    due_.erase(key);
    const auto slash = key.find('/');
    run_pod(key.substr(0, slash), key.substr(slash + 1));
  }
}

Clock::time_point Workloads::next_step() const {
  auto next = Clock::time_point::max();
  for (const auto& [key, when] : due_) next = std::min(next, when);
  return next;
}

void Workloads::run_pod(const std::string& ns, const std::string& name) {
  const auto pod = cluster_.store.find(pod_type(), ns, name);
  if (!pod) return;
  if (is_terminating(pod->value())) {
    static_cast<void>(delete_object(cluster_, pod_type(), ns, name, {.grace_seconds = 0}));
    return;
  }
  if (!is_new(pod->value())) return;
  auto changed = pod->value();
  set_default(make_object(changed, {"spec"}), "nodeName", kNode);
  auto& status = make_object(changed, {"status"});
  status["phase"] = "Running";
  status["conditions"] = running_conditions();
  status["hostIP"] = "192.168.0.11";
  status["podIP"] = "10.244.0." + std::to_string(10 + cluster_.random() % 200);
  status["startTime"] = time_text();
  json::array statuses;
  if (const auto* containers = find_array(changed, {"spec", "containers"})) {
    for (const auto& container : *containers) {
      statuses.push_back(running_status(container.get_object()));
      const auto container_name = std::string(text(container.get_object(), {"name"}));
      cluster_.logs.append({ns, name, container_name}, container_name + " of " + name + " started");
    }
  }
  status["containerStatuses"] = std::move(statuses);
  cluster_.store.write(pod_type(), std::move(changed));
}

}  // namespace quartermaster::apisim
