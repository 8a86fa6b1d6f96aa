#include "test/apisim/patch.hpp"

#include <algorithm>
#include <charconv>

#include "test/apisim/decode.hpp"

namespace quartermaster::apisim {
namespace {

Status cannot_apply() {
  return {422, "Invalid", "the server rejected our request due to an error in our request", json::object()};
}

// ---- JSON merge patch ----

void merge(json::object& target, const json::object& patch) {
  for (const auto& [key, value] : patch) {
    if (value.is_null()) {
      target.stable_erase(key);
    } else if (value.is_object()) {
      auto& member = target[key];
      if (!member.is_object()) member.emplace_object();
      merge(member.get_object(), value.get_object());
    } else {
      target[key] = value;
    }
  }
}

// ---- JSON patch ----

/// "a~1b" is "a/b".
std::string unescape(std::string_view part) {
  std::string result;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '~' && i + 1 < part.size()) {
      result.push_back(part[++i] == '1' ? '/' : '~');
    } else {
      result.push_back(part[i]);
    }
  }
  return result;
}

std::vector<std::string> split_pointer(std::string_view pointer) {
  std::vector<std::string> parts;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const auto slash = std::min(pointer.find('/'), pointer.size());
    parts.push_back(unescape(pointer.substr(0, slash)));
    pointer.remove_prefix(slash);
  }
  return parts;
}

std::optional<std::size_t> array_index(const std::string& part, std::size_t size) {
  std::size_t index = 0;
  if (part == "-") return size;
  const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (ec != std::errc() || end != part.data() + part.size() || index > size) return std::nullopt;
  return index;
}

json::value* child(json::value& parent, const std::string& part) {
  if (auto* object = parent.if_object()) return object->if_contains(part);
  if (auto* array = parent.if_array()) {
    const auto index = array_index(part, array->size());
    return index && *index < array->size() ? &(*array)[*index] : nullptr;
  }
  return nullptr;
}

json::value* at_pointer(json::value& root, std::span<const std::string> parts) {
  auto* at = &root;
  for (const auto& part : parts) {
    if (at != nullptr) at = child(*at, part);
  }
  return at;
}

bool add(json::value& root, const std::vector<std::string>& parts, const json::value& value) {
  if (parts.empty()) {
    root = value;
    return true;
  }
  auto* parent = at_pointer(root, std::span(parts).first(parts.size() - 1));
  if (parent == nullptr) return false;
  if (auto* object = parent->if_object()) {
    (*object)[parts.back()] = value;
    return true;
  }
  auto* array = parent->if_array();
  if (array == nullptr) return false;
  const auto index = array_index(parts.back(), array->size());
  if (!index) return false;
  array->insert(array->begin() + *index, value);
  return true;
}

bool remove(json::value& root, const std::vector<std::string>& parts) {
  if (parts.empty()) return false;
  auto* parent = at_pointer(root, std::span(parts).first(parts.size() - 1));
  if (parent == nullptr) return false;
  if (auto* object = parent->if_object()) return object->erase(parts.back()) > 0;
  auto* array = parent->if_array();
  if (array == nullptr) return false;
  const auto index = array_index(parts.back(), array->size());
  if (!index || *index >= array->size()) return false;
  array->erase(array->begin() + *index);
  return true;
}

bool apply_operation(json::value& root, const json::object& operation) {
  const auto op = text(operation, {"op"});
  const auto path = split_pointer(text(operation, {"path"}));
  const auto* value = operation.if_contains("value");
  if (op == "add") return value != nullptr && add(root, path, *value);
  if (op == "remove") return remove(root, path);
  if (op == "test") {
    const auto* found = at_pointer(root, path);
    return value != nullptr && (found == nullptr ? value->is_null() : *found == *value);
  }
  if (op == "replace") {
    auto* found = at_pointer(root, path);
    if (found == nullptr || value == nullptr) return false;
    *found = *value;
    return true;
  }
  const auto from = split_pointer(text(operation, {"from"}));
  const auto* source = at_pointer(root, from);
  if (source == nullptr) return false;
  const auto copy = *source;
  if (op == "copy") return add(root, path, copy);
  return op == "move" && remove(root, from) && add(root, path, copy);
}

Answer<json::object> apply_json_patch(const json::object& target, const json::value& patch) {
  if (!patch.is_array()) {
    return bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  }
  json::value root = target;
  for (const auto& operation : patch.get_array()) {
    if (!operation.is_object() || !apply_operation(root, operation.get_object())) return cannot_apply();
  }
  if (!root.is_object()) return cannot_apply();
  return std::move(root.get_object());
}

