// Label and annotation maps, in key order.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/json.hpp"

namespace quartermaster {

using StringMap = std::map<std::string, std::string, std::less<>>;

/// The string members of an object; members of another type are left out.
StringMap string_map(json::Value object);
void write(json::Writer& writer, const StringMap& map);

/// Labels as rendered: a JSON object of strings, as write() makes it.
class RenderedLabels {
 public:
  explicit RenderedLabels(std::string_view json) : json_(json) {}
  /// False: some key or value is escaped, which no valid one needs, and find() must not be used.
  bool plain() const { return json_.find('\\') == std::string_view::npos; }
  /// Data is null if the key is not there.
  std::string_view find(std::string_view key) const;
  StringMap map() const;

 private:
  std::string_view json_;
};

}  // namespace quartermaster
