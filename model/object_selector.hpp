// Label selectors as objects hold them (metav1.LabelSelector): {"matchLabels": {...}, "matchExpressions": [...]}.
#pragma once

#include <optional>

#include "model/json.hpp"
#include "model/label_selector.hpp"

namespace quartermaster::model {

/// Nothing if there is none, or if it has an operator that is not known. An empty one selects everything.
std::optional<LabelSelector> object_selector_from(json::Value selector);

}  // namespace quartermaster::model
