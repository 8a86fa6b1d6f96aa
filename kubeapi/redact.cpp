#include "kubeapi/redact.hpp"

#include <string_view>
#include <utility>

namespace quartermaster::kubeapi {
namespace {

bool quotes_no_value(const Cause& cause) {
  // These kinds of causes do not print the field's value: k8s.io/apimachinery/pkg/util/validation/field.
  for (const std::string_view reason : {"FieldValueRequired", "FieldValueForbidden", "FieldValueTooLong"}) {
    if (cause.reason == reason) return true;
  }
  return cause.field.starts_with("metadata.") || cause.field == "type" || cause.field == "immutable";
}

}  // namespace

Error without_values(Error error) {
  if (error.code == ErrorCode::bad_request) {
    error.message = "the API server cannot read the secret: a field is malformed";
    error.causes.clear();
  }
  if (error.code != ErrorCode::invalid) return error;
  error.message = "the secret is not acceptable";
  const char* separator = ": ";
  for (auto& cause : error.causes) {
    if (!quotes_no_value(cause)) cause.message = "the value is not acceptable";
    error.message.append(std::exchange(separator, "; ")).append(cause.field).append(": ").append(cause.message);
  }
  return error;
}

}  // namespace quartermaster::kubeapi
