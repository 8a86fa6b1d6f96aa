// The body of a question whether a workload would fit.
#pragma once

#include "model/demand.hpp"
#include "model/json.hpp"

namespace quartermaster::api {

/// Error: bad_request for form, invalid for values: those that no pod or claim could have, either.
Result<model::Demand> parse_fits_body(json::Value body);

}  // namespace quartermaster::api
