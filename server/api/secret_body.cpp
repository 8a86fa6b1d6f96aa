// The body of a secret's create and update.
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
void check_data(const StringMap& data, const StringMap& text, Causes& causes) {
  std::size_t bytes = 0;
  const auto check_key = [&causes](std::string_view field, const std::string& key) {
    if (auto what = check_config_map_key(key); !what.empty()) {
      causes.push_back({place(field, key), "FieldValueInvalid", "bad key: " + what});
    }
  };
  for (const auto& [key, value] : data) {
    check_key("data", key);
    const auto decoded = decode_base64(value);
    if (!decoded) causes.push_back({place("data", key), "FieldValueInvalid", "the value is not base64"});
    if (!text.contains(key) && decoded) bytes += decoded->size();
  }
  for (const auto& [key, value] : text) {
    check_key("stringData", key);
    bytes += value.size();
  }
  if (bytes > kMaxSecretBytes) {
    causes.push_back(
        {"data", "FieldValueTooLong",
         "the values are " + std::to_string(bytes) + " bytes in all, and may be " + std::to_string(kMaxSecretBytes)});
  }
}

}  // namespace

Result<SecretBody> parse_secret_body(json::Value body, bool update) {
  FirstError error;
  ObjectReader reader(body, "", error);
  SecretBody out;
  const auto name = reader.string("name");
  out.type = reader.string("type");
  out.data = reader.string_map("data");
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

  Causes causes;
  check_data(out.data.value_or(StringMap()), text.value_or(StringMap()), causes);
  check_labels("labels", out.labels, causes);
  check_annotations("annotations", out.annotations, causes);
  if (!causes.empty()) return invalid(std::move(causes));
  if (!text) return out;
  if (!out.data) out.data.emplace();
  for (const auto& [key, value] : *text) (*out.data)[key] = encode_base64(value);
  return out;
}

}  // namespace quartermaster::api
