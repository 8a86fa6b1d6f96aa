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

}  // namespace quartermaster
