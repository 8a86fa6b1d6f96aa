// The body of a secret's create and update, checked as far as it can be without the API server.
#pragma once

#include <optional>
#include <string>

#include "model/json.hpp"
#include "model/manifest.hpp"
#include "model/secret.hpp"

namespace quartermaster::api {

struct SecretBody {
  std::string name;
  std::optional<std::string> type;
  std::optional<StringMap> data;  // base64; stringData is merged in, and wins; nothing if the body has neither
  model::MapPatch labels;
  model::MapPatch annotations;
  std::optional<bool> immutable;
  std::string resource_version;  // "" if not given; of updates only
};

/// Error: bad_request for form, invalid for values, which are never shown.
Result<SecretBody> parse_secret_body(json::Value body, bool update);

}  // namespace quartermaster::api
