// The bodies of a secret's create, update and patch.
#include "server/api/secret_body.hpp"

#include "model/base64.hpp"
#include "model/names.hpp"
#include "server/api/body_reader.hpp"
#include "server/api/checks.hpp"

namespace quartermaster::api {
namespace {

// k8s.io/api/core/v1: MaxSecretSize, the sum of all values.
constexpr std::size_t kMaxSecretBytes = 1U << 20;

/// Keys that are wrong, values that are no base64, and too much of them.
void check_data(const model::MapPatch& data, const model::MapPatch& text, Causes& causes) {
  std::size_t bytes = 0;
  const auto check_key = [&causes](std::string_view field, const std::string& key) {
    if (auto what = check_config_map_key(key); !what.empty()) {
      causes.push_back({place(field, key), "FieldValueInvalid", "bad key: " + what});
    }
  };
  for (const auto& [key, value] : data) {
    check_key("data", key);
    if (!value) continue;
    const auto decoded = decode_base64(*value);
    if (!decoded) causes.push_back({place("data", key), "FieldValueInvalid", "the value is not base64"});
    if (!text.contains(key) && decoded) bytes += decoded->size();
  }
  for (const auto& [key, value] : text) {
    check_key("stringData", key);
    if (value) bytes += value->size();
  }
  if (bytes > kMaxSecretBytes) {
    causes.push_back(
        {"data", "FieldValueTooLong",
         "the values are " + std::to_string(bytes) + " bytes in all, and may be " + std::to_string(kMaxSecretBytes)});
  }
}

model::MapPatch as_patch(const std::optional<StringMap>& map) {
  if (!map) return {};
  return {map->begin(), map->end()};
}

/// Both as base64; text wins.
model::MapPatch merged(model::MapPatch data, const model::MapPatch& text) {
  for (const auto& [key, value] : text) {
    data[key] = value ? std::optional(encode_base64(*value)) : std::nullopt;
  }
  return data;
}

KeySet keys_of(const model::MapPatch& map) {
  KeySet keys;
  for (const auto& [key, value] : map) keys.insert(key);
  return keys;
}

/// What is wrong with the values of a body of the right form.
std::optional<Error> problems(const SecretBody& body, const model::MapPatch& data, const model::MapPatch& text) {
  Causes causes;
  check_data(data, text, causes);
  check_labels("labels", body.labels, causes);
  check_annotations("annotations", body.annotations, causes);
  if (causes.empty()) return std::nullopt;
  return invalid(std::move(causes));
}

}  // namespace

Result<SecretBody> parse_secret_body(json::Value body, bool update) {
  FirstError error;
  ObjectReader reader(body, "", error);
  SecretBody out;
  const auto name = reader.string("name");
  out.type = reader.string("type");
  const auto data = reader.string_map("data");
  const auto text = reader.string_map("stringData");
  out.labels = reader.map_patch("labels").value_or(model::MapPatch());
  out.annotations = reader.map_patch("annotations").value_or(model::MapPatch());
  out.immutable = reader.boolean("immutable");
  if (update) out.resource_version = reader.string("resourceVersion").value_or("");
  reader.finish();
  if (!update) {
    refuse_null("labels", out.labels, error);
    refuse_null("annotations", out.annotations, error);
  }
  if (error) return std::move(*error);
  if (out.type && out.type->empty()) out.type.reset();

  if (!name || name->empty()) return Error{ErrorCode::bad_request, "name: must be given"};
  if (auto what = check_dns1123_subdomain(*name); !what.empty()) {
    return Error{ErrorCode::bad_request, "name: " + what};
  }
  out.name = *name;

  const auto given_data = as_patch(data), given_text = as_patch(text);
  if (auto wrong = problems(out, given_data, given_text)) return std::move(*wrong);
  out.text_keys = keys_of(given_text);
  if (data || text) out.data = values_of(merged(given_data, given_text));
  return out;
}

Result<SecretBody> parse_secret_patch(json::Value body, std::string name) {
  FirstError error;
  ObjectReader reader(body, "", error);
  SecretBody out;
  out.name = std::move(name);
  const auto data = reader.map_patch("data").value_or(model::MapPatch());
  const auto text = reader.map_patch("stringData").value_or(model::MapPatch());
  out.labels = reader.map_patch("labels").value_or(model::MapPatch());
  out.annotations = reader.map_patch("annotations").value_or(model::MapPatch());
  out.resource_version = reader.string("resourceVersion").value_or("");
  reader.finish();
  if (error) return std::move(*error);
  if (auto wrong = problems(out, data, text)) return std::move(*wrong);
  out.text_keys = keys_of(text);
  out.changes = merged(data, text);
  return out;
}

}  // namespace quartermaster::api
