// Checks of values in bodies: each adds the causes it finds, so that a caller hears of all of them at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/manifest.hpp"

namespace quartermaster::api {

using Causes = std::vector<Cause>;

/// "labels", "app" -> "labels.app"; an odd key is put in brackets, and a long one is cut.
std::string place(std::string_view path, std::string_view key);

/// Label keys and values; `field` is the map's place, "labels".
void check_labels(std::string_view field, const model::MapPatch& labels, Causes& causes);
void check_annotations(std::string_view field, const model::MapPatch& annotations, Causes& causes);

/// The error of these causes: its message is that of all of them. Of very many only the first are told.
Error invalid(Causes causes);

/// The entries that have a value.
StringMap values_of(const model::MapPatch& patch);

}  // namespace quartermaster::api
