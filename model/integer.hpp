// Decimal integers in text: parameters, label values.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quartermaster {

/// The whole text as a number: digits, with a '-' in front if negative. Nothing on anything else, nor on what does not
/// fit.
inline std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || at != end) return std::nullopt;
  return value;
}

}  // namespace quartermaster
