// Answers of the API server about secrets that are not 2xx, as typed errors without the secrets.
#pragma once

#include <string_view>

#include "model/error.hpp"

namespace quartermaster::kubeapi {

// As status_error(), but text is passed on only where it is known to quote no value: the API server quotes what it
// cannot read (a 400 shows a part of the body, a 422 to a patch all of the object), an admission webhook may say
// anything under any status, and what stands between us and the API server may echo a body.

/// To a read: nothing was sent, so that only failures of the API server itself can quote what it has stored.
Error secret_read_error(unsigned http_status, std::string_view body, std::string_view retry_after_header = {});

/// To a create, update or delete: only sentences that Kubernetes itself is known to make.
Error secret_write_error(unsigned http_status, std::string_view body, std::string_view retry_after_header = {});

}  // namespace quartermaster::kubeapi
