// The API server's own sentences: k8s.io/apimachinery/pkg/api/errors and pkg/util/validation/field, the authorizers'
// and the resource quotas'; a webhook's: k8s.io/apiserver/pkg/admission/plugin/webhook/errors.
#include "kubeapi/secret_error.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "kubeapi/status_error.hpp"
#include "model/json.hpp"

namespace quartermaster::kubeapi {
namespace {

/// What follows `secrets "name" `, or `secrets ` where there is no name; nothing if the message does not start so.
std::optional<std::string_view> after_subject(std::string_view message) {
  constexpr std::string_view kResource = "secrets ";
  if (!message.starts_with(kResource)) return {};
  message.remove_prefix(kResource.size());
  if (!message.starts_with('"')) return message;
  const auto end = message.find("\" ", 1);
  if (end == std::string_view::npos) return {};
  return message.substr(end + 2);
}

/// Whether Kubernetes itself says this of a secret, in words that hold none of its values.
bool is_known(std::string_view message) {
  constexpr std::array<std::string_view, 2> kWhole{"already exists", "not found"};
  constexpr std::array<std::string_view, 3> kBeginnings{"is forbidden: User \"", "is forbidden: exceeded quota: ",
                                                        "is forbidden: unable to create new content in namespace "};
  const auto said = after_subject(message);
  if (!said) return false;
  return std::ranges::find(kWhole, *said) != kWhole.end() ||
         std::ranges::any_of(kBeginnings, [&](std::string_view beginning) { return said->starts_with(beginning); });
}

/// `admission webhook "name" denied the request`, without what the webhook says; "" if it was none.
std::string_view webhook_denial(std::string_view message) {
  constexpr std::string_view kDenied = "\" denied the request";
  if (!message.starts_with("admission webhook \"")) return {};
  const auto denied = message.find(kDenied);
  return denied == std::string_view::npos ? std::string_view() : message.substr(0, denied + kDenied.size());
}

std::string answered(unsigned http_status) { return "the API server answered " + std::to_string(http_status); }

/// In place of words that are not passed on.
std::string plain_message(ErrorCode code, unsigned http_status) {
  switch (code) {
    case ErrorCode::bad_request:
      return "the API server cannot read the secret: a field is malformed";
    case ErrorCode::forbidden:
      return "the API server forbids it";
    case ErrorCode::not_found:
      return "the API server does not find it";
    case ErrorCode::already_exists:
      return "the secret exists already";
    case ErrorCode::conflict:
      return "the secret was changed by someone else";
    case ErrorCode::terminating:
      return "the namespace is being deleted";
    case ErrorCode::invalid:
      return "the secret is not acceptable";
    default:
      return http_status == 401 ? "the API server refuses our credentials" : answered(http_status);
  }
}

bool quotes_no_value(const Cause& cause) {
  // These kinds of causes do not print the field's value: k8s.io/apimachinery/pkg/util/validation/field.
  constexpr std::array<std::string_view, 3> kReasons{"FieldValueRequired", "FieldValueForbidden", "FieldValueTooLong"};
  return std::ranges::find(kReasons, cause.reason) != kReasons.end() || cause.field.starts_with("metadata.") ||
         cause.field == "type" || cause.field == "immutable";
}

/// Keeps what is said about fields that hold no value, and names the others.
void explain(Error& error, std::vector<Cause> causes) {
  const char* separator = ": ";
  for (auto& cause : causes) {
    if (!quotes_no_value(cause)) cause.message = "the value is not acceptable";
    error.message.append(std::exchange(separator, "; ")).append(cause.field).append(": ").append(cause.message);
  }
  error.causes = std::move(causes);
}

}  // namespace

Error secret_read_error(unsigned http_status, std::string_view body, std::string_view retry_after_header) {
  auto error = status_error(http_status, body, retry_after_header);
  const auto document = json::parse(body);
  const bool is_status = document && document->root()["kind"].string() == "Status";
  if (is_status && http_status / 100 == 4) return error;
  error.message = answered(http_status);
  error.causes.clear();
  return error;
}

Error secret_write_error(unsigned http_status, std::string_view body, std::string_view retry_after_header) {
  auto error = status_error(http_status, body, retry_after_header);
  auto causes = std::exchange(error.causes, {});
  if (is_known(error.message)) return error;
  if (const auto denial = webhook_denial(error.message); !denial.empty()) {
    error.message = std::string(denial);
    return error;
  }
  error.message = plain_message(error.code, http_status);
  if (error.code == ErrorCode::invalid) explain(error, std::move(causes));
  return error;
}

}  // namespace quartermaster::kubeapi
