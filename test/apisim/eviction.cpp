#include "test/apisim/eviction.hpp"

#include "test/apisim/decode.hpp"
#include "test/apisim/writes.hpp"

namespace quartermaster::apisim {
namespace {

const ResourceType& eviction_type() {
  static const ResourceType type = {.group = "policy", .version = "v1beta1", .plural = "evictions", .kind = "Eviction"};
  return type;
}

const ResourceType& budget_type() {
  static const auto& type = *find_kind("PodDisruptionBudget");
  return type;
}

/// Whether its labels are those of the budget's selector; without expressions, which nobody needs here.
bool covers(const json::object& budget, const json::object& pod) {
  const auto wanted = string_map(find_object(budget, {"spec", "selector", "matchLabels"}));
  const auto labels = labels_of(pod);
  for (const auto& [key, value] : wanted) {
    const auto found = labels.find(key);
    if (found == labels.end() || found->second != value) return false;
  }
  return !wanted.empty();
}

/// It disturbs nobody when such a pod goes.
bool is_of_no_use(const json::object& pod) {
  const auto phase = text(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed" || phase == "Pending" || is_terminating(pod);
}

Status too_many(std::string cause) {
  json::object entry = {{"reason", "DisruptionBudget"}, {"message", std::move(cause)}};
  json::object details;
  details["causes"] = json::array{std::move(entry)};
  return {429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
          std::move(details)};
}

/// Takes one of the disruptions that the budget allows.
std::optional<Status> spend(Cluster& cluster, const json::object& budget, std::string_view pod, bool dry_run) {
  const auto name = std::string(name_of(budget));
  if (integer(budget, {"status", "observedGeneration"}) < integer(budget, {"metadata", "generation"})) {
    return too_many("The disruption budget " + name + " is still being processed by the server.");
  }
  const auto allowed = integer(budget, {"status", "disruptionsAllowed"});
  if (allowed == 0) {
    return too_many("The disruption budget " + name + " needs " +
                    std::to_string(integer(budget, {"status", "desiredHealthy"})) + " healthy pods and has " +
                    std::to_string(integer(budget, {"status", "currentHealthy"})) + " currently");
  }
  if (dry_run) return std::nullopt;
  auto changed = budget;
  auto& status = make_object(changed, {"status"});
  status["disruptionsAllowed"] = allowed - 1;
  make_object(status, {"disruptedPods"})[pod] = time_text();
  cluster.store.write(budget_type(), std::move(changed));
  return std::nullopt;
}

std::optional<Status> ask_budgets(Cluster& cluster, const json::object& pod, bool dry_run) {
  std::vector<ObjectPtr> own;
  for (const auto& budget : cluster.store.list(budget_type(), namespace_of(pod))) {
    if (covers(budget->value(), pod)) own.push_back(budget);
  }
  if (own.empty()) return std::nullopt;
  if (own.size() > 1) {
    return Status(500, "",
                  "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
  }
  return spend(cluster, own.front()->value(), name_of(pod), dry_run);
}

}  // namespace

Answer<json::object> evict(Cluster& cluster, const ApiRequest& request, bool dry_run) {
  const auto eviction = decode_body(eviction_type(), request.body, request.content_type);
  if (!eviction) return eviction.error();
  if (name_of(*eviction) != request.name) return bad_request("name in URL does not match name in Eviction object");
  const auto found = cluster.store.find(pod_type(), request.ns, request.name);
  if (!found) return not_found(pod_type(), request.name);
  const auto& pod = found->value();
  if (!is_of_no_use(pod)) {
    if (auto refused = ask_budgets(cluster, pod, dry_run)) return *refused;
  }
  DeleteRequest options;
  options.uid = text(*eviction, {"deleteOptions", "preconditions", "uid"});
  options.dry_run = dry_run;
  auto deleted = delete_object(cluster, pod_type(), request.ns, request.name, options);
  if (!deleted) return deleted.error();
  return json::object{
      {"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Success"}, {"code", 201}};
}

}  // namespace quartermaster::apisim
