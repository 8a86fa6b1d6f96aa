#include "test/support/json_schema.hpp"

#include <algorithm>
#include <array>
#include <regex>

namespace quartermaster::test {

namespace {

constexpr std::array<std::string_view, 31> kKnownKeywords = {"type",
                                                             "properties",
                                                             "required",
                                                             "items",
                                                             "additionalProperties",
                                                             "$ref",
                                                             "enum",
                                                             "oneOf",
                                                             "anyOf",
                                                             "allOf",
                                                             "const",
                                                             "pattern",
                                                             "minimum",
                                                             "maximum",
                                                             "description",
                                                             "title",
                                                             "format",
                                                             "example",
                                                             "examples",
                                                             "default",
                                                             "deprecated",
                                                             "readOnly",
                                                             "contentMediaType",
                                                             "minItems",
                                                             "maxLength",
                                                             "minLength",
                                                             "propertyNames",
                                                             "contentEncoding",
                                                             "maxItems",
                                                             "writeOnly",
                                                             "$comment"};

bool has_type(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "number") return value.is_number();
  return false;
}

bool has_one_type(const json::value& value, const json::value& types) {
  if (types.is_string()) return has_type(value, types.as_string());
  const json::array& all = types.as_array();
  return std::any_of(all.begin(), all.end(),
                     [&](const json::value& type) { return has_type(value, type.as_string()); });
}

std::string shortened(const json::value& value) { return print(value).substr(0, 200); }

std::string without_fragment(std::string_view reference) {
  return std::string(reference.starts_with('#') ? reference.substr(1) : reference);
}

}  // namespace

std::string escape_pointer(std::string_view segment) {
  std::string result;
  for (const char c : segment) {
    if (c == '~') {
      result += "~0";
    } else if (c == '/') {
      result += "~1";
    } else {
      result += c;
    }
  }
  return result;
}

std::string SchemaChecker::resolve(std::string pointer) const {
  while (const json::value* reference = find(document_, pointer + "/$ref")) {
    pointer = without_fragment(reference->as_string());
  }
  at(document_, pointer);  // throws if it leads nowhere
  return pointer;
}

std::vector<std::string> SchemaChecker::check(const std::string& schema, const json::value& value) {
  Messages messages;
  check_at(schema, value, "", messages);
  return messages;
}

void SchemaChecker::check_at(const std::string& unresolved, const json::value& value, const std::string& place,
                             Messages& messages) {
  const std::string schema = resolve(unresolved);
  if (at(document_, schema).is_bool()) return;  // "true"
  const json::object& rules = at(document_, schema).as_object();
  const auto complain = [&](const std::string& what) {
    messages.push_back((place.empty() ? "/" : place) + ": " + what);
  };

  for (const auto& rule : rules) {
    const std::string_view keyword = rule.key();
    if (std::find(kKnownKeywords.begin(), kKnownKeywords.end(), keyword) == kKnownKeywords.end()) {
      complain("the schema " + schema + " uses " + std::string(keyword) + ", which this checker does not know");
    }
  }
  if (const json::value* types = rules.if_contains("type"); types != nullptr && !has_one_type(value, *types)) {
    return complain(shortened(value) + " is not of type " + print(*types));
  }
  if (const json::value* allowed = rules.if_contains("enum")) {
    const json::array& all = allowed->as_array();
    if (std::find(all.begin(), all.end(), value) == all.end()) complain(shortened(value) + " is none of " + print(all));
  }
  if (const json::value* only = rules.if_contains("const"); only != nullptr && *only != value) {
    complain(shortened(value) + " is not " + print(*only));
  }
  if (const json::value* pattern = rules.if_contains("pattern"); pattern != nullptr && value.is_string()) {
    const std::regex expression(std::string(pattern->as_string()), std::regex::ECMAScript);
    if (!std::regex_search(std::string(value.as_string()), expression)) {
      complain(shortened(value) + " does not match " + std::string(pattern->as_string()));
    }
  }
  if (value.is_number()) {
    const auto number = value.to_number<double>();
    const json::value* low = rules.if_contains("minimum");
    const json::value* high = rules.if_contains("maximum");
    if (low != nullptr && number < low->to_number<double>()) complain(shortened(value) + " is too small");
    if (high != nullptr && number > high->to_number<double>()) complain(shortened(value) + " is too large");
  }
  if (value.is_array() && rules.contains("items")) {
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      check_at(schema + "/items", value.as_array()[i], place + "/" + std::to_string(i), messages);
    }
  }
  check_alternatives(schema, value, place, messages);
  if (value.is_object() && !rules.contains("oneOf") && !rules.contains("anyOf")) {
    check_object(schema, value.as_object(), place, messages);
  }
}

