#include "test/apisim/json.hpp"

#include <boost/json/parse.hpp>
#include <stdexcept>

namespace quartermaster::apisim {

const json::value* find(const json::object& object, Path path) {
  const json::object* at = &object;
  const json::value* found = nullptr;
  for (const auto key : path) {
    if (at == nullptr) return nullptr;
    found = at->if_contains(key);
    if (found == nullptr) return nullptr;
    at = found->if_object();
  }
  return found;
}

json::value* find(json::object& object, Path path) {
  return const_cast<json::value*>(find(static_cast<const json::object&>(object), path));
}

const json::object* find_object(const json::object& object, Path path) {
  const auto* value = find(object, path);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* find_array(const json::object& object, Path path) {
  const auto* value = find(object, path);
  return value == nullptr ? nullptr : value->if_array();
}

std::string_view text(const json::object& object, Path path) {
  const auto* value = find(object, path);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

std::int64_t integer(const json::object& object, Path path, std::int64_t fallback) {
  const auto* value = find(object, path);
  return value != nullptr && value->is_int64() ? value->get_int64() : fallback;
}

bool boolean(const json::object& object, Path path) {
  const auto* value = find(object, path);
  return value != nullptr && value->is_bool() && value->get_bool();
}

json::object& make_object(json::object& object, Path path) {
  json::object* at = &object;
  for (const auto key : path) {
    auto& value = (*at)[key];
    if (!value.is_object()) value.emplace_object();
    at = &value.get_object();
  }
  return *at;
}

void set_default(json::object& object, std::string_view key, json::value value) {
  auto* old = object.if_contains(key);
  if (old == nullptr || old->is_null() || (old->is_string() && old->get_string().empty()))
    object[key] = std::move(value);
}

StringMap string_map(const json::object* object) {
  StringMap map;
  if (object == nullptr) return map;
  for (const auto& [key, value] : *object) {
    if (value.is_string()) map.emplace(std::string(key), std::string(value.get_string()));
  }
  return map;
}

json::object parse_object(std::string_view text) {
  boost::system::error_code ec;
  auto value = json::parse(text, ec);
  if (ec) throw std::runtime_error("not JSON: " + ec.message());
  if (!value.is_object()) throw std::runtime_error("not a JSON object");
  return std::move(value.get_object());
}

StringMap labels_of(const json::object& object) { return string_map(find_object(object, {"metadata", "labels"})); }

std::vector<std::string> finalizers_of(const json::object& object) {
  std::vector<std::string> result;
  if (const auto* list = find_array(object, {"metadata", "finalizers"})) {
    for (const auto& item : *list) {
      if (item.is_string()) result.emplace_back(item.get_string());
    }
  }
  return result;
}

const json::object* controller_of(const json::object& object) {
  if (const auto* owners = find_array(object, {"metadata", "ownerReferences"})) {
    for (const auto& owner : *owners) {
      if (owner.is_object() && boolean(owner.get_object(), {"controller"})) return &owner.get_object();
    }
  }
  return nullptr;
}

}  // namespace quartermaster::apisim
