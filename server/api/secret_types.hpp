// What Kubernetes' own types of secrets must hold: what the API server checks, in clearer words, and what it leaves to
// those who use the secret, and fail.
#pragma once

#include <string>
#include <string_view>

#include "model/manifest.hpp"
#include "server/api/checks.hpp"
#include "server/api/secret_body.hpp"

namespace quartermaster::api {

/// What is wrong with the data of a secret of this type, all of it, as base64; nothing for other types. The keys that
/// came as stringData are told as such. No value is ever told.
void check_typed_data(std::string_view type, const StringMap& data, const KeySet& text_keys, Causes& causes);

/// Whether a change of these keys can make a secret of this type better or worse.
bool touches_type(std::string_view type, const model::MapPatch& changes);

/// A token must say whose it is, by an annotation.
void check_typed_annotations(std::string_view type, const StringMap& annotations, Causes& causes);

}  // namespace quartermaster::api
