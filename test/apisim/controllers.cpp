#include "test/apisim/controllers.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "test/apisim/quota.hpp"
#include "test/apisim/writes.hpp"

namespace quartermaster::apisim {
namespace {

constexpr auto kLag = std::chrono::milliseconds(5);  // changes that come together are dealt with together
constexpr std::string_view kClaimProtection = "kubernetes.io/pvc-protection";
constexpr std::string_view kVolumeProtection = "kubernetes.io/pv-protection";

const ResourceType& volume_type() {
  static const auto& type = *find_kind("PersistentVolume");
  return type;
}

void drop_finalizer(Cluster& cluster, const ResourceType& type, const std::string& ns, const std::string& name,
                    std::string_view finalizer) {
  const auto drop = [finalizer](const json::object& current) -> Answer<json::object> {
    auto result = current;
    json::array kept;
    for (const auto& other : finalizers_of(current)) {
      if (other != finalizer) kept.emplace_back(json::string(other));
    }
    make_object(result, {"metadata"})["finalizers"] = std::move(kept);
    return result;
  };
  static_cast<void>(update_object(cluster, type, ns, name, "", drop, false));
}

bool has_finished(const json::object& pod) {
  const auto phase = text(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed";
}

std::set<std::string, std::less<>> claims_in_use(const Store& store, const std::string& ns) {
  std::set<std::string, std::less<>> result;
  for (const auto& pod : store.list(pod_type(), ns)) {
    const auto* volumes = find_array(pod->value(), {"spec", "volumes"});
    if (volumes == nullptr || has_finished(pod->value())) continue;
    for (const auto& volume : *volumes) {
      if (!volume.is_object()) continue;
      result.emplace(text(volume.get_object(), {"persistentVolumeClaim", "claimName"}));
      if (find_object(volume.get_object(), {"ephemeral"}) != nullptr) {
        result.emplace(std::string(name_of(pod->value())) + "-" + std::string(text(volume.get_object(), {"name"})));
      }
    }
  }
  return result;
}

json::object condition(std::string_view type, bool status, std::string_view reason, std::string message) {
  return {{"type", type},
          {"status", status ? "True" : "False"},
          {"lastTransitionTime", time_text()},
          {"reason", reason},
          {"message", std::move(message)}};
}

/// What is left in a namespace and what holds it.
struct Remains {
  std::map<std::string, std::size_t> resources, finalizers;
};

std::string counted(const std::map<std::string, std::size_t>& counts, const char* form) {
  std::string result;
  for (const auto& [name, count] : counts) {
    result.append(result.empty() ? "" : ", ")
        .append(name)
        .append(form)
        .append(std::to_string(count))
        .append(" resource instances");
  }
  return result;
}

/// The conditions of k8s.io/kubernetes/pkg/controller/namespace/deletion.
json::array deletion_conditions(const Remains& remains) {
  const bool content = !remains.resources.empty(), held = !remains.finalizers.empty();
  json::array result;
  result.push_back(condition("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
                             "All resources successfully discovered"));
  result.push_back(condition("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
                             "All legacy kube types successfully parsed"));
  result.push_back(condition("NamespaceDeletionContentFailure", false, "ContentDeleted",
                             "All content successfully deleted, may be waiting on finalization"));
  result.push_back(condition("NamespaceContentRemaining", content, content ? "SomeResourcesRemain" : "ContentRemoved",
                             content ? "Some resources are remaining: " + counted(remains.resources, " has ")
                                     : "All content successfully removed"));
  result.push_back(
      condition("NamespaceFinalizersRemaining", held, held ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
                held ? "Some content in the namespace has finalizers remaining: " + counted(remains.finalizers, " in ")
                     : "All content-preserving finalizers finished"));
  return result;
}

}  // namespace

void Controllers::start() { asio::co_spawn(loop_, run(this), asio::detached); }

Task<void> Controllers::run(Controllers* self) {
  auto& store = self->cluster_.store;
  for (;;) {
    self->note_changes();
    self->settle();
    const auto until = self->workloads_.next_step();
    if (store.next(self->version_) == nullptr) co_await store.changed().wait(self->loop_, until);
    Signal pause;
    co_await pause.wait(self->loop_, Clock::now() + kLag);
  }
}

void Controllers::note_changes() {
  auto& store = cluster_.store;
  if (version_ < store.compacted()) {  // some were missed: look everywhere
    for (const auto& ns : store.list(namespace_type(), {})) namespaces_.emplace(name_of(ns->value()));
    version_ = store.version();
  }
  while (const auto* change = store.next(version_)) {
    version_ = change->version;
    note(*change);
  }
}

void Controllers::note(const Change& change) {
  const auto& object = change.after ? change.after->value() : change.before->value();
  if (change.type->kind == "Event") return;
  namespaces_.emplace(change.type->kind == "Namespace" ? name_of(object) : namespace_of(object));
  if (!change.after) gone_.emplace(uid_of(object));
  if (change.type->kind.starts_with("PersistentVolume")) volumes_changed_ = true;
}

void Controllers::settle() {
  if (cluster_.options.workloads) workloads_.advance();
  for (int round = 0; round < 10 && !namespaces_.empty(); ++round) {
    const auto names = std::exchange(namespaces_, {});
    for (const auto& name : names) {
      if (!name.empty()) settle_namespace(name);
    }
    gone_.clear();
    if (std::exchange(volumes_changed_, false)) release_volumes();
    note_changes();
  }
}

void Controllers::settle_namespace(const std::string& name) {
  collect_garbage(name);
  release_claims(name);
  const auto* ns = cluster_.find_namespace(name);
  if (ns != nullptr && is_terminating(*ns)) {
    const auto copy = *ns;
    empty_namespace(name, copy);
  } else if (ns != nullptr && cluster_.options.workloads) {
    workloads_.settle(name);
  }
  count_quotas(name);
}

/// Deletes what is in a namespace that is to go; once it is empty, takes the finalizer away.
void Controllers::empty_namespace(const std::string& name, const json::object& ns) {
  Remains remains;
  for (const auto& type : resource_types()) {
    if (!type.namespaced || !type.stored_as.empty()) continue;
    for (const auto& object : cluster_.store.list(type, name)) {
      const auto deleted = delete_object(cluster_, type, name, name_of(object->value()), {});
      if (!deleted || deleted->finished) continue;
      ++remains.resources[std::string(type.plural) + "." + std::string(type.group)];
      for (const auto& finalizer : finalizers_of(deleted->object)) ++remains.finalizers[finalizer];
    }
  }
  auto changed = ns;
  if (remains.resources.empty()) {
    const auto finalize = [](const json::object& current) -> Answer<json::object> {
      auto result = current;
      make_object(result, {"spec"})["finalizers"] = json::array();
      return result;
    };
    static_cast<void>(update_object(cluster_, namespace_type(), {}, name, "finalize", finalize, false));
    return;
  }
  auto& status = make_object(changed, {"status"});
  auto conditions = deletion_conditions(remains);
  if (const auto* old = find_array(ns, {"status", "conditions"}); old != nullptr && old->size() == conditions.size()) {
    for (std::size_t i = 0; i < conditions.size(); ++i) {  // a time moves only with its condition
      auto same = conditions[i].get_object();
      same["lastTransitionTime"] = (*old)[i].get_object().at("lastTransitionTime");
      if (json::value(same) == (*old)[i]) conditions[i] = std::move(same);
    }
  }
  status["conditions"] = std::move(conditions);
  if (changed != ns) cluster_.store.write(namespace_type(), std::move(changed));
}

/// Lets claims go that are to be deleted and that no pod uses any more.
void Controllers::release_claims(const std::string& ns) {
  std::optional<std::set<std::string, std::less<>>> used;
  for (const auto& claim : cluster_.store.list(claim_type(), ns)) {
    if (!is_terminating(claim->value())) continue;
    if (!used) used = claims_in_use(cluster_.store, ns);
    const auto name = std::string(name_of(claim->value()));
    if (used->contains(name)) continue;
    drop_finalizer(cluster_, claim_type(), ns, name, kClaimProtection);
  }
}

/// Volumes whose claim has gone go with it, or are kept without it; those that are to be deleted and are free go, too.
void Controllers::release_volumes() {
  for (const auto& volume : cluster_.store.list(volume_type(), {})) {
    const auto& object = volume->value();
    const auto name = std::string(name_of(object));
    const auto claim = text(object, {"spec", "claimRef", "name"});
    const bool lost = text(object, {"status", "phase"}) == "Bound" &&
                      !cluster_.store.find(claim_type(), text(object, {"spec", "claimRef", "namespace"}), claim);
    if (lost && cluster_.options.workloads) {
      auto released = object;
      make_object(released, {"status"})["phase"] = "Released";
      cluster_.store.write(volume_type(), std::move(released));
      if (text(object, {"spec", "persistentVolumeReclaimPolicy"}) == "Delete") {
        static_cast<void>(delete_object(cluster_, volume_type(), {}, name, {}));
      }
    }
    const auto now = cluster_.store.find(volume_type(), {}, name);
    if (now && is_terminating(now->value()) && text(now->value(), {"status", "phase"}) != "Bound") {
      drop_finalizer(cluster_, volume_type(), {}, name, kVolumeProtection);
    }
  }
}

void Controllers::count_quotas(const std::string& ns) {
  for (const auto& quota : cluster_.store.list(quota_type(), ns)) {
    auto changed = quota->value();
    if (update_status(cluster_.store, changed)) cluster_.store.write(quota_type(), std::move(changed));
  }
}

/// Deletes what belonged to objects that have gone; where it was to be orphaned, cuts the tie.
void Controllers::collect_garbage(const std::string& ns) {
  if (gone_.empty()) return;
  for (const auto& type : resource_types()) {
    if (!type.namespaced || !type.stored_as.empty() || type.kind == "Event") continue;
    for (const auto& object : cluster_.store.list(type, ns)) {
      const auto* owners = find_array(object->value(), {"metadata", "ownerReferences"});
      if (owners == nullptr || is_terminating(object->value())) continue;
      json::array kept;
      bool orphan = false;
      for (const auto& owner : *owners) {
        const auto uid = owner.is_object() ? std::string(text(owner.get_object(), {"uid"})) : std::string();
        if (!gone_.contains(uid)) kept.push_back(owner);
        orphan = orphan || cluster_.orphaned.contains(uid);
      }
      if (kept.size() == owners->size()) continue;
      if (kept.empty() && !orphan) {
        static_cast<void>(delete_object(cluster_, type, ns, name_of(object->value()), {}));
        continue;
      }
      auto changed = object->value();
      make_object(changed, {"metadata"})["ownerReferences"] = std::move(kept);
      cluster_.store.write(type, std::move(changed));
    }
  }
}

}  // namespace quartermaster::apisim
