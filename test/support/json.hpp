// JSON in tests, by Boost.JSON: on purpose not the parser of the program under test.
#pragma once

#include <boost/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace quartermaster::test {

namespace json = boost::json;

/// Throws if `text` is not JSON.
inline json::value parse_json(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) throw std::runtime_error("not JSON (" + error.message() + "): " + std::string(text.substr(0, 500)));
  return value;
}

inline std::string print(const json::value& value) { return json::serialize(value); }

/// What a JSON pointer ("/items/0/name") leads to, or nothing.
inline const json::value* find(const json::value& value, std::string_view pointer) {
  json::error_code error;
  return value.find_pointer(json::string_view(pointer.data(), pointer.size()), error);
}

/// The same, but throws with the whole value in the message if it leads nowhere.
inline const json::value& at(const json::value& value, std::string_view pointer) {
  const json::value* found = find(value, pointer);
  if (found == nullptr) throw std::runtime_error("no " + std::string(pointer) + " in " + print(value).substr(0, 2000));
  return *found;
}

/// The string at `pointer`; throws if there is none.
inline std::string text_at(const json::value& value, std::string_view pointer) {
  const json::value& found = at(value, pointer);
  if (!found.is_string()) throw std::runtime_error(std::string(pointer) + " is no string but " + print(found));
  return std::string(found.as_string());
}

}  // namespace quartermaster::test
