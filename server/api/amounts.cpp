// Amounts of resources in bodies.
#include "server/api/amounts.hpp"

#include "model/names.hpp"

namespace quartermaster::api {

void add_cause(Causes& causes, std::string field, std::string_view reason, std::string what) {
  causes.push_back({std::move(field), std::string(reason), std::move(what)});
}

bool check_count(std::size_t count, std::size_t most, std::string field, Causes& causes) {
  if (count <= most) return true;
  add_cause(causes, std::move(field), "FieldValueTooMany", "must be at most " + std::to_string(most));
  return false;
}

Quantity amount_of(const std::string& text, const std::string& field, Causes& causes) {
  auto quantity = Quantity::parse(text);
  if (!quantity) {
    add_cause(causes, field, "FieldValueInvalid", quantity.error().message);
  } else if (quantity->is_negative()) {
    add_cause(causes, field, "FieldValueInvalid", "must not be negative");
  } else {
    return std::move(*quantity);
  }
  return {};
}

model::ResourceList amounts_of(ObjectReader& reader, std::string_view field, Causes& causes) {
  model::ResourceList list;
  for (const auto& [resource, text] : reader.string_map(field).value_or(StringMap())) {
    const auto where = place(reader.place(field), resource);
    if (auto what = check_qualified_name(resource); !what.empty()) {
      add_cause(causes, where, "FieldValueInvalid", "bad name: " + what);
    }
    list.emplace(resource, amount_of(text, where, causes));
  }
  return list;
}

}  // namespace quartermaster::api
