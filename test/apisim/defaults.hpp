// Fields that a client may leave out and gets back filled in: k8s.io/kubernetes/pkg/apis/*/v1/defaults.go, and what the
// kinds' strategies prepare before they store.
#pragma once

#include "test/apisim/json.hpp"
#include "test/apisim/resource.hpp"

namespace quartermaster::apisim {

/// On every write.
void apply_defaults(const ResourceType& type, json::object& object);
/// On a create: what a client may not choose, like the status.
void prepare_for_create(const ResourceType& type, json::object& object);
/// On an update of the object itself (`subresource` "") or of its status: what that may not change is taken from `old`.
void prepare_for_update(const ResourceType& type, std::string_view subresource, const json::object& old,
                        json::object& object);
/// "Guaranteed", "Burstable" or "BestEffort".
std::string_view qos_class(const json::object& pod);

}  // namespace quartermaster::apisim
