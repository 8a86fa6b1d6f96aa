// The three kinds of patches: JSON merge patch (RFC 7386), JSON patch (RFC 6902), strategic merge patch.
#pragma once

#include "test/apisim/status.hpp"

namespace quartermaster::apisim {

/// `target` with the patch applied. Errors: in the API server's words; 415 for another content type.
Answer<json::object> apply_patch(const json::object& target, std::string_view content_type, std::string_view patch);

}  // namespace quartermaster::apisim
