// The bodies of a secret's create, update and patch, checked as far as it can be without the API server.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "model/json.hpp"
#include "model/manifest.hpp"
#include "model/secret.hpp"

namespace quartermaster::api {

using KeySet = std::set<std::string, std::less<>>;

struct SecretBody {
  std::string name;
  std::optional<std::string> type;
  std::optional<StringMap> data;  // base64; stringData is merged in, and wins; nothing if the body has neither
  model::MapPatch changes;        // the same of a patch: what is set, and removed
  KeySet text_keys;               // the keys that stringData has
  model::MapPatch labels;
  model::MapPatch annotations;
  std::optional<bool> immutable;
  std::string resource_version;  // "" if not given; of updates and patches only
};

/// Error: bad_request for form, invalid for values, which are never shown.
Result<SecretBody> parse_secret_body(json::Value body, bool update);

/// A JSON merge patch of the secret `name`: of its data, stringData, labels and annotations alone. Errors likewise.
Result<SecretBody> parse_secret_patch(json::Value body, std::string name);

}  // namespace quartermaster::api
