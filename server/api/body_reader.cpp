// Request bodies.
#include "server/api/body_reader.hpp"

#include <algorithm>

#include "server/api/checks.hpp"

namespace quartermaster::api {
namespace {

std::string_view type_name(json::Type type) {
  switch (type) {
    case json::Type::absent:
      return "nothing";
    case json::Type::null:
      return "null";
    case json::Type::boolean:
      return "a boolean";
    case json::Type::number:
      return "a number";
    case json::Type::string:
      return "a string";
    case json::Type::array:
      return "an array";
    case json::Type::object:
      return "an object";
  }
  return "";
}

std::string expected(std::string_view wanted, json::Value value) {
  return "must be " + std::string(wanted) + ", not " + std::string(type_name(value.type()));
}

}  // namespace

ObjectReader::ObjectReader(json::Value value, std::string path, FirstError& error)
    : value_(value), path_(std::move(path)), error_(&error) {
  if (!value_.is_object()) fail(path_, expected("an object", value_));
}

std::string ObjectReader::place(std::string_view field) const { return api::place(path_, field); }

void ObjectReader::fail(std::string_view place, std::string_view what) {
  if (*error_) return;
  *error_ = Error{ErrorCode::bad_request, (place.empty() ? "body" : std::string(place)) + ": " + std::string(what)};
}

json::Value ObjectReader::get(std::string_view field) {
  known_.push_back(field);
  return value_[field];
}

std::optional<std::string> ObjectReader::string(std::string_view field) {
  const auto value = get(field);
  if (!value.exists()) return std::nullopt;
  if (!value.is_string()) fail(place(field), expected("a string", value));
  return std::string(value.string());
}

std::optional<bool> ObjectReader::boolean(std::string_view field) {
  const auto value = get(field);
  if (!value.exists()) return std::nullopt;
  if (value.type() != json::Type::boolean) fail(place(field), expected("a boolean", value));
  return value.boolean();
}

std::optional<std::int64_t> ObjectReader::integer(std::string_view field) {
  const auto value = get(field);
  if (!value.exists()) return std::nullopt;
  const auto number = value.integer();
  if (!number) fail(place(field), expected("an integer", value));
  return number.value_or(0);
}

std::optional<StringMap> ObjectReader::string_map(std::string_view field) {
  const auto value = get(field);
  if (!value.exists()) return std::nullopt;
  if (!value.is_object()) fail(place(field), expected("an object", value));
  StringMap map;
  for (const auto& [key, item] : value.members()) {
    if (!item.is_string()) fail(api::place(place(field), key), expected("a string", item));
    map.emplace(key, item.string());
  }
  return map;
}

std::optional<model::MapPatch> ObjectReader::map_patch(std::string_view field) {
  const auto value = get(field);
  if (!value.exists()) return std::nullopt;
  if (!value.is_object()) fail(place(field), expected("an object", value));
  model::MapPatch map;
  for (const auto& [key, item] : value.members()) {
    if (item.type() == json::Type::null) {
      map.emplace(key, std::nullopt);
      continue;
    }
    if (!item.is_string()) fail(api::place(place(field), key), expected("a string or null", item));
    map.emplace(key, std::string(item.string()));
  }
  return map;
}

std::optional<ObjectReader> ObjectReader::object(std::string_view field) {
  const auto value = get(field);
  if (!value.exists()) return std::nullopt;
  return ObjectReader(value, place(field), *error_);
}

std::vector<std::string> ObjectReader::strings(std::string_view field) {
  const auto value = get(field);
  std::vector<std::string> out;
  if (!value.exists()) return out;
  if (!value.is_array()) fail(place(field), expected("an array", value));
  for (const auto item : value.items()) {
    if (!item.is_string()) fail(place(field) + "[" + std::to_string(out.size()) + "]", expected("a string", item));
    out.emplace_back(item.string());
  }
  return out;
}

std::vector<ObjectReader> ObjectReader::objects(std::string_view field) {
  const auto value = get(field);
  std::vector<ObjectReader> out;
  if (!value.exists()) return out;
  if (!value.is_array()) fail(place(field), expected("an array", value));
  for (const auto item : value.items()) {
    out.emplace_back(item, place(field) + "[" + std::to_string(out.size()) + "]", *error_);
  }
  return out;
}

void ObjectReader::finish() {
  for (const auto& [key, value] : value_.members()) {
    if (std::ranges::find(known_, key) != known_.end()) continue;
    std::string what = "unknown field";
    if (known_.empty()) what += "; this takes none";
    for (std::size_t i = 0; i < known_.size(); ++i) what += (i == 0 ? "; known: " : ", ") + std::string(known_[i]);
    return fail(place(key), what);
  }
}

void refuse_null(std::string_view field, const model::MapPatch& patch, FirstError& error) {
  for (const auto& [key, value] : patch) {
    if (!value && !error) {
      error = Error{ErrorCode::bad_request, place(field, key) + ": must be a string, not null"};
    }
  }
}

}  // namespace quartermaster::api
