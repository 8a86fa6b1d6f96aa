// Status objects: k8s.io/apimachinery/pkg/apis/meta/v1, types.go and pkg/api/errors.
#include "kubeapi/status_error.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "model/json.hpp"

namespace quartermaster::kubeapi {
namespace {

constexpr std::size_t kMaxForeignText = 1U << 10;
constexpr std::size_t kMaxMessage = 16U << 10;
constexpr std::size_t kMaxCauses = 256;

bool has_cause(json::Value status, std::string_view reason) {
  for (const auto cause : status["details"]["causes"].items()) {
    if (cause["reason"].string() == reason) return true;
  }
  return false;
}

ErrorCode error_code_of(unsigned http_status, json::Value status) {
  const auto reason = status["reason"].string();
  switch (http_status) {
    case 400:
      return ErrorCode::bad_request;
    case 403:
      return has_cause(status, "NamespaceTerminating") ? ErrorCode::terminating : ErrorCode::forbidden;
    case 404:
      return ErrorCode::not_found;
    case 409:
      return reason == "AlreadyExists" ? ErrorCode::already_exists : ErrorCode::conflict;
    case 410:
      return ErrorCode::expired;
    case 413:
      return ErrorCode::payload_too_large;
    case 422:
      return ErrorCode::invalid;
    case 429:
    case 503:
      return ErrorCode::unavailable;
    case 500:
      // "The server could not do it in time, try again": not the same as Timeout, which is a 504.
      return reason == "ServerTimeout" ? ErrorCode::unavailable : ErrorCode::bad_gateway;
    case 504:
      return ErrorCode::timeout;
    default:  // 401 too: it is our own credentials that were refused
      return ErrorCode::bad_gateway;
  }
}

std::chrono::seconds retry_after(std::string_view header, json::Value status) {
  long seconds = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (header.empty() || error != std::errc{} || end != header.data() + header.size()) {
    seconds = status["details"]["retryAfterSeconds"].integer().value_or(1);
  }
  return std::chrono::seconds(std::clamp(seconds, 1L, 3600L));
}

/// At most `max` bytes, without control characters and half characters.
std::string clean(std::string_view text, std::size_t max) {
  std::string out(text.substr(0, max));
  // What was cut may be the rest of a character.
  if (text.size() > max) {
    while (!out.empty() && (static_cast<unsigned char>(text[out.size()]) & 0xc0) == 0x80) out.pop_back();
    out += "...";
  }
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  return json::to_valid_utf8(out);
}

std::string message_of(unsigned http_status, json::Value status, std::string_view body) {
  const std::string answered = "the API server answered " + std::to_string(http_status);
  if (http_status == 401) return "the API server refuses our credentials";
  if (status["kind"].string() != "Status")
    return body.empty() ? answered : answered + ": " + clean(body, kMaxForeignText);
  const auto message = status["message"].string();
  return message.empty() ? answered : clean(message, kMaxMessage);
}

}  // namespace

Error status_error(unsigned http_status, std::string_view body, std::string_view retry_after_header) {
  const auto document = json::parse(body);
  const json::Value status = document ? document->root() : json::Value();
  Error error{.code = error_code_of(http_status, status), .message = message_of(http_status, status, body)};
  if (error.code == ErrorCode::unavailable) error.retry_after = retry_after(retry_after_header, status);
  for (const auto cause : status["details"]["causes"].items()) {
    if (error.causes.size() == kMaxCauses) break;
    error.causes.push_back({.field = std::string(cause["field"].string()),
                            .reason = std::string(cause["reason"].string()),
                            .message = clean(cause["message"].string(), kMaxMessage)});
  }
  return error;
}

}  // namespace quartermaster::kubeapi
