// The name rules, as loops: an input of any length is checked in one pass.
#include "model/names.hpp"

#include <algorithm>

namespace quartermaster {
namespace {

constexpr std::size_t kLabelSize = 63;
constexpr std::size_t kSubdomainSize = 253;

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z'); }
bool is_config_map_key_character(char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; }

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool is_dns_label(std::string_view text) {
  return !text.empty() && is_lower_alphanumeric(text.front()) && is_lower_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view text) {
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_dns_label(text.substr(0, dot))) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// [A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?
bool is_label_text(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(), is_config_map_key_character);
}

std::string too_long(std::size_t limit) { return "must be at most " + std::to_string(limit) + " characters"; }

constexpr const char* kEmpty = "must not be empty";
constexpr const char* kLabelText =
    "must consist of letters, digits, '-', '_' and '.', and start and end with a letter or digit";

}  // namespace

std::string check_dns1123_label(std::string_view name) {
  if (name.empty()) return kEmpty;
  if (name.size() > kLabelSize) return too_long(kLabelSize);
  if (is_dns_label(name)) return {};
  return "must consist of lower case letters, digits and '-', and start and end with a letter or digit";
}

std::string check_dns1123_subdomain(std::string_view name) {
  if (name.empty()) return kEmpty;
  if (name.size() > kSubdomainSize) return too_long(kSubdomainSize);
  if (is_dns_subdomain(name)) return {};
  return "must consist of lower case letters, digits, '-' and '.', and each part between dots must start and end with "
         "a "
         "letter or digit";
}

std::string check_qualified_name(std::string_view key) {
  if (key.empty()) return kEmpty;
  const std::size_t slash = key.find('/');
  const std::string_view name = slash == key.npos ? key : key.substr(slash + 1);
  if (slash != key.npos) {
    if (name.find('/') != name.npos) return "must be a name with at most one prefix, as in example.com/name";
    if (const std::string wrong = check_dns1123_subdomain(key.substr(0, slash)); !wrong.empty())
      return "its prefix " + wrong;
  }
  const std::string subject = slash == key.npos ? "" : "its name ";
  if (name.empty()) return subject + kEmpty;
  if (name.size() > kLabelSize) return subject + too_long(kLabelSize);
  if (is_label_text(name)) return {};
  return subject + kLabelText;
}

std::string check_annotation_key(std::string_view key) {
  std::string lower(key);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return check_qualified_name(lower);
}

std::string check_label_value(std::string_view value) {
  if (value.size() > kLabelSize) return too_long(kLabelSize);
  if (value.empty() || is_label_text(value)) return {};
  return kLabelText;
}

std::string check_config_map_key(std::string_view key) {
  if (key.empty()) return kEmpty;
  if (key.size() > kSubdomainSize) return too_long(kSubdomainSize);
  if (!std::all_of(key.begin(), key.end(), is_config_map_key_character))
    return "must consist of letters, digits, '-', '_' and '.'";
  if (key == ".") return "must not be \".\"";
  if (key.starts_with("..")) return "must not start with \"..\"";
  return {};
}

}  // namespace quartermaster
