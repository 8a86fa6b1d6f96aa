// Paths into a JSON value, for error messages: "tenantQuotas[1].hard.pods".
#include <algorithm>

#include "model/json.hpp"

namespace quartermaster::json {
namespace {

constexpr std::size_t kLongestKey = 80;  // bytes; keys come from the caller and may be megabytes

bool is_word(std::string_view key) {
  constexpr auto is_word_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !key.empty() && std::all_of(key.begin(), key.end(), is_word_character);
}

}  // namespace

void append_key(std::string& path, std::string_view key) {
  const bool cut = key.size() > kLongestKey;
  const std::string shown = to_valid_utf8(cut ? key.substr(0, kLongestKey - 3) : key) + (cut ? "..." : "");
  if (!is_word(key))
    path += "[" + shown + "]";
  else
    path += (path.empty() ? "" : ".") + shown;
}

void append_index(std::string& path, std::size_t index) { path += "[" + std::to_string(index) + "]"; }

}  // namespace quartermaster::json
