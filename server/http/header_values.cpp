#include "server/http/header_values.hpp"

#include <algorithm>

#include "model/ascii.hpp"

namespace quartermaster::http {

std::string_view trim_blanks(std::string_view text) {
  const auto first = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

std::string_view without_parameters(std::string_view value) { return trim_blanks(value.substr(0, value.find(';'))); }

std::vector<std::string_view> list_items(std::string_view value) {
  std::vector<std::string_view> items;
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    if (const auto item = trim_blanks(value.substr(0, comma)); !item.empty()) items.push_back(item);
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return items;
}

bool is_media_type(std::string_view content_type, std::string_view type) {
  return equals_ignoring_case(without_parameters(content_type), type);
}

bool is_json(std::string_view content_type) { return is_media_type(content_type, "application/json"); }

}  // namespace quartermaster::http
