// The one table from error codes to HTTP.
#pragma once

#include <string_view>

#include "model/error.hpp"

namespace quartermaster::http {

struct ErrorRow {
  ErrorCode code;
  unsigned status;
  std::string_view reason;  // stable CamelCase word, Kubernetes' own where it has one
};

const ErrorRow& error_row(ErrorCode code);
std::string_view status_text(unsigned status);

}  // namespace quartermaster::http
