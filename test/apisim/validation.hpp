// What the API server refuses with 422, field by field: k8s.io/kubernetes/pkg/apis/*/validation, as far as the kinds'
// fields matter here.
#pragma once

#include "test/apisim/status.hpp"

namespace quartermaster::apisim {

/// On every write, after the defaults.
FieldErrors validate(const ResourceType& type, const json::object& object);
/// On an update: what may not change. `subresource` as in the path.
FieldErrors validate_update(const ResourceType& type, std::string_view subresource, const json::object& old,
                            const json::object& object);

}  // namespace quartermaster::apisim
