// What may not change in an update.
#include <algorithm>

#include "test/apisim/validation.hpp"

namespace quartermaster::apisim {
namespace {

constexpr const char* kImmutable = "field is immutable when `immutable` is set";

void forbid_new_finalizers(const json::object& old, const json::object& object, FieldErrors& errors) {
  if (!is_terminating(old)) return;
  const auto before = finalizers_of(old);
  std::string added;
  for (const auto& finalizer : finalizers_of(object)) {
    if (std::ranges::find(before, finalizer) != before.end()) continue;
    added.append(added.empty() ? "" : ", ").append(go_quoted(finalizer));
  }
  if (added.empty()) return;
  errors.push_back(forbidden_field("metadata.finalizers",
                                   "no new finalizers can be added if the object is being deleted, found new "
                                   "finalizers []string{" +
                                       added + "}"));
}

void check_immutable_data(const json::object& old, const json::object& object, FieldErrors& errors) {
  if (!boolean(old, {"immutable"})) return;
  if (!boolean(object, {"immutable"})) errors.push_back(forbidden_field("immutable", kImmutable));
  for (const auto* field : {"data", "binaryData"}) {
    if (string_map(find_object(old, {field})) != string_map(find_object(object, {field}))) {
      errors.push_back(forbidden_field(field, kImmutable));
    }
  }
}

/// The spec of a claim or a pod without what may change.
json::object fixed_spec(const ResourceType& type, const json::object& object, const json::object& old) {
  json::object spec = find_object(object, {"spec"}) == nullptr ? json::object() : *find_object(object, {"spec"});
  if (type.kind == "PersistentVolumeClaim") {
    const bool bound = text(old, {"status", "phase"}) == "Bound" && !text(old, {"spec", "volumeName"}).empty();
    if (bound) make_object(spec, {"resources"}).stable_erase("requests");
    return spec;
  }
  spec.stable_erase("activeDeadlineSeconds");
  spec.stable_erase("tolerations");
  for (const auto* list : {"containers", "initContainers"}) {
    auto* containers = find(spec, {list});
    if (containers == nullptr || !containers->is_array()) continue;
    for (auto& container : containers->get_array()) {
      if (container.is_object()) container.get_object().stable_erase("image");
    }
  }
  return spec;
}

}  // namespace

FieldErrors validate_update(const ResourceType& type, std::string_view subresource, const json::object& old,
                            const json::object& object) {
  FieldErrors errors;
  forbid_new_finalizers(old, object, errors);
  if (!subresource.empty()) return errors;
  if (type.kind == "Secret" && text(old, {"type"}) != text(object, {"type"})) {
    errors.push_back(invalid_value("type", text(object, {"type"}), "field is immutable"));
  }
  if (type.kind == "Secret" || type.kind == "ConfigMap") check_immutable_data(old, object, errors);
  if (type.kind == "PersistentVolumeClaim" && fixed_spec(type, old, old) != fixed_spec(type, object, old)) {
    errors.push_back(
        forbidden_field("spec", "spec is immutable after creation except resources.requests for bound claims\n"));
  }
  if (type.kind == "Pod" && fixed_spec(type, old, old) != fixed_spec(type, object, old)) {
    errors.push_back(forbidden_field(
        "spec",
        "pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, "
        "`spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)\n"));
  }
  if (type.kind == "StorageClass") {
    for (const auto* field : {"provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"}) {
      const auto* before = find(old, {field});
      const auto* after = find(object, {field});
      if ((before == nullptr) != (after == nullptr) || (before != nullptr && *before != *after)) {
        errors.push_back(forbidden_field(field, std::string("updates to ") + field + " are forbidden."));
      }
    }
  }
  if (type.kind == "RoleBinding" && find_object(old, {"roleRef"}) != nullptr &&
      find_object(object, {"roleRef"}) != nullptr &&
      *find_object(old, {"roleRef"}) != *find_object(object, {"roleRef"})) {
    errors.push_back(invalid_raw("roleRef", "rbac.RoleRef{}", "cannot change roleRef"));
  }
  if (type.kind == "StatefulSet") {
    const auto fixed = [](const json::object& set) {
      json::object spec = find_object(set, {"spec"}) == nullptr ? json::object() : *find_object(set, {"spec"});
      for (const auto* free : {"replicas", "template", "updateStrategy"}) spec.erase(free);
      return spec;
    };
    if (fixed(old) != fixed(object)) {
      errors.push_back(forbidden_field("spec",
                                       "updates to statefulset spec for fields other than 'replicas', 'template', and "
                                       "'updateStrategy' are forbidden"));
    }
  }
  return errors;
}

}  // namespace quartermaster::apisim
