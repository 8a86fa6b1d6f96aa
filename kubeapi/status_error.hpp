// Answers of the API server that are not 2xx, as typed errors.
#pragma once

#include <string_view>

#include "model/error.hpp"

namespace quartermaster::kubeapi {

/// From the HTTP status and the body, which should be a metav1.Status object but may be anything (a proxy's page).
/// The message is the Status', and never holds more than 1 KiB of a body that is none.
Error status_error(unsigned http_status, std::string_view body, std::string_view retry_after_header = {});

/// The type of such functions.
using ErrorOfAnswer = Error(unsigned http_status, std::string_view body, std::string_view retry_after_header);

}  // namespace quartermaster::kubeapi
