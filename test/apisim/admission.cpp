#include "test/apisim/admission.hpp"

#include "model/quantity.hpp"
#include "model/timestamp.hpp"
#include "test/apisim/quota.hpp"

namespace quartermaster::apisim {
namespace {

std::optional<Status> check_namespace(const Cluster& cluster, const ResourceType& type, std::string_view ns,
                                      const json::object& object) {
  const auto* found = cluster.find_namespace(ns);
  if (found == nullptr) return not_found(namespace_type(), ns);
  if (!is_terminating(*found)) return std::nullopt;
  auto status =
      forbidden(type, name_of(object),
                "unable to create new content in namespace " + std::string(ns) + " because it is being terminated");
  json::object cause = {{"reason", "NamespaceTerminating"},
                        {"message", "namespace " + std::string(ns) + " is being terminated"},
                        {"field", "metadata.namespace"}};
  (*status.details)["causes"] = json::array{std::move(cause)};
  return status;
}

/// Requests and limits that a container does not give, from the namespace's limit ranges.
void apply_limit_ranges(const Cluster& cluster, std::string_view ns, json::object& pod) {
  static const auto& type = *find_kind("LimitRange");
  json::object limits, requests;
  for (const auto& range : cluster.store.list(type, ns)) {
    const auto* items = find_array(range->value(), {"spec", "limits"});
    if (items == nullptr) continue;
    for (const auto& item : *items) {
      if (!item.is_object() || text(item.get_object(), {"type"}) != "Container") continue;
      for (const auto& [key, value] : string_map(find_object(item.get_object(), {"default"}))) limits[key] = value;
      for (const auto& [key, value] : string_map(find_object(item.get_object(), {"defaultRequest"}))) {
        requests[key] = value;
      }
    }
  }
  if (limits.empty() && requests.empty()) return;
  for (const auto* list : {"initContainers", "containers"}) {
    auto* containers = find(pod, {"spec", list});
    if (containers == nullptr || !containers->is_array()) continue;
    for (auto& value : containers->get_array()) {
      if (!value.is_object()) continue;
      auto& container = value.get_object();
      const bool had_requests = find_object(container, {"resources", "requests"}) != nullptr;
      for (const auto& [key, limit] : requests) {
        const auto* own_limit = find(container, {"resources", "limits", key});
        const json::value request = own_limit != nullptr && !had_requests ? *own_limit : limit;
        set_default(make_object(container, {"resources", "requests"}), key, request);
      }
      for (const auto& [key, limit] : limits) set_default(make_object(container, {"resources", "limits"}), key, limit);
    }
  }
}

/// The newest default class, as Kubernetes does since 1.26; 1.20 refuses when there are two.
void apply_default_class(const Cluster& cluster, json::object& claim) {
  if (find(claim, {"spec", "storageClassName"}) != nullptr) return;
  static const auto& type = *find_kind("StorageClass");
  ObjectPtr newest;
  for (const auto& candidate : cluster.store.list(type, {})) {
    const auto annotations = string_map(find_object(candidate->value(), {"metadata", "annotations"}));
    const auto is = [&](const char* key) {
      const auto found = annotations.find(key);
      return found != annotations.end() && found->second == "true";
    };
    if (!is("storageclass.kubernetes.io/is-default-class") && !is("storageclass.beta.kubernetes.io/is-default-class"))
      continue;
    if (!newest || text(candidate->value(), {"metadata", "creationTimestamp"}) >
                       text(newest->value(), {"metadata", "creationTimestamp"})) {
      newest = candidate;
    }
  }
  if (newest) make_object(claim, {"spec"})["storageClassName"] = name_of(newest->value());
}

}  // namespace

std::optional<Status> admit_create(const Cluster& cluster, const ResourceType& type, std::string_view ns,
                                   json::object& object) {
  if (type.namespaced) {
    if (auto refused = check_namespace(cluster, type, ns, object)) return refused;
  }
  if (type.kind == "Pod") {
    apply_limit_ranges(cluster, ns, object);
    auto& spec = make_object(object, {"spec"});
    set_default(spec, "serviceAccountName", "default");
    set_default(spec, "priority", 0);
  }
  if (type.kind == "PersistentVolumeClaim") apply_default_class(cluster, object);
  return std::nullopt;
}

std::optional<Status> check_quotas(const Cluster& cluster, const ResourceType& type, const json::object* old,
                                   const json::object& object) {
  const auto ns = std::string(namespace_of(object));
  if (ns.empty()) return std::nullopt;
  auto asked = usage_of(type, object);
  for (const auto& quota : cluster.store.list(quota_type(), ns)) {
    const auto hard = string_map(find_object(quota->value(), {"spec", "hard"}));
    const auto name = std::string(name_of(quota->value()));
    if (!is_in_scope(quota->value(), type, object)) continue;
    if (type.kind == "Pod" && old == nullptr) {
      if (const auto missing = missing_resources(object, hard); !missing.empty()) {
        return forbidden(type, name_of(object), "failed quota: " + name + ": must specify " + missing);
      }
    }
    const auto used = usage_under(cluster.store, quota->value());
    std::string requested_text, used_text, limited_text;
    const auto add = [](std::string& list, const std::string& key, const std::string& value) {
      list.append(list.empty() ? "" : ",").append(key).append("=").append(value);
    };
    for (const auto& [key, limit_text] : hard) {
      const auto limit = Quantity::parse(limit_text);
      const auto want = asked.find(key);
      if (!limit || want == asked.end()) continue;
      auto delta = want->second;
      if (old != nullptr) {
        const auto before = usage_of(type, *old);
        if (const auto had = before.find(key); had != before.end()) delta = delta - had->second;
      }
      const auto now = used.contains(key) ? used.at(key) : Amount();
      if (delta.is_positive() && (now + delta).exceeds(*limit)) {
        add(requested_text, key, delta.to_string());
        add(used_text, key, now.to_string());
        add(limited_text, key, limit->to_string());
      }
    }
    if (!requested_text.empty()) {
      return forbidden(type, name_of(object),
                       "exceeded quota: " + name + ", requested: " + requested_text + ", used: " + used_text +
                           ", limited: " + limited_text);
    }
  }
  return std::nullopt;
}

}  // namespace quartermaster::apisim