void SchemaChecker::check_object(const std::string& schema, const json::object& value, const std::string& place,
                                 Messages& messages) {
  // allOf: its parts' properties count as the schema's own, so that each part does not refuse the others'.
  std::vector<std::string> parts = {schema};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const json::value* all = find(document_, parts[i] + "/allOf");
    for (std::size_t j = 0; all != nullptr && j < all->as_array().size(); ++j) {
      parts.push_back(resolve(parts[i] + "/allOf/" + std::to_string(j)));
    }
  }
  for (const std::string& part : parts) {
    const json::value* required = find(document_, part + "/required");
    if (required == nullptr) continue;
    for (const json::value& name : required->as_array()) {
      if (!value.contains(name.as_string()))
        messages.push_back(place + "/" + std::string(name.as_string()) + " is missing");
    }
  }
  for (const auto& [key, member] : value) {
    const std::string name(key);
    const std::string where = place + "/" + name;
    std::string found;
    for (const std::string& part : parts) {
      const std::string property = part + "/properties/" + escape_pointer(name);
      if (find(document_, property) != nullptr) found = property;
    }
    if (!found.empty()) {
      seen_.insert(found);
    } else {
      for (const std::string& part : parts) {
        const json::value* others = find(document_, part + "/additionalProperties");
        if (others != nullptr && *others != json::value(false)) found = part + "/additionalProperties";
      }
    }
    if (found.empty()) {
      messages.push_back(where + " is not documented");
    } else {
      check_at(found, member, where, messages);
    }
  }
}

void SchemaChecker::check_alternatives(const std::string& schema, const json::value& value, const std::string& place,
                                       Messages& messages) {
  for (const std::string keyword : {"oneOf", "anyOf"}) {
    const json::value* all = find(document_, schema + "/" + keyword);
    if (all == nullptr) continue;
    std::size_t fitting = 0;
    Messages reasons;
    for (std::size_t i = 0; i < all->as_array().size(); ++i) {
      Messages here;
      check_at(schema + "/" + keyword + "/" + std::to_string(i), value, place, here);
      fitting += here.empty() ? 1 : 0;
      reasons.insert(reasons.end(), here.begin(), here.end());
    }
    if (fitting == 0) messages.insert(messages.end(), reasons.begin(), reasons.end());
    if (keyword == "oneOf" && fitting > 1) messages.push_back(place + ": fits more than one of " + schema + "/oneOf");
  }
}

std::set<std::string> SchemaChecker::documented(const std::string& schema) const {
  std::set<std::string> visited;
  std::set<std::string> properties;
  collect(schema, visited, properties);
  return properties;
}

void SchemaChecker::collect(const std::string& unresolved, std::set<std::string>& visited,
                            std::set<std::string>& properties) const {
  const std::string schema = resolve(unresolved);
  if (!visited.insert(schema).second || !at(document_, schema).is_object()) return;
  const json::object& rules = at(document_, schema).as_object();
  for (const std::string keyword : {"oneOf", "anyOf", "allOf"}) {
    const json::value* all = rules.if_contains(keyword);
    for (std::size_t i = 0; all != nullptr && i < all->as_array().size(); ++i) {
      collect(schema + "/" + keyword + "/" + std::to_string(i), visited, properties);
    }
  }
  for (const std::string keyword : {"items", "additionalProperties"}) {
    if (rules.contains(keyword)) collect(schema + "/" + keyword, visited, properties);
  }
  if (const json::value* own = rules.if_contains("properties")) {
    for (const auto& property : own->as_object()) {
      const std::string pointer = schema + "/properties/" + escape_pointer(std::string(property.key()));
      properties.insert(pointer);
      collect(pointer, visited, properties);
    }
  }
}

}  // namespace quartermaster::test
