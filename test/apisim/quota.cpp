#include "test/apisim/quota.hpp"

#include <algorithm>
#include <set>

#include "test/apisim/defaults.hpp"

namespace quartermaster::apisim {
namespace {

using boost::multiprecision::cpp_int;

struct Suffix {
  std::string_view text;
  cpp_int nano;
  bool binary;
};

/// Largest first.
const std::vector<Suffix>& suffixes() {
  static const auto list = [] {
    std::vector<Suffix> result;
    const cpp_int one = 1'000'000'000;
    constexpr std::string_view kBinary[] = {"Ei", "Pi", "Ti", "Gi", "Mi", "Ki"};
    for (unsigned i = 0; i < 6; ++i) result.push_back({kBinary[i], one << (60 - 10 * i), true});
    constexpr std::string_view kDecimal[] = {"E", "P", "T", "G", "M", "k", "", "m", "u", "n"};
    cpp_int unit = one * one * one;
    for (const auto text : kDecimal) {
      result.push_back({text, unit, false});
      unit /= 1000;
    }
    return result;
  }();
  return list;
}

std::vector<const json::object*> containers_of(const json::object& pod, std::string_view list) {
  std::vector<const json::object*> result;
  if (const auto* containers = find_array(pod, {"spec", list})) {
    for (const auto& container : *containers) {
      if (container.is_object()) result.push_back(&container.get_object());
    }
  }
  return result;
}

/// The sum of the containers, or the largest of the init containers, as those run one after the other.
Usage pod_resources(const json::object& pod, std::string_view which) {
  Usage total;
  for (const auto* container : containers_of(pod, "containers")) {
    for (const auto& [key, value] : string_map(find_object(*container, {"resources", which}))) {
      total[key] = total[key] + Amount::of(value);
    }
  }
  for (const auto* container : containers_of(pod, "initContainers")) {
    for (const auto& [key, value] : string_map(find_object(*container, {"resources", which}))) {
      total[key].raise_to(Amount::of(value));
    }
  }
  return total;
}

Usage pod_usage(const json::object& pod) {
  const auto phase = text(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return {};
  Usage usage;
  usage["pods"] = Amount(1);
  usage["count/pods"] = Amount(1);
  for (const auto& [key, amount] : pod_resources(pod, "requests")) {
    usage["requests." + key] = amount;
    usage[key] = amount;
  }
  for (const auto& [key, amount] : pod_resources(pod, "limits")) usage["limits." + key] = amount;
  return usage;
}

Usage claim_usage(const json::object& claim) {
  Usage usage;
  const auto size = Amount::of(text(claim, {"spec", "resources", "requests", "storage"}));
  usage["persistentvolumeclaims"] = usage["count/persistentvolumeclaims"] = Amount(1);
  usage["requests.storage"] = size;
  if (const auto name = text(claim, {"spec", "storageClassName"}); !name.empty()) {
    const auto prefix = std::string(name) + ".storageclass.storage.k8s.io/";
    usage[prefix + "persistentvolumeclaims"] = Amount(1);
    usage[prefix + "requests.storage"] = size;
  }
  return usage;
}

/// As items of a scopeSelector.
std::vector<json::object> scopes_of(const json::object& quota) {
  std::vector<json::object> scopes;
  if (const auto* names = find_array(quota, {"spec", "scopes"})) {
    for (const auto& name : *names) scopes.push_back(json::object{{"scopeName", name}, {"operator", "Exists"}});
  }
  if (const auto* items = find_array(quota, {"spec", "scopeSelector", "matchExpressions"})) {
    for (const auto& item : *items) {
      if (item.is_object()) scopes.push_back(item.get_object());
    }
  }
  return scopes;
}

bool matches_scope(const json::object& scope, const json::object& pod) {
  const auto name = text(scope, {"scopeName"}), op = text(scope, {"operator"});
  const bool ends = find(pod, {"spec", "activeDeadlineSeconds"}) != nullptr;
  if (name == "Terminating" || name == "NotTerminating") return ends == (name == "Terminating");
  if (name == "BestEffort" || name == "NotBestEffort") {
    return (qos_class(pod) == "BestEffort") == (name == "BestEffort");
  }
  const auto priority = text(pod, {"spec", "priorityClassName"});
  if (op == "Exists" || op == "DoesNotExist") return priority.empty() == (op == "DoesNotExist");
  const auto* values = find_array(scope, {"values"});
  const bool listed = values != nullptr && !priority.empty() &&
                      std::ranges::find(*values, json::value(json::string(priority))) != values->end();
  return listed == (op == "In");
}

}  // namespace

Amount Amount::of(std::string_view canonical) {
  Amount amount;
  const auto digits = canonical.find_first_not_of("+-0123456789");
  const auto number = canonical.substr(0, digits);
  if (number.empty()) return amount;
  const auto suffix = digits == std::string_view::npos ? std::string_view() : canonical.substr(digits);
  amount.nano_ = cpp_int(std::string(number));
  const auto found = std::ranges::find(suffixes(), suffix, &Suffix::text);
  if (found != suffixes().end()) {
    amount.nano_ *= found->nano;
    amount.binary_ = found->binary;
  } else {  // an exponent: "12e6"
    amount.nano_ *= 1'000'000'000;
    for (int e = std::atoi(std::string(suffix.substr(1)).c_str()); e > 0; --e) amount.nano_ *= 10;
  }
  return amount;
}

Amount Amount::operator+(const Amount& other) const {
  Amount sum = *this;
  if (is_zero()) sum.binary_ = other.binary_;
  sum.nano_ += other.nano_;
  return sum;
}

Amount Amount::operator-(const Amount& other) const {
  Amount difference = *this;
  difference.nano_ -= other.nano_;
  return difference;
}

void Amount::raise_to(const Amount& other) {
  if (other.nano_ > nano_) *this = other;
}

std::string Amount::to_string() const {
  if (is_zero()) return "0";
  for (const auto& suffix : suffixes()) {
    if ((suffix.binary && !binary_) || (!suffix.binary && binary_ && suffix.nano > 1'000'000'000)) continue;
    if (nano_ % suffix.nano == 0) return cpp_int(nano_ / suffix.nano).str() + std::string(suffix.text);
  }
  return "0";
}

const ResourceType& quota_type() {
  static const auto& type = *find_kind("ResourceQuota");
  return type;
}

Usage usage_of(const ResourceType& type, const json::object& object) {
  if (type.kind == "Pod") return pod_usage(object);
  if (type.kind == "PersistentVolumeClaim") return claim_usage(object);
  Usage usage;
  usage[std::string(type.plural)] = Amount(1);
  usage["count/" + type.resource_name()] = Amount(1);
  return usage;
}

Usage usage_under(const Store& store, const json::object& quota) {
  Usage total;
  for (const auto& type : resource_types()) {
    if (!type.namespaced || !type.stored_as.empty()) continue;
    for (const auto& object : store.list(type, namespace_of(quota))) {
      if (!is_in_scope(quota, type, object->value())) continue;
      for (const auto& [key, amount] : usage_of(type, object->value())) total[key] = total[key] + amount;
    }
  }
  return total;
}

bool is_in_scope(const json::object& quota, const ResourceType& type, const json::object& object) {
  const auto scopes = scopes_of(quota);
  if (scopes.empty()) return true;
  return type.kind == "Pod" &&
         std::ranges::all_of(scopes, [&object](const json::object& scope) { return matches_scope(scope, object); });
}

std::string missing_resources(const json::object& pod, const StringMap& hard) {
  std::set<std::string> missing;
  for (const auto& [key, limit] : hard) {
    auto resource = std::string_view(key);
    const char* which = "requests";
    if (resource.starts_with("requests.")) {
      resource.remove_prefix(9);
    } else if (resource.starts_with("limits.")) {
      resource.remove_prefix(7);
      which = "limits";
    }
    if (resource != "cpu" && resource != "memory") continue;
    for (const auto* list : {"containers", "initContainers"}) {
      for (const auto* container : containers_of(pod, list)) {
        if (text(*container, {"resources", which, resource}).empty()) missing.insert(key);
      }
    }
  }
  std::string result;
  for (const auto& key : missing) result.append(result.empty() ? "" : ",").append(key);
  return result;
}

bool update_status(const Store& store, json::object& quota) {
  const auto usage = usage_under(store, quota);
  json::object hard, used;
  for (const auto& [key, limit] : string_map(find_object(quota, {"spec", "hard"}))) {
    hard[key] = limit;
    const auto found = usage.find(key);
    used[key] = found == usage.end() ? "0" : found->second.to_string();
  }
  json::object status;
  if (!hard.empty()) {
    status["hard"] = std::move(hard);
    status["used"] = std::move(used);
  }
  const auto* old = find(quota, {"status"});
  if (old != nullptr && *old == json::value(status)) return false;
  quota["status"] = std::move(status);
  return true;
}

}  // namespace quartermaster::apisim
