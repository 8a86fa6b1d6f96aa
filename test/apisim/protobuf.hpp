// Kubernetes' protobuf, as far as kubectl's create commands speak it; all else speaks JSON to this server.
#pragma once

#include <optional>
#include <string_view>

#include "test/apisim/json.hpp"

namespace quartermaster::apisim {

/// A request's body of type application/vnd.kubernetes.protobuf as a JSON object, apiVersion and kind included. Fields
/// that are not known here are left out. Nothing for a kind that has no schema here, and for malformed bytes.
std::optional<json::object> decode_protobuf(std::string_view body);

/// An OpenAPI document (gnostic's openapi.v2.Document) that describes no type, so that kubectl lets every field pass.
std::string empty_openapi_protobuf();

}  // namespace quartermaster::apisim
