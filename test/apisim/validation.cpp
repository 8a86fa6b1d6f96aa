#include "test/apisim/validation.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <set>

#include "model/base64.hpp"
#include "model/quantity.hpp"
#include "test/apisim/names.hpp"

namespace quartermaster::apisim {
namespace {

constexpr std::size_t kMaxData = 1U << 20;

std::string index(std::string_view field, std::size_t i) { return std::string(field) + "[" + std::to_string(i) + "]"; }
std::string keyed(std::string_view field, std::string_view key) {
  return std::string(field) + "[" + std::string(key) + "]";
}

void check_metadata(const ResourceType& type, const json::object& object, FieldErrors& errors) {
  const auto name = name_of(object);
  if (name.empty()) {
    errors.push_back(required("metadata.name", "name or generateName is required"));
  } else {
    const bool label = type.kind == "Namespace" || type.kind == "Service";
    for (const auto& p : label ? check_label_name(name) : check_subdomain_name(name)) {
      errors.push_back(invalid_value("metadata.name", name, p));
    }
  }
  for (const auto& [key, value] : labels_of(object)) {
    for (const auto& p : check_qualified(key)) errors.push_back(invalid_value("metadata.labels", key, p));
    for (const auto& p : check_value(value)) errors.push_back(invalid_value("metadata.labels", value, p));
  }
  std::size_t size = 0;
  for (const auto& [key, value] : string_map(find_object(object, {"metadata", "annotations"}))) {
    std::string lower = key;
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    for (const auto& p : check_qualified(lower)) errors.push_back(invalid_value("metadata.annotations", key, p));
    size += key.size() + value.size();
  }
  if (size > 256U << 10) errors.push_back(too_long("metadata.annotations", "must have at most 262144 bytes"));
  const auto finalizers = finalizers_of(object);
  for (std::size_t i = 0; i < finalizers.size(); ++i) {
    const auto& finalizer = finalizers[i];
    const auto field = index("metadata.finalizers", i);
    for (const auto& p : check_qualified(finalizer)) errors.push_back(invalid_value(field, finalizer, p));
    static const std::set<std::string_view> kStandard = {"kubernetes", "orphan", "foregroundDeletion"};
    if (finalizer.find('/') == std::string::npos && !kStandard.contains(finalizer)) {
      errors.push_back(
          invalid_value(field, finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
    }
  }
}

void check_secret(const json::object& secret, FieldErrors& errors) {
  std::size_t size = 0;
  const auto data = string_map(find_object(secret, {"data"}));
  for (const auto& [key, value] : data) {
    for (const auto& p : check_data_key(key)) errors.push_back(invalid_value(keyed("data", key), key, p));
    size += decode_base64(value).value_or("").size();
  }
  if (size > kMaxData) errors.push_back(too_long("data", "must have at most 1048576 bytes"));

  const auto type = text(secret, {"type"});
  const auto need = [&](std::string_view key, std::string field) {
    if (!data.contains(key)) errors.push_back(required(std::move(field)));
  };
  const auto need_json = [&](std::string_view key) {
    const auto found = data.find(key);
    if (found == data.end()) return errors.push_back(required(keyed("data", key)));
    boost::system::error_code ec;
    const auto parsed = json::parse(decode_base64(found->second).value_or(""), ec);
    if (!ec && parsed.is_object()) return;
    errors.push_back(invalid_value(
        keyed("data", key), "<secret contents redacted>",
        ec ? "unexpected end of JSON input" : "json: cannot unmarshal into Go value of type map[string]interface {}"));
  };
  if (type == "kubernetes.io/dockerconfigjson") need_json(".dockerconfigjson");
  if (type == "kubernetes.io/dockercfg") need_json(".dockercfg");
  if (type == "kubernetes.io/basic-auth" && !data.contains("username") && !data.contains("password")) {
    need("username", "data[%s][username]");
    need("password", "data[%s][password]");
  }
  if (type == "kubernetes.io/ssh-auth") need("ssh-privatekey", "data[%s][ssh-privatekey]");
  if (type == "kubernetes.io/tls") {
    need("tls.crt", "data[tls.crt]");
    need("tls.key", "data[tls.key]");
  }
  if (type == "kubernetes.io/service-account-token" &&
      text(secret, {"metadata", "annotations", "kubernetes.io/service-account.name"}).empty()) {
    errors.push_back(required("metadata.annotations[kubernetes.io/service-account.name]"));
  }
}

void check_claim(const json::object& claim, FieldErrors& errors) {
  static const std::set<std::string_view> kModes = {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce"};
  const auto* modes = find_array(claim, {"spec", "accessModes"});
  if (modes == nullptr || modes->empty()) {
    errors.push_back(required("spec.accessModes", "at least 1 access mode is required"));
  } else {
    for (const auto& mode : *modes) {
      const std::string given = mode.is_string() ? std::string(mode.get_string()) : json::serialize(mode);
      if (!kModes.contains(given)) {
        errors.push_back(not_supported("spec.accessModes", given, {kModes.begin(), kModes.end()}));
      }
    }
  }
  const auto storage = text(claim, {"spec", "resources", "requests", "storage"});
  if (storage.empty()) {
    errors.push_back(required("spec.resources[storage]"));
  } else if (const auto size = Quantity::parse(storage); size && (size->is_negative() || size->is_zero())) {
    errors.push_back(invalid_value("spec.resources[storage]", storage, "must be greater than zero"));
  }
  const auto* class_name = find(claim, {"spec", "storageClassName"});
  if (class_name != nullptr && class_name->is_string() && !class_name->get_string().empty()) {
    const auto name = text(claim, {"spec", "storageClassName"});
    for (const auto& p : check_subdomain_name(name)) errors.push_back(invalid_value("spec.storageClassName", name, p));
  }
  const auto mode = text(claim, {"spec", "volumeMode"});
  if (mode != "Block" && mode != "Filesystem") {
    errors.push_back(not_supported("spec.volumeMode", mode, {"Block", "Filesystem"}));
  }
}

void check_container(const json::object& container, const std::string& field, std::set<std::string, std::less<>>& names,
                     FieldErrors& errors) {
  const auto name = text(container, {"name"});
  if (name.empty()) {
    errors.push_back(required(field + ".name"));
  } else if (const auto problems = check_label_name(name); !problems.empty()) {
    for (const auto& p : problems) errors.push_back(invalid_value(field + ".name", name, p));
  } else if (!names.emplace(name).second) {
    errors.push_back(duplicate(field + ".name", name));
  }
  if (text(container, {"image"}).empty()) errors.push_back(required(field + ".image"));
  const auto limits = string_map(find_object(container, {"resources", "limits"}));
  for (const auto& [key, value] : string_map(find_object(container, {"resources", "requests"}))) {
    const auto limit = limits.find(key);
    if (limit == limits.end()) continue;
    const auto r = Quantity::parse(value), l = Quantity::parse(limit->second);
    if (r && l && *r > *l) {
      errors.push_back(
          invalid_value(field + ".resources.requests", value, "must be less than or equal to " + key + " limit"));
    }
  }
}

void check_requests(const json::object& container, const std::string& path, FieldErrors& errors) {
  const auto limits = string_map(find_object(container, {"resources", "limits"}));
  for (const auto& [key, value] : string_map(find_object(container, {"resources", "requests"}))) {
    const auto limit = limits.find(key);
    if (limit == limits.end()) continue;
    const auto request = Quantity::parse(value), most = Quantity::parse(limit->second);
    if (request && most && *request > *most) {
      errors.push_back(
          invalid_value(path + ".resources.requests", value, "must be less than or equal to " + key + " limit"));
    }
  }
}

void check_pod(const json::object& pod, FieldErrors& errors) {
  std::set<std::string, std::less<>> names;
  for (const auto* list : {"containers", "initContainers"}) {
    const auto* containers = find_array(pod, {"spec", list});
    if (list == std::string_view("containers") && (containers == nullptr || containers->empty())) {
      errors.push_back(required("spec.containers"));
    }
    if (containers == nullptr) continue;
    for (std::size_t i = 0; i < containers->size(); ++i) {
      if ((*containers)[i].is_object()) {
        const auto path = index(std::string("spec.") + list, i);
        check_container((*containers)[i].get_object(), path, names, errors);
        check_requests((*containers)[i].get_object(), path, errors);
      }
    }
  }
  const auto policy = text(pod, {"spec", "restartPolicy"});
  if (policy != "Always" && policy != "OnFailure" && policy != "Never") {
    errors.push_back(not_supported("spec.restartPolicy", policy, {"Always", "OnFailure", "Never"}));
  }
}

bool is_quota_resource(std::string_view key) {
  static const std::set<std::string_view> kStandard = {"cpu",
                                                       "memory",
                                                       "ephemeral-storage",
                                                       "requests.cpu",
                                                       "requests.memory",
                                                       "requests.storage",
                                                       "requests.ephemeral-storage",
                                                       "limits.cpu",
                                                       "limits.memory",
                                                       "limits.ephemeral-storage",
                                                       "persistentvolumeclaims",
                                                       "pods",
                                                       "resourcequotas",
                                                       "services",
                                                       "replicationcontrollers",
                                                       "secrets",
                                                       "configmaps",
                                                       "services.nodeports",
                                                       "services.loadbalancers"};
  return kStandard.contains(key) || key.find('/') != std::string_view::npos;
}

bool is_counted(std::string_view key) {
  static const std::set<std::string_view> kCounted = {
      "persistentvolumeclaims", "pods",    "resourcequotas", "services",
      "replicationcontrollers", "secrets", "configmaps",     "services.nodeports",
      "services.loadbalancers"};
  return kCounted.contains(key) || key.starts_with("count/");
}

void check_quota(const json::object& quota, FieldErrors& errors) {
  for (const auto& [key, value] : string_map(find_object(quota, {"spec", "hard"}))) {
    const auto field = keyed("spec.hard", key);
    const auto name_problems = check_qualified(key);
    for (const auto& p : name_problems) errors.push_back(invalid_value(field, key, p));
    if (!is_quota_resource(key)) {
      if (name_problems.empty()) {
        errors.push_back(invalid_value(field, key, "must be a standard resource type or fully qualified"));
      }
      errors.push_back(invalid_value(field, key, "must be a standard resource for quota"));
    }
    const auto quantity = Quantity::parse(value);
    if (quantity && quantity->is_negative()) {
      errors.push_back(invalid_value(field, value, "must be greater than or equal to 0"));
    }
    if (is_counted(key) && value.ends_with('m')) {
      errors.push_back(
          invalid_raw(field, "resource.Quantity{s:\"" + value + "\", Format:\"DecimalSI\"}", "must be an integer"));
    }
  }
}

void check_limit_range(const json::object& range, FieldErrors& errors) {
  const auto* limits = find_array(range, {"spec", "limits"});
  if (limits == nullptr) return;
  for (std::size_t i = 0; i < limits->size(); ++i) {
    if (!(*limits)[i].is_object()) continue;
    const auto& item = (*limits)[i].get_object();
    const auto compare = [&](const char* low, const char* high, const std::string& low_name,
                             const std::string& high_name, const char* blamed) {
      const auto highs = string_map(find_object(item, {high}));
      for (const auto& [key, value] : string_map(find_object(item, {low}))) {
        const auto other = highs.find(key);
        if (other == highs.end()) continue;
        const auto l = Quantity::parse(value), h = Quantity::parse(other->second);
        if (!l || !h || *l <= *h) continue;
        const auto& shown = blamed == std::string_view(low) ? value : other->second;
        errors.push_back(
            invalid_raw(keyed(index("spec.limits", i) + "." + blamed, key),
                        "resource.Quantity{s:\"" + shown + "\", Format:\"DecimalSI\"}",
                        low_name + " value " + value + " is greater than " + high_name + " value " + other->second));
      }
    };
    compare("min", "max", "min", "max", "min");
    compare("defaultRequest", "max", "default request", "max", "defaultRequest");
    compare("defaultRequest", "default", "default request", "default limit", "defaultRequest");
    compare("default", "max", "default", "max", "default");
  }
}

void check_storage_class(const json::object& object, FieldErrors& errors) {
  if (text(object, {"provisioner"}).empty()) errors.push_back(required("provisioner"));
  const auto policy = text(object, {"reclaimPolicy"});
  if (policy != "Delete" && policy != "Retain") {
    errors.push_back(not_supported("reclaimPolicy", policy, {"Delete", "Retain"}));
  }
  const auto mode = text(object, {"volumeBindingMode"});
  if (mode != "Immediate" && mode != "WaitForFirstConsumer") {
    errors.push_back(not_supported("volumeBindingMode", mode, {"Immediate", "WaitForFirstConsumer"}));
  }
}

void check_workload(const json::object& workload, FieldErrors& errors) {
  const auto selector = string_map(find_object(workload, {"spec", "selector", "matchLabels"}));
  const auto labels = string_map(find_object(workload, {"spec", "template", "metadata", "labels"}));
  if (find_object(workload, {"spec", "selector"}) == nullptr) errors.push_back(required("spec.selector"));
  const bool matches = std::ranges::all_of(selector, [&](const auto& entry) {
    const auto found = labels.find(entry.first);
    return found != labels.end() && found->second == entry.second;
  });
  if (selector.empty() || !matches) {
    std::string shown = "map[string]string";
    if (labels.empty()) {
      shown += "(nil)";
    } else {
      shown += "{";
      for (const auto& [key, value] : labels) {
        shown.append(shown.ends_with('{') ? "" : ", ").append(go_quoted(key)).append(":").append(go_quoted(value));
      }
      shown += "}";
    }
    errors.push_back(
        invalid_raw("spec.template.metadata.labels", shown, "`selector` does not match template `labels`"));
  }
}

void check_ingress(const json::object& ingress, FieldErrors& errors) {
  const auto* rules = find_array(ingress, {"spec", "rules"});
  if ((rules == nullptr || rules->empty()) && find_object(ingress, {"spec", "defaultBackend"}) == nullptr) {
    errors.push_back(invalid_raw("spec", "", "either `defaultBackend` or `rules` must be specified"));
  }
}

void check_role_binding(const json::object& binding, FieldErrors& errors) {
  if (text(binding, {"roleRef", "name"}).empty()) errors.push_back(required("roleRef.name"));
  const auto* subjects = find_array(binding, {"subjects"});
  for (std::size_t i = 0; subjects != nullptr && i < subjects->size(); ++i) {
    const auto* subject = (*subjects)[i].if_object();
    if (subject == nullptr) continue;
    const auto path = index("subjects", i);
    if (text(*subject, {"name"}).empty()) errors.push_back(required(path + ".name"));
    if (text(*subject, {"kind"}) == "ServiceAccount" && text(*subject, {"namespace"}).empty()) {
      errors.push_back(required(path + ".namespace"));
    }
  }
}

void check_event(const json::object& event, FieldErrors& errors) {
  const auto about = text(event, {"involvedObject", "namespace"});
  const auto ns = namespace_of(event);
  if (about != ns && !(about.empty() && ns == "default")) {
    errors.push_back(invalid_value("involvedObject.namespace", about, "does not match event.namespace"));
  }
}

}  // namespace

FieldErrors validate(const ResourceType& type, const json::object& object) {
  FieldErrors errors;
  check_metadata(type, object, errors);
  const auto kind = type.kind;
  if (kind == "Secret") check_secret(object, errors);
  if (kind == "PersistentVolumeClaim") check_claim(object, errors);
  if (kind == "Pod") check_pod(object, errors);
  if (kind == "ResourceQuota") check_quota(object, errors);
  if (kind == "LimitRange") check_limit_range(object, errors);
  if (kind == "StorageClass") check_storage_class(object, errors);
  if (kind == "Event") check_event(object, errors);
  if (kind == "RoleBinding") check_role_binding(object, errors);
  if (kind == "Ingress") check_ingress(object, errors);
  if (type.group == "apps") check_workload(object, errors);
  return errors;
}

}  // namespace quartermaster::apisim
