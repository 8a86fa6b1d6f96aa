// Label selectors: matching and printing. label_selector_parser.cpp has the parser.
#include "model/label_selector.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "model/integer.hpp"

namespace quartermaster {
namespace {

using Operator = LabelSelector::Operator;
using Requirement = LabelSelector::Requirement;

template <class T>
void sort_unique(std::vector<T>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

bool matches(const Requirement& requirement, std::optional<std::string_view> label) {
  const bool exists = label.has_value();
  const auto& values = requirement.values;
  const auto listed = [&] { return exists && std::binary_search(values.begin(), values.end(), *label); };
  const auto compare = [&](auto holds) {
    if (!exists || values.empty()) return false;
    const auto value = parse_integer(*label), bound = parse_integer(values.front());
    return value && bound && holds(*value, *bound);
  };
  switch (requirement.op) {
    case Operator::equals:
    case Operator::in:
      return listed();
    case Operator::not_equals:
    case Operator::not_in:
      return !listed();
    case Operator::exists:
      return exists;
    case Operator::not_exists:
      return !exists;
    case Operator::greater_than:
      return compare(std::greater<>());
    case Operator::less_than:
      return compare(std::less<>());
  }
  return false;
}

std::string join(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (&value == &values.front() ? "" : ",") + value;
  return text;
}

std::string to_string(const Requirement& requirement) {
  const std::string values = join(requirement.values);
  switch (requirement.op) {
    case Operator::equals:
      return requirement.key + "=" + values;
    case Operator::not_equals:
      return requirement.key + "!=" + values;
    case Operator::in:
      return requirement.key + " in (" + values + ")";
    case Operator::not_in:
      return requirement.key + " notin (" + values + ")";
    case Operator::exists:
      return requirement.key;
    case Operator::not_exists:
      return "!" + requirement.key;
    case Operator::greater_than:
      return requirement.key + ">" + values;
    case Operator::less_than:
      return requirement.key + "<" + values;
  }
  return {};
}

}  // namespace

bool LabelSelector::matches(const StringMap& labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
    const auto label = labels.find(requirement.key);
    return quartermaster::matches(
        requirement, label == labels.end() ? std::nullopt : std::optional<std::string_view>(label->second));
  });
}

bool LabelSelector::matches(const RenderedLabels& labels) const {
  if (requirements_.empty()) return true;
  if (!labels.plain()) return matches(labels.map());
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
    const auto label = labels.find(requirement.key);
    return quartermaster::matches(requirement, label.data() == nullptr ? std::nullopt : std::optional(label));
  });
}

std::string LabelSelector::to_string() const {
  std::string text;
  for (const Requirement& requirement : requirements_)
    text += (text.empty() ? "" : ",") + quartermaster::to_string(requirement);
  return text;
}

LabelSelector::LabelSelector(std::vector<Requirement> requirements) : requirements_(std::move(requirements)) {
  for (Requirement& requirement : requirements_) sort_unique(requirement.values);
  sort_unique(requirements_);
}

void LabelSelector::add(Requirement requirement) {
  std::vector<Requirement> requirements = std::move(requirements_);
  requirements.push_back(std::move(requirement));
  *this = LabelSelector(std::move(requirements));
}

}  // namespace quartermaster
