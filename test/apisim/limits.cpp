#include "test/apisim/limits.hpp"

#include "model/quantity.hpp"
#include "test/apisim/quota.hpp"

namespace quartermaster::apisim {
namespace {

/// Canonical quantities.
struct Asked {
  StringMap requests, limits;
};

std::vector<Asked> containers_of(const json::object& pod, std::string_view list) {
  std::vector<Asked> all;
  const auto* containers = find_array(pod, {"spec", list});
  if (containers == nullptr) return all;
  for (const auto& container : *containers) {
    if (!container.is_object()) continue;
    all.push_back({string_map(find_object(container.get_object(), {"resources", "requests"})),
                   string_map(find_object(container.get_object(), {"resources", "limits"}))});
  }
  return all;
}

/// A sum has only what is in each part; an init container may then exceed it.
StringMap total(const json::object& pod, StringMap Asked::*which) {
  std::map<std::string, Amount, std::less<>> sums;
  std::map<std::string, std::size_t, std::less<>> parts;
  const auto containers = containers_of(pod, "containers");
  for (const auto& container : containers) {
    for (const auto& [key, value] : container.*which) {
      sums[key] = sums[key] + Amount::of(value);
      ++parts[key];
    }
  }
  std::erase_if(sums, [&](const auto& entry) { return parts[entry.first] < containers.size(); });
  for (const auto& container : containers_of(pod, "initContainers")) {
    for (const auto& [key, value] : container.*which) sums[key].raise_to(Amount::of(value));
  }
  StringMap result;
  for (const auto& [key, amount] : sums) result[key] = amount.to_string();
  return result;
}

class Judge {
 public:
  explicit Judge(std::string_view kind) : kind_(kind) {}

  void judge(const json::object& item, const Asked& asked, bool has_limits) {
    for (const auto& [key, bound] : string_map(find_object(item, {"min"}))) {
      const auto say = "minimum " + key + " usage per " + kind_ + " is " + bound;
      if (!asked.requests.contains(key)) {
        problems_.push_back(say + ".  No request is specified");
      } else if (less(asked.requests.at(key), bound)) {
        problems_.push_back(say + ", but request is " + asked.requests.at(key));
      } else if (asked.limits.contains(key) && less(asked.limits.at(key), bound)) {
        problems_.push_back(say + ", but limit is " + asked.limits.at(key));
      }
    }
    const auto& held = has_limits ? asked.limits : asked.requests;
    const std::string word = has_limits ? "limit" : "request";
    for (const auto& [key, bound] : string_map(find_object(item, {"max"}))) {
      const auto say = "maximum " + key + " usage per " + kind_ + " is " + bound;
      if (!held.contains(key)) {
        problems_.push_back(say + ".  No " + word + " is specified");
      } else if (less(bound, held.at(key))) {
        problems_.push_back(say + ", but " + word + " is " + held.at(key));
      }
    }
    for (const auto& [key, bound] : string_map(find_object(item, {"maxLimitRequestRatio"}))) {
      const auto say = key + " max limit to request ratio per " + kind_ + " is " + bound;
      const auto request = number(asked.requests, key), limit = number(asked.limits, key);
      if (request == 0) {
        problems_.push_back(say + ", but no request is specified or request is 0");
      } else if (limit == 0) {
        problems_.push_back(say + ", but no limit is specified or limit is 0");
      } else if (limit / request > Quantity::parse(bound)->to_double()) {
        problems_.push_back(say + ", but provided ratio is " + std::to_string(limit / request));
      }
    }
  }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  static bool less(const std::string& a, const std::string& b) { return *Quantity::parse(a) < *Quantity::parse(b); }
  static double number(const StringMap& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? 0 : Quantity::parse(found->second)->to_double();
  }

  std::string kind_;
  std::vector<std::string> problems_;
};

std::vector<std::string> problems_of(const json::object& item, const ResourceType& type, const json::object& object) {
  const auto kind = text(item, {"type"});
  Judge judge(kind);
  if (type.kind == "Pod" && kind == "Container") {
    for (const auto* list : {"containers", "initContainers"}) {
      for (const auto& asked : containers_of(object, list)) judge.judge(item, asked, true);
    }
  }
  if (type.kind == "Pod" && kind == "Pod") {
    judge.judge(item, {total(object, &Asked::requests), total(object, &Asked::limits)}, true);
  }
  if (type.kind == kind && kind == "PersistentVolumeClaim") {
    judge.judge(item, {string_map(find_object(object, {"spec", "resources", "requests"})), {}}, false);
  }
  return judge.problems();
}

}  // namespace

std::optional<Status> check_limit_ranges(const Cluster& cluster, const ResourceType& type, const json::object& object) {
  static const auto& range_type = *find_kind("LimitRange");
  if (type.kind != "Pod" && type.kind != "PersistentVolumeClaim") return std::nullopt;
  std::string all;
  std::size_t count = 0;
  for (const auto& range : cluster.store.list(range_type, namespace_of(object))) {
    const auto* items = find_array(range->value(), {"spec", "limits"});
    if (items == nullptr) continue;
    for (const auto& item : *items) {
      if (!item.is_object()) continue;
      for (const auto& problem : problems_of(item.get_object(), type, object)) {
        all.append(count++ == 0 ? "" : ", ").append(problem);
      }
    }
  }
  if (count == 0) return std::nullopt;
  return forbidden(type, name_of(object), count == 1 ? all : "[" + all + "]");
}

}  // namespace quartermaster::apisim
