// Label and annotation maps from and to JSON.
#include "model/labels.hpp"

namespace quartermaster {

StringMap string_map(json::Value object) {
  StringMap map;
  for (const auto [key, value] : object.members())
    if (value.is_string()) map.emplace(key, value.string());
  return map;
}

void write(json::Writer& writer, const StringMap& map) {
  writer.begin_object();
  for (const auto& [key, value] : map) writer.field(key, value);
  writer.end_object();
}

std::string_view RenderedLabels::find(std::string_view key) const {
  // {"key":"value","key":"value"}: each text lies between two quotes.
  std::size_t at = json_.find('"');
  while (at != std::string_view::npos) {
    const auto key_end = json_.find('"', at + 1);
    const auto begin = key_end + 3;
    const auto end = key_end == std::string_view::npos ? key_end : json_.find('"', begin);
    if (end == std::string_view::npos) break;
    if (json_.substr(at + 1, key_end - at - 1) == key) return json_.substr(begin, end - begin);
    at = json_.find('"', end + 1);
  }
  return {};
}

StringMap RenderedLabels::map() const {
  const auto document = json::parse(json_);
  return document ? string_map(document->root()) : StringMap();
}

}  // namespace quartermaster
