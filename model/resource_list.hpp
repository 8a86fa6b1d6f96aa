// Amounts by resource name, as containers, limit ranges and quotas have them: {"cpu": "500m", "memory": "1Gi"}.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/quantity.hpp"

namespace quartermaster::model {

using ResourceList = std::map<std::string, Quantity, std::less<>>;

/// What is no quantity is left out: the API server has none such.
ResourceList resource_list_from(const StringMap& quantities);
ResourceList resource_list_from(json::Value quantities);

/// The amount; null where there is none.
const Quantity* find(const ResourceList& list, std::string_view resource);

/// To each amount that of `more`.
void add(ResourceList& total, const ResourceList& more);
/// Of each resource the larger amount.
void raise_to(ResourceList& total, const ResourceList& other);

/// A member whose value is the object of all amounts, as Kubernetes prints them.
void write_field(json::Writer& writer, std::string_view name, const ResourceList& list);

}  // namespace quartermaster::model
