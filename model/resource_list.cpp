// Sums of amounts.
#include "model/resource_list.hpp"

#include <algorithm>

namespace quartermaster::model {

ResourceList resource_list_from(const StringMap& quantities) {
  ResourceList list;
  for (const auto& [resource, text] : quantities) {
    if (auto quantity = Quantity::parse(text)) list.emplace(resource, std::move(*quantity));
  }
  return list;
}

ResourceList resource_list_from(json::Value quantities) { return resource_list_from(string_map(quantities)); }

const Quantity* find(const ResourceList& list, std::string_view resource) {
  const auto found = list.find(resource);
  return found == list.end() ? nullptr : &found->second;
}

void add(ResourceList& total, const ResourceList& more) {
  for (const auto& [resource, amount] : more) total[resource] += amount;
}

void raise_to(ResourceList& total, const ResourceList& other) {
  for (const auto& [resource, amount] : other) {
    const auto [mine, is_new] = total.try_emplace(resource, amount);
    if (!is_new) mine->second = std::max(mine->second, amount);
  }
}

void write_field(json::Writer& writer, std::string_view name, const ResourceList& list) {
  writer.key(name).begin_object();
  for (const auto& [resource, amount] : list) writer.field(resource, amount.to_string());
  writer.end_object();
}

}  // namespace quartermaster::model
