// The body of a question whether a workload would fit.
#include "server/api/fits_body.hpp"

#include "model/fit.hpp"
#include "model/names.hpp"
#include "server/api/amounts.hpp"
#include "server/api/body_reader.hpp"
#include "server/api/checks.hpp"

namespace quartermaster::api {
namespace {

constexpr std::size_t kMostItems = 100;  // of each list

std::vector<model::ContainerDemand> containers_of(ObjectReader& reader, std::string_view field, Causes& causes) {
  std::vector<model::ContainerDemand> containers;
  auto items = reader.objects(field);
  if (!check_count(items.size(), kMostItems, std::string(field), causes)) return containers;
  for (auto& item : items) {
    auto& container = containers.emplace_back();
    container.requests = amounts_of(item, "requests", causes);
    container.limits = amounts_of(item, "limits", causes);
    item.finish();
    for (const auto& [resource, request] : container.requests) {
      const auto* limit = model::find(container.limits, resource);
      if (limit == nullptr || request <= *limit) continue;
      add_cause(causes, place(item.place("requests"), resource), "FieldValueInvalid",
                "must be at most the limit, " + limit->to_string());
    }
  }
  return containers;
}

std::vector<model::ClaimDemand> claims_of(ObjectReader& reader, FirstError& error, Causes& causes) {
  std::vector<model::ClaimDemand> claims;
  auto items = reader.objects("storage");
  if (!check_count(items.size(), kMostItems, "storage", causes)) return claims;
  for (auto& item : items) {
    auto& claim = claims.emplace_back();
    const auto size = item.string("size");
    claim.storage_class = item.string("storageClass");
    claim.shared = item.boolean("shared").value_or(false);
    item.finish();
    if (!size || size->empty()) {
      if (!error) error = Error{ErrorCode::bad_request, item.place("size") + ": must be given"};
      continue;
    }
    claim.size = amount_of(*size, item.place("size"), causes);
    if (claim.storage_class.value_or("").empty()) continue;
    if (auto what = check_dns1123_subdomain(*claim.storage_class); !what.empty()) {
      add_cause(causes, item.place("storageClass"), "FieldValueInvalid", std::move(what));
    }
  }
  return claims;
}

/// A whole number from 1 to `most`.
std::int64_t positive(ObjectReader& reader, std::string_view field, std::int64_t otherwise, std::int64_t most,
                      Causes& causes) {
  const auto number = reader.integer(field).value_or(otherwise);
  if (number >= 1 && number <= most) return number;
  add_cause(causes, std::string(field), "FieldValueInvalid", "must be from 1 to " + std::to_string(most));
  return otherwise;
}

}  // namespace

Result<model::Demand> parse_fits_body(json::Value body) {
  FirstError error;
  Causes causes;
  ObjectReader reader(body, "", error);
  model::Demand demand;
  demand.replicas = positive(reader, "replicas", 1, model::kMostReplicas, causes);
  demand.priority_class = reader.string("priorityClassName").value_or("");
  if (const auto deadline = reader.integer("activeDeadlineSeconds")) {
    demand.ends_by_itself = true;
    if (*deadline < 1) add_cause(causes, "activeDeadlineSeconds", "FieldValueInvalid", "must be 1 or more");
  }
  demand.containers = containers_of(reader, "containers", causes);
  demand.init_containers = containers_of(reader, "initContainers", causes);
  demand.claims = claims_of(reader, error, causes);
  reader.finish();
  if (error) return std::move(*error);
  if (demand.containers.empty() && !demand.init_containers.empty() && causes.empty()) {
    add_cause(causes, "containers", "FieldValueRequired", "must be given beside initContainers");
  }
  if (!causes.empty()) return invalid(std::move(causes));
  return demand;
}

}  // namespace quartermaster::api
