// Short ways to read and change Boost.JSON objects by path. Boost.JSON because an API server changes objects, which the
// program's own views cannot, and because tests that read with a second parser find the bugs of the first.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "model/labels.hpp"

namespace quartermaster::apisim {

namespace json = boost::json;
using Path = std::initializer_list<std::string_view>;

/// The value at a path of member names, or null.
const json::value* find(const json::object& object, Path path);
json::value* find(json::object& object, Path path);
const json::object* find_object(const json::object& object, Path path);
const json::array* find_array(const json::object& object, Path path);
/// The string at a path; "" where there is none.
std::string_view text(const json::object& object, Path path);
/// The number at a path, if it is an integer.
std::int64_t integer(const json::object& object, Path path, std::int64_t fallback = 0);
bool boolean(const json::object& object, Path path);

/// The object at a path; made where it is missing or something else.
json::object& make_object(json::object& object, Path path);
/// Sets a member that is missing, null or "".
void set_default(json::object& object, std::string_view key, json::value value);
/// A string map; members that are no strings are left out.
StringMap string_map(const json::object* object);

/// Parses; throws std::runtime_error that says what is wrong. For texts in tests and in the program itself.
json::object parse_object(std::string_view text);

// Of API objects.
inline std::string_view name_of(const json::object& object) { return text(object, {"metadata", "name"}); }
inline std::string_view namespace_of(const json::object& object) { return text(object, {"metadata", "namespace"}); }
inline std::string_view uid_of(const json::object& object) { return text(object, {"metadata", "uid"}); }
inline bool is_terminating(const json::object& object) {
  return !text(object, {"metadata", "deletionTimestamp"}).empty();
}
StringMap labels_of(const json::object& object);
std::vector<std::string> finalizers_of(const json::object& object);
/// The owner that is the controller, or null.
const json::object* controller_of(const json::object& object);

}  // namespace quartermaster::apisim
