#include "test/apisim/names.hpp"

#include <regex>

namespace quartermaster::apisim {
namespace {

using Problems = std::vector<std::string>;

constexpr const char* kLabel = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
constexpr const char* kSubdomain = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
constexpr const char* kQualified = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
constexpr const char* kValue = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";
constexpr const char* kDataKey = "[-._a-zA-Z0-9]+";

bool matches(std::string_view text, const char* pattern) {
  return std::regex_match(text.begin(), text.end(), std::regex(pattern));
}

std::string too_long(std::size_t limit) { return "must be no more than " + std::to_string(limit) + " characters"; }

std::string wrong_form(std::string_view rule, const char* pattern, const std::vector<std::string_view>& examples) {
  std::string text(rule);
  text.append(" (e.g. ");
  for (const auto& example : examples) {
    if (&example != &examples.front()) text.append(" or ");
    text.append("'").append(example).append("', ");
  }
  return text.append("regex used for validation is '").append(pattern).append("')");
}

void check(std::string_view text, std::size_t limit, const char* pattern, const std::string& message, Problems& out) {
  if (text.size() > limit) {
    out.push_back(too_long(limit));
    if (text.size() > 4 * limit) return;  // std::regex recurses
  }
  if (!matches(text, pattern)) out.push_back(message);
}

const std::string& qualified_form() {
  static const auto text = wrong_form(
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      kQualified, {"MyName", "my.name", "123-abc"});
  return text;
}

const std::string& subdomain_form() {
  static const auto text = wrong_form(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
      "and end with an alphanumeric character",
      kSubdomain, {"example.com"});
  return text;
}

}  // namespace

Problems check_label_name(std::string_view name) {
  static const auto form = wrong_form(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
      "with an alphanumeric character",
      kLabel, {"my-name", "123-abc"});
  Problems problems;
  check(name, 63, kLabel, form, problems);
  return problems;
}

Problems check_subdomain_name(std::string_view name) {
  Problems problems;
  check(name, 253, kSubdomain, subdomain_form(), problems);
  return problems;
}

Problems check_qualified(std::string_view key) {
  Problems problems;
  const auto slash = key.find('/');
  if (slash != std::string_view::npos && key.find('/', slash + 1) != std::string_view::npos) {
    return {"a qualified name " + qualified_form() +
            " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"};
  }
  auto name = key;
  if (slash != std::string_view::npos) {
    const auto prefix = key.substr(0, slash);
    name = key.substr(slash + 1);
    if (prefix.empty()) problems.push_back("prefix part must be non-empty");
    if (!prefix.empty()) {
      for (const auto& problem : check_subdomain_name(prefix)) problems.push_back("prefix part " + problem);
    }
  }
  if (name.empty()) problems.push_back("name part must be non-empty");
  Problems name_problems;
  check(name, 63, kQualified, qualified_form(), name_problems);
  for (const auto& problem : name_problems) problems.push_back("name part " + problem);
  return problems;
}

Problems check_value(std::string_view value) {
  static const auto form = wrong_form(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
      "and end with an alphanumeric character",
      kValue, {"MyValue", "my_value", "12345"});
  Problems problems;
  check(value, 63, kValue, form, problems);
  return problems;
}

Problems check_data_key(std::string_view key) {
  static const auto form = wrong_form("a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                                      kDataKey, {"key.name", "KEY_NAME", "key-name"});
  Problems problems;
  check(key, 253, kDataKey, form, problems);
  if (key == ".") problems.push_back("must not be '.'");
  if (key == "..") {
    problems.push_back("must not be '..'");
  } else if (key.starts_with("..")) {
    problems.push_back("must not start with '..'");
  }
  return problems;
}

}  // namespace quartermaster::apisim
