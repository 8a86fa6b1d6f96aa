// Label and annotation maps, in key order.
#pragma once

#include <map>
#include <string>

#include "model/json.hpp"

namespace quartermaster {

using StringMap = std::map<std::string, std::string, std::less<>>;

/// The string members of an object; members of another type are left out.
StringMap string_map(json::Value object);
void write(json::Writer& writer, const StringMap& map);

}  // namespace quartermaster
