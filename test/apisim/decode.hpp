// From a request's body to an object of the right kind and with fields of the right types, quantities in canonical
// form.
#pragma once

#include <string_view>

#include "test/apisim/status.hpp"

namespace quartermaster::apisim {

/// Errors: 400 and 415, worded as the API server does, which means: with pieces of the body in them.
Answer<json::object> decode_body(const ResourceType& type, std::string_view body, std::string_view content_type);
/// Checks the types of an object's fields. `body` is what it came from, for the error's text.
Answer<json::object> check_types(const ResourceType& type, json::object object, std::string_view body);
/// Any JSON value; error: bad_request.
Answer<json::value> parse_json(std::string_view text);

}  // namespace quartermaster::apisim
