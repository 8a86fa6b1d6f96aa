#include "test/apisim/writes.hpp"

#include <algorithm>

#include "test/apisim/admission.hpp"
#include "test/apisim/defaults.hpp"
#include "test/apisim/limits.hpp"
#include "test/apisim/validation.hpp"

namespace quartermaster::apisim {
namespace {

constexpr std::string_view kStale =
    "the object has been modified; please apply your changes to the latest version and try again";

/// The members of metadata that only the server sets.
void keep_system_metadata(const json::object& old, json::object& object) {
  auto& metadata = make_object(object, {"metadata"});
  for (const auto* key : {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation",
                          "resourceVersion", "namespace", "generateName"}) {
    const auto* value = find(old, {"metadata", key});
    if (value != nullptr) {
      metadata[key] = *value;
    } else {
      metadata.stable_erase(key);
    }
  }
  if (const auto* finalizers = metadata.if_contains("finalizers");
      finalizers != nullptr && (finalizers->is_null() || (finalizers->is_array() && finalizers->get_array().empty()))) {
    metadata.stable_erase("finalizers");
  }
}

std::optional<Status> check_update_metadata(const ResourceType& type, std::string_view name, const json::object& old,
                                            const json::object& object) {
  const auto version = text(object, {"metadata", "resourceVersion"});
  if (!version.empty() && version != "0" && version != text(old, {"metadata", "resourceVersion"})) {
    return conflict(type, name, kStale);
  }
  const auto uid = uid_of(object);
  if (!uid.empty() && uid != uid_of(old)) {
    return conflict(type, name,
                    "StorageError: invalid object, Code: 4, Key: /registry/" + std::string(type.plural) + "/" +
                        Store::key(namespace_of(old), name) +
                        ", ResourceVersion: 0, AdditionalErrorMsg: Precondition "
                        "failed: UID in precondition: " +
                        std::string(uid) + ", UID in object meta: " + std::string(uid_of(old)));
  }
  return std::nullopt;
}

/// Deleted by now, and nothing holds it: it goes.
bool is_over(const ResourceType& type, const json::object& object) {
  if (!is_terminating(object) || !finalizers_of(object).empty()) return false;
  if (type.kind == "Namespace") {
    const auto* own = find_array(object, {"spec", "finalizers"});
    return own == nullptr || own->empty();
  }
  return integer(object, {"metadata", "deletionGracePeriodSeconds"}) == 0;
}

json::object remove_from_store(Cluster& cluster, const ResourceType& type, const json::object& object) {
  const auto ns = std::string(namespace_of(object)), name = std::string(name_of(object));
  const auto last = cluster.store.erase(type, ns, name);
  if (type.kind == "Pod") cluster.logs.remove_pod(ns, name);
  return last ? last->value() : object;
}

std::optional<Status> check_preconditions(const ResourceType& type, const json::object& object,
                                          const DeleteRequest& request) {
  const auto name = name_of(object);
  const auto uid = uid_of(object), version = text(object, {"metadata", "resourceVersion"});
  if (!request.uid.empty() && request.uid != uid) {
    if (type.kind == "Namespace") {
      return conflict(
          type, name,
          "Precondition failed: UID in precondition: " + request.uid + ", UID in object meta: " + std::string(uid));
    }
    return precondition_failed(type, name,
                               "the UID in the precondition (" + request.uid + ") does not match the UID in record (" +
                                   std::string(uid) + "). The object might have been deleted and then recreated");
  }
  if (!request.resource_version.empty() && request.resource_version != version) {
    if (type.kind == "Namespace") {
      return conflict(type, name,
                      "Precondition failed: ResourceVersion in precondition: " + request.resource_version +
                          ", ResourceVersion in object meta: " + std::string(version));
    }
    return precondition_failed(type, name,
                               "the ResourceVersion in the precondition (" + request.resource_version +
                                   ") does not match the ResourceVersion in record (" + std::string(version) +
                                   "). The object might have been modified");
  }
  return std::nullopt;
}

/// How long the object may still be there. Only pods that run somewhere end gracefully.
std::int64_t grace_of(const ResourceType& type, const json::object& object, const DeleteRequest& request) {
  if (type.kind != "Pod") return 0;
  const auto phase = text(object, {"status", "phase"});
  if (text(object, {"spec", "nodeName"}).empty() || phase == "Succeeded" || phase == "Failed") return 0;
  const auto grace = request.grace_seconds.value_or(integer(object, {"spec", "terminationGracePeriodSeconds"}, 30));
  const auto* left = find(object, {"metadata", "deletionGracePeriodSeconds"});
  return left != nullptr && left->is_int64() ? std::min(grace, left->get_int64()) : grace;
}

void mark_deleted(json::object& object, std::int64_t grace) {
  auto& metadata = make_object(object, {"metadata"});
  metadata["deletionTimestamp"] = time_text(std::chrono::system_clock::now() + std::chrono::seconds(grace));
  metadata["deletionGracePeriodSeconds"] = grace;
}

Answer<Deleted> delete_namespace(Cluster& cluster, const json::object& object, bool dry_run) {
  const auto name = name_of(object);
  if (name == "default" || name == "kube-system" || name == "kube-public") {
    return forbidden(namespace_type(), name, "this namespace may not be deleted");
  }
  auto changed = object;
  if (!is_terminating(object)) {
    make_object(changed, {"metadata"})["deletionTimestamp"] = time_text();
    make_object(changed, {"status"})["phase"] = "Terminating";
  }
  if (dry_run) return Deleted{std::move(changed), false};
  if (is_over(namespace_type(), changed)) return Deleted{remove_from_store(cluster, namespace_type(), changed), true};
  if (changed != object) changed = cluster.store.write(namespace_type(), std::move(changed))->value();
  return Deleted{std::move(changed), false};
}

}  // namespace

Answer<json::object> create_object(Cluster& cluster, const ResourceType& type, std::string_view ns, json::object object,
                                   bool dry_run) {
  auto& metadata = make_object(object, {"metadata"});
  const auto own_ns = namespace_of(object);
  if (type.namespaced && !own_ns.empty() && own_ns != ns) {
    return bad_request("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (!text(object, {"metadata", "resourceVersion"}).empty()) {
    return internal_error("resourceVersion should not be set on objects to be created");
  }
  if (type.namespaced) {
    metadata["namespace"] = ns;
  } else {
    metadata.stable_erase("namespace");
  }
  if (name_of(object).empty()) {
    if (const auto prefix = text(object, {"metadata", "generateName"}); !prefix.empty()) {
      metadata["name"] = std::string(prefix) + cluster.name_suffix();
    }
  }
  for (const auto* key : {"deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink"})
    metadata.stable_erase(key);
  metadata["uid"] = cluster.new_uid();
  metadata["creationTimestamp"] = time_text();

  apply_defaults(type, object);
  if (auto refused = admit_create(cluster, type, ns, object)) return *refused;
  prepare_for_create(type, object);
  if (const auto errors = validate(type, object); !errors.empty()) return invalid(type, name_of(object), errors);
  if (const auto existing = cluster.store.find(type, ns, name_of(object))) {
    auto status = already_exists(type, name_of(object));
    if (is_terminating(existing->value())) status.message = "object is being deleted: " + status.message;
    return status;
  }
  if (auto refused = check_limit_ranges(cluster, type, object)) return *refused;
  if (auto refused = check_quotas(cluster, type, nullptr, object)) return *refused;
  if (dry_run) return object;
  return cluster.store.write(type, std::move(object))->value();
}

Answer<json::object> update_object(Cluster& cluster, const ResourceType& type, std::string_view ns,
                                   std::string_view name, std::string_view subresource, const Mutation& change,
                                   bool dry_run) {
  const auto current = cluster.store.find(type, ns, name);
  if (!current) return not_found(type, name);
  const auto& old = current->value();
  auto changed = change(old);
  if (!changed) return changed.error();
  auto& object = *changed;
  if (name_of(object) != name) {
    return bad_request("the name of the object (" + std::string(name_of(object)) +
                       ") does not match the name on the URL (" + std::string(name) + ")");
  }
  if (const auto own = namespace_of(object); type.namespaced && !own.empty() && own != ns) {
    return bad_request("the namespace of the object (" + std::string(own) +
                       ") does not match the namespace on the request (" + std::string(ns) + ")");
  }
  if (auto refused = check_update_metadata(type, name, old, object)) return *refused;
  object.stable_erase("kind");
  object.stable_erase("apiVersion");
  make_object(object, {"metadata"}).stable_erase("managedFields");
  keep_system_metadata(old, object);
  apply_defaults(type, object);
  prepare_for_update(type, subresource, old, object);
  auto errors = validate_update(type, subresource, old, object);
  for (auto& error : validate(type, object)) errors.push_back(std::move(error));
  if (!errors.empty()) return invalid(type, name, errors);
  if (auto refused = check_quotas(cluster, type, &old, object)) return *refused;
  if (object == old || dry_run) return object;
  if (is_over(type, object)) {
    remove_from_store(cluster, type, object);
    return object;
  }
  return cluster.store.write(type, std::move(object))->value();
}

Answer<Deleted> delete_object(Cluster& cluster, const ResourceType& type, std::string_view ns, std::string_view name,
                              const DeleteRequest& request) {
  const auto current = cluster.store.find(type, ns, name);
  if (!current) return not_found(type, name);
  const auto& old = current->value();
  if (auto failed = check_preconditions(type, old, request)) return *failed;
  if (type.kind == "Namespace") return delete_namespace(cluster, old, request.dry_run);

  auto object = old;
  if (request.propagation == "Orphan" && !request.dry_run) cluster.orphaned.emplace(uid_of(old));
  const auto grace = grace_of(type, old, request);
  const auto* left = find(old, {"metadata", "deletionGracePeriodSeconds"});
  if (!is_terminating(old) || (left != nullptr && left->is_int64() && grace < left->get_int64())) {
    mark_deleted(object, grace);
  }
  if (request.dry_run) {
    const bool finished = finalizers_of(object).empty() && grace == 0;
    return Deleted{std::move(object), finished};
  }
  if (is_over(type, object)) {
    auto last = remove_from_store(cluster, type, object);
    if (type.kind == "Pod") mark_deleted(last, 0);
    return Deleted{std::move(last), true};
  }
  if (object != old) object = cluster.store.write(type, std::move(object))->value();
  return Deleted{std::move(object), false};
}

}  // namespace quartermaster::apisim
