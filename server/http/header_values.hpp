// What the values of header fields mean: lists, media types.
#pragma once

#include <string_view>
#include <vector>

namespace quartermaster::http {

/// Without spaces and tabs around it.
std::string_view trim_blanks(std::string_view text);

/// "text/plain" of "text/plain; charset=utf-8".
std::string_view without_parameters(std::string_view value);

/// The items of a comma-separated list, without blanks around them (RFC 9110 section 5.6.1). For fields whose items
/// hold no commas.
std::vector<std::string_view> list_items(std::string_view value);

/// Whether a Content-Type is of this media type, whatever its parameters.
bool is_media_type(std::string_view content_type, std::string_view type);
/// `Content-Type: application/json`.
bool is_json(std::string_view content_type);

}  // namespace quartermaster::http
