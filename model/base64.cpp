// Base64 by table.
#include "model/base64.hpp"

#include <array>
#include <cstdint>

namespace quartermaster {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xFF;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values;
  values.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

bool is_line_break(char c) { return c == '\r' || c == '\n'; }

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) text += i <= group.size() ? kAlphabet[bits >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  std::size_t digits = 0, padding = 0;  // of the group of four that is being read
  for (const char c : text) {
    if (is_line_break(c)) continue;
    if (c == '=') {
      if (++padding > 2 || digits < 2 || digits + padding > 4) return std::nullopt;
      continue;
    }
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kNone || padding > 0) return std::nullopt;
    bits = bits << 6 | value;
    if (++digits < 4) continue;
    for (const int shift : {16, 8, 0}) bytes += static_cast<char>(bits >> shift & 0xFF);
    bits = 0;
    digits = 0;
  }
  if (digits == 0 && padding == 0) return bytes;
  if (digits + padding != 4) return std::nullopt;
  bytes += static_cast<char>(bits >> (digits == 2 ? 4 : 10) & 0xFF);
  if (digits == 3) bytes += static_cast<char>(bits >> 2 & 0xFF);
  return bytes;
}

std::size_t decoded_size(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) digits += c != '=' && !is_line_break(c);
  return digits / 4 * 3 + digits % 4 * 3 / 4;
}

}  // namespace quartermaster
