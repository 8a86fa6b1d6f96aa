// The bodies of a secret's create, update and patch.
#include "server/api/secret_body.hpp"

#include "model/base64.hpp"
#include "model/names.hpp"
#include "test/fuzz/fuzz.hpp"

namespace json = quartermaster::json;
using quartermaster::fuzz::check;

namespace {

void check_manifest(const quartermaster::api::SecretBody& body) {
  std::string text;
  {
    json::Writer writer(text);
    write_manifest(writer, quartermaster::model::SecretSpec{.name = body.name,
                                                            .data = body.data.value_or(quartermaster::StringMap())});
  }
  const auto manifest = json::parse(text);
  check(manifest && manifest->root()["metadata"]["name"].string() == body.name, "the manifest names the secret");
}

void check_patch(json::Value root) {
  const auto body = quartermaster::api::parse_secret_patch(root, "a");
  if (!body) return check(!body.error().message.empty(), "an error says something");
  check(!body->data, "a patch does not replace all");
  for (const auto& [key, value] : body->changes) {
    check(quartermaster::check_config_map_key(key).empty(), "keys are keys");
    check(!value || quartermaster::decode_base64(*value).has_value(), "values are base64");
  }
  for (const auto& key : body->text_keys) check(body->changes.contains(key), "text is a change");
}

}  // namespace

FUZZ_TARGET(secret_body) {
  const auto document = json::parse(input, json::kRequestBody);
  if (!document) return;
  for (const bool update : {false, true}) {
    const auto body = quartermaster::api::parse_secret_body(document->root(), update);
    if (!body) {
      check(!body.error().message.empty(), "an error says something");
      continue;
    }
    check(quartermaster::check_dns1123_subdomain(body->name).empty(), "the name is one");
    for (const auto& [key, value] : body->data.value_or(quartermaster::StringMap())) {
      check(quartermaster::check_config_map_key(key).empty(), "keys are keys");
      check(quartermaster::decode_base64(value).has_value(), "values are base64");
    }
    check_manifest(*body);
  }
  check_patch(document->root());
}
