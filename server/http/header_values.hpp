// What the values of header fields mean: lists, media types.
#pragma once

#include <string_view>
#include <vector>

namespace quartermaster::http {

/// The items of a comma-separated list, without blanks around them (RFC 9110 section 5.6.1). For fields whose items
/// hold no commas.
std::vector<std::string_view> list_items(std::string_view value);

/// `Content-Type: application/json`, whatever its parameters.
bool is_json(std::string_view content_type);

/// Whether an Accept field prefers one JSON string to plain text: application/json is in it, and text/plain is not
/// before it.
bool prefers_json(std::string_view accept);

}  // namespace quartermaster::http