// ---- Strategic merge patch ----

/// By which member the items of a list are told apart; "" for lists that are replaced as a whole.
std::string_view merge_key(std::string_view list) {
  static constexpr std::pair<std::string_view, std::string_view> kKeys[] = {
      {"containers", "name"}, {"initContainers", "name"},   {"ephemeralContainers", "name"}, {"volumes", "name"},
      {"env", "name"},        {"imagePullSecrets", "name"}, {"volumeMounts", "mountPath"},   {"ownerReferences", "uid"},
      {"conditions", "type"}, {"secrets", "name"},          {"addresses", "type"},           {"hostAliases", "ip"},
  };
  const auto* found = std::ranges::find(kKeys, list, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(kKeys) ? std::string_view() : found->second;
}

void strategic_merge(json::object& target, const json::object& patch);

void merge_keyed_list(json::array& target, const json::array& patch, std::string_view key) {
  for (const auto& item : patch) {
    if (!item.is_object()) continue;
    const auto* id = item.get_object().if_contains(key);
    const auto found = std::ranges::find_if(target, [&](const json::value& old) {
      const auto* own = old.is_object() ? old.get_object().if_contains(key) : nullptr;
      return id != nullptr && own != nullptr && *own == *id;
    });
    if (text(item.get_object(), {"$patch"}) == "delete") {
      if (found != target.end()) target.erase(found);
    } else if (found != target.end()) {
      strategic_merge(found->get_object(), item.get_object());
    } else {
      target.push_back(item);
    }
  }
}

void merge_list(json::object& target, std::string_view name, const json::array& patch) {
  auto& member = target[name];
  if (!member.is_array()) member.emplace_array();
  auto& list = member.get_array();
  if (const auto key = merge_key(name); !key.empty()) {
    merge_keyed_list(list, patch, key);
  } else if (name == "finalizers") {
    for (const auto& item : patch) {
      if (std::ranges::find(list, item) == list.end()) list.push_back(item);
    }
  } else {
    list = patch;
  }
}

void delete_from_list(json::object& target, std::string_view name, const json::value& items) {
  auto* member = target.if_contains(name);
  if (member == nullptr || !member->is_array() || !items.is_array()) return;
  auto& list = member->get_array();
  for (const auto& item : items.get_array()) {
    const auto gone = std::ranges::find(list, item);
    if (gone != list.end()) list.erase(gone);
  }
}

void strategic_merge(json::object& target, const json::object& patch) {
  constexpr std::string_view kDelete = "$deleteFromPrimitiveList/";
  if (text(patch, {"$patch"}) == "replace") target.clear();
  for (const auto& [key, value] : patch) {
    const auto name = std::string_view(key.data(), key.size());
    if (name.starts_with(kDelete)) {
      delete_from_list(target, name.substr(kDelete.size()), value);
    } else if (name.starts_with('$')) {
      continue;
    } else if (value.is_null()) {
      target.stable_erase(name);
    } else if (value.is_array()) {
      merge_list(target, name, value.get_array());
    } else if (value.is_object()) {
      auto& member = target[name];
      if (!member.is_object()) member.emplace_object();
      strategic_merge(member.get_object(), value.get_object());
    } else {
      target[name] = value;
    }
  }
}

}  // namespace

Answer<json::object> apply_patch(const json::object& target, std::string_view content_type, std::string_view patch) {
  const auto type = content_type.substr(0, content_type.find(';'));
  const bool is_json_patch = type == "application/json-patch+json";
  const bool is_strategic = type == "application/strategic-merge-patch+json";
  if (!is_json_patch && !is_strategic && type != "application/merge-patch+json") {
    return Status{415, "UnsupportedMediaType", "415: Unsupported Media Type", json::object()};
  }
  const auto parsed = parse_json(patch);
  if (!parsed) return is_json_patch ? parsed.error() : internal_error("Invalid JSON Patch");
  if (is_json_patch) return apply_json_patch(target, *parsed);
  if (!parsed->is_object()) {
    return invalid(
        "", "", "",
        {invalid_value("patch", patch,
                       "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go "
                       "value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind "
                       "string \"json:\\\"kind,omitempty\\\"\" }")});
  }
  auto result = target;
  if (is_strategic) {
    strategic_merge(result, parsed->get_object());
  } else {
    merge(result, parsed->get_object());
  }
  return result;
}

}  // namespace quartermaster::apisim
