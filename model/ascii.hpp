// ASCII text, as protocols have it: whatever the locale.
#pragma once

#include <algorithm>
#include <string_view>

namespace quartermaster {

/// Beast's own iequals() reads one byte past its arguments.
inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace quartermaster
