#include "server/http/header_values.hpp"

#include <algorithm>

#include "model/ascii.hpp"

namespace quartermaster::http {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// Without its parameters.
std::string_view media_type(std::string_view value) { return trim(value.substr(0, value.find(';'))); }

}  // namespace

std::vector<std::string_view> list_items(std::string_view value) {
  std::vector<std::string_view> items;
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    if (const auto item = trim(value.substr(0, comma)); !item.empty()) items.push_back(item);
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return items;
}

bool is_media_type(std::string_view content_type, std::string_view type) {
  return equals_ignoring_case(media_type(content_type), type);
}

bool is_json(std::string_view content_type) { return is_media_type(content_type, "application/json"); }

std::string_view first_accepted(std::string_view accept, std::initializer_list<std::string_view> types) {
  for (const auto item : list_items(accept)) {
    const auto type = media_type(item);
    const auto found = std::ranges::find_if(types, [type](auto known) { return equals_ignoring_case(type, known); });
    if (found != types.end()) return *found;
  }
  return {};
}

bool prefers_json(std::string_view accept) {
  return first_accepted(accept, {"application/json", "text/plain"}) == "application/json";
}

}  // namespace quartermaster::http
