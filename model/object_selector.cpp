// k8s.io/apimachinery/pkg/apis/meta/v1: LabelSelectorAsSelector.
#include "model/object_selector.hpp"

#include "model/object_meta.hpp"

namespace quartermaster::model {
namespace {

using Operator = LabelSelector::Operator;

std::optional<Operator> operator_from(std::string_view name) {
  if (name == "In") return Operator::in;
  if (name == "NotIn") return Operator::not_in;
  if (name == "Exists") return Operator::exists;
  if (name == "DoesNotExist") return Operator::not_exists;
  return std::nullopt;
}

}  // namespace

std::optional<LabelSelector> object_selector_from(json::Value selector) {
  if (!selector.is_object()) return std::nullopt;
  std::vector<LabelSelector::Requirement> all;
  for (const auto& [key, value] : string_map(selector["matchLabels"])) all.push_back({key, Operator::equals, {value}});
  for (const json::Value expression : selector["matchExpressions"].items()) {
    const auto op = operator_from(expression["operator"].string());
    if (!op) return std::nullopt;
    all.push_back({std::string(expression["key"].string()), *op, strings_from(expression["values"])});
  }
  return LabelSelector(std::move(all));
}

}  // namespace quartermaster::model
