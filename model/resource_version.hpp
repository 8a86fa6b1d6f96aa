// Resource versions are opaque but for one question: is this one not older than that?
#pragma once

#include <string>
#include <string_view>

namespace quartermaster::model {

/// Versions of one API server are decimal numbers of growing length, so: by length, then by text. "" is older than any.
inline bool is_older(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

inline std::string newer_of(std::string_view a, std::string_view b) { return std::string(is_older(a, b) ? b : a); }

}  // namespace quartermaster::model
