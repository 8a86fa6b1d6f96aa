#include "test/apisim/status.hpp"

#include <algorithm>

namespace quartermaster::apisim {
namespace {

json::object details_of(std::string_view group, std::string_view kind, std::string_view name) {
  json::object details;
  if (!name.empty()) details["name"] = name;
  if (!group.empty()) details["group"] = group;
  if (!kind.empty()) details["kind"] = kind;
  return details;
}

std::string dotted(std::string_view kind, std::string_view group) {
  return group.empty() ? std::string(kind) : std::string(kind) + "." + std::string(group);
}

FieldError make(std::string field, const char* reason, std::string message, std::string_view detail) {
  if (!detail.empty()) message.append(": ").append(detail);
  return {std::move(field), reason, std::move(message)};
}

}  // namespace

json::object Status::to_json() const {
  json::object status = {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Failure"}};
  if (!continue_token.empty()) make_object(status, {"metadata"})["continue"] = continue_token;
  if (!message.empty()) status["message"] = message;
  if (!reason.empty()) status["reason"] = reason;
  if (details) status["details"] = *details;
  status["code"] = code;
  return status;
}

std::string go_quoted(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result.append(1, '\\').append(1, c);
    } else if (c == '\n') {
      result.append("\\n");
    } else if (c == '\t') {
      result.append("\\t");
    } else if (c == '\r') {
      result.append("\\r");
    } else if (byte < 0x20 || byte == 0x7f) {
      result.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      result.append(1, c);
    }
  }
  return result.append("\"");
}

FieldError required(std::string field, std::string_view detail) {
  return make(std::move(field), "FieldValueRequired", "Required value", detail);
}
FieldError invalid_value(std::string field, std::string_view value, std::string_view detail) {
  return invalid_raw(std::move(field), go_quoted(value), detail);
}
FieldError invalid_raw(std::string field, std::string_view value, std::string_view detail) {
  auto message = "Invalid value: " + std::string(value) + ": " + std::string(detail);
  return {std::move(field), "FieldValueInvalid", std::move(message)};
}
FieldError forbidden_field(std::string field, std::string_view detail) {
  return make(std::move(field), "FieldValueForbidden", "Forbidden", detail);
}
FieldError not_supported(std::string field, std::string_view value, const std::vector<std::string_view>& supported) {
  std::string list;
  for (const auto item : supported) list.append(list.empty() ? "" : ", ").append(go_quoted(item));
  return make(std::move(field), "FieldValueNotSupported", "Unsupported value: " + go_quoted(value),
              "supported values: " + list);
}
FieldError duplicate(std::string field, std::string_view value) {
  return make(std::move(field), "FieldValueDuplicate", "Duplicate value", go_quoted(value));
}
FieldError too_long(std::string field, std::string_view detail) {
  return make(std::move(field), "FieldValueTooLong", "Too long", detail);
}

Status bad_request(std::string message) { return {400, "BadRequest", std::move(message)}; }
Status unauthorized() { return {401, "Unauthorized", "Unauthorized"}; }
Status internal_error(std::string message) { return {500, "", std::move(message)}; }
Status no_such_path() { return {404, "NotFound", "the server could not find the requested resource", json::object()}; }
Status method_not_allowed() {
  return {405, "MethodNotAllowed", "the server does not allow this method on the requested resource", json::object()};
}
Status unsupported_media_type() {
  return {415, "UnsupportedMediaType",
          "the body of the request was in an unknown format - accepted media types include: application/json, "
          "application/yaml, application/vnd.kubernetes.protobuf"};
}

Status not_found(const ResourceType& type, std::string_view name) {
  return {404, "NotFound", type.resource_name() + " " + go_quoted(name) + " not found",
          details_of(type.group, type.plural, name)};
}

Status already_exists(const ResourceType& type, std::string_view name) {
  return {409, "AlreadyExists", type.resource_name() + " " + go_quoted(name) + " already exists",
          details_of(type.group, type.plural, name)};
}

Status conflict(const ResourceType& type, std::string_view name, std::string_view why) {
  return {409, "Conflict",
          "Operation cannot be fulfilled on " + type.resource_name() + " " + go_quoted(name) + ": " + std::string(why),
          details_of(type.group, type.plural, name)};
}

Status precondition_failed(const ResourceType& type, std::string_view name, std::string_view why) {
  return {409, "Conflict",
          "Operation cannot be fulfilled on " + type.kind_name() + " " + go_quoted(name) + ": " + std::string(why),
          details_of(type.group, type.kind, name)};
}

Status forbidden(const ResourceType& type, std::string_view name, std::string_view why) {
  auto message =
      type.resource_name() + (name.empty() ? "" : " " + go_quoted(name)) + " is forbidden: " + std::string(why);
  return {403, "Forbidden", std::move(message), details_of(type.group, type.plural, name)};
}

Status invalid(std::string_view group, std::string_view kind, std::string_view name, const FieldErrors& errors) {
  std::vector<std::string> messages;  // each once, as k8s.io/apimachinery's aggregate does
  json::array causes;
  for (const auto& error : errors) {
    auto message = error.field + ": " + error.message;
    if (std::ranges::find(messages, message) == messages.end()) messages.push_back(std::move(message));
    causes.push_back(json::object{{"reason", error.reason}, {"message", error.message}, {"field", error.field}});
  }
  std::string list;
  for (const auto& message : messages) list.append(list.empty() ? "" : ", ").append(message);
  if (messages.size() > 1) list = "[" + list + "]";
  auto details = details_of(group, kind, name);
  details["causes"] = std::move(causes);
  return {422, "Invalid", dotted(kind, group) + " " + go_quoted(name) + " is invalid: " + list, std::move(details)};
}

Status invalid(const ResourceType& type, std::string_view name, const FieldErrors& errors) {
  return invalid(type.group, type.kind, name, errors);
}

Status expired(std::string message) { return {410, "Expired", std::move(message)}; }

Status too_large_version(std::uint64_t asked, std::uint64_t current, bool retry) {
  json::object cause = {{"reason", "ResourceVersionTooLarge"}, {"message", "Too large resource version"}};
  json::object details;
  details["causes"] = json::array{std::move(cause)};
  if (retry) details["retryAfterSeconds"] = 1;
  return {504, "Timeout",
          "Timeout: Too large resource version: " + std::to_string(asked) + ", current: " + std::to_string(current),
          std::move(details)};
}

json::object deleted_status(const ResourceType& type, const json::object& object) {
  auto details = details_of(type.group, type.plural, name_of(object));
  details["uid"] = uid_of(object);
  return {{"kind", "Status"},
          {"apiVersion", "v1"},
          {"metadata", json::object()},
          {"status", "Success"},
          {"details", std::move(details)}};
}

}  // namespace quartermaster::apisim
