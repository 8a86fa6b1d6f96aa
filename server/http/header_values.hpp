// What the values of header fields mean: lists, media types.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

namespace quartermaster::http {

/// The items of a comma-separated list, without blanks around them (RFC 9110 section 5.6.1). For fields whose items
/// hold no commas.
std::vector<std::string_view> list_items(std::string_view value);

/// Whether a Content-Type is of this media type, whatever its parameters.
bool is_media_type(std::string_view content_type, std::string_view type);
/// `Content-Type: application/json`.
bool is_json(std::string_view content_type);

/// Of these media types, the one that an Accept field names first; "" if it names none. Weights do not count.
std::string_view first_accepted(std::string_view accept, std::initializer_list<std::string_view> types);

/// Whether an Accept field prefers one JSON string to plain text: application/json is in it, and text/plain is not
/// before it.
bool prefers_json(std::string_view accept);

}  // namespace quartermaster::http
