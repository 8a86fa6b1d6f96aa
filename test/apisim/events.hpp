// The two forms of an event: v1, as it is stored, and events.k8s.io/v1.
#pragma once

#include "test/apisim/status.hpp"

namespace quartermaster::apisim {

json::object to_new_event(const json::object& event);
json::object from_new_event(const json::object& event);
/// What is asked of an event in the new form only.
FieldErrors validate_new_event(const json::object& event);

}  // namespace quartermaster::apisim
