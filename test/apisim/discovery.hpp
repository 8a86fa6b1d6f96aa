// The paths that are no objects: discovery, version, health, the OpenAPI document.
#pragma once

#include <optional>

#include "server/http/message.hpp"
#include "test/apisim/request.hpp"

namespace quartermaster::apisim {

/// Nothing for a path that is none of these.
std::optional<http::Reply> answer_discovery(const ApiRequest& request, std::string_view address);

}  // namespace quartermaster::apisim
