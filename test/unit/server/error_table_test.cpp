// Every error has its status and its reason.
#include "server/http/error_table.hpp"

#include <catch2/catch.hpp>

namespace quartermaster::http {
namespace {

TEST_CASE("Errors have the statuses and reasons of the contract") {
  const auto [code, status, reason] = GENERATE(table<ErrorCode, unsigned, std::string>({
      {ErrorCode::bad_request, 400, "BadRequest"},
      {ErrorCode::unauthorized, 401, "Unauthorized"},
      {ErrorCode::forbidden, 403, "Forbidden"},
      {ErrorCode::not_found, 404, "NotFound"},
      {ErrorCode::method_not_allowed, 405, "MethodNotAllowed"},
      {ErrorCode::request_timeout, 408, "RequestTimeout"},
      {ErrorCode::already_exists, 409, "AlreadyExists"},
      {ErrorCode::conflict, 409, "Conflict"},
      {ErrorCode::in_use, 409, "InUse"},
      {ErrorCode::immutable, 409, "Immutable"},
      {ErrorCode::not_tenant, 409, "NotTenant"},
      {ErrorCode::unmanaged, 409, "Unmanaged"},
      {ErrorCode::terminating, 409, "Terminating"},
      {ErrorCode::expired, 410, "Expired"},
      {ErrorCode::length_required, 411, "LengthRequired"},
      {ErrorCode::payload_too_large, 413, "RequestEntityTooLarge"},
      {ErrorCode::uri_too_long, 414, "URITooLong"},
      {ErrorCode::unsupported_media_type, 415, "UnsupportedMediaType"},
      {ErrorCode::expectation_failed, 417, "ExpectationFailed"},
      {ErrorCode::invalid, 422, "Invalid"},
      {ErrorCode::too_many_requests, 429, "TooManyRequests"},
      {ErrorCode::header_too_large, 431, "RequestHeaderFieldsTooLarge"},
      {ErrorCode::internal, 500, "InternalError"},
      {ErrorCode::not_implemented, 501, "NotImplemented"},
      {ErrorCode::bad_gateway, 502, "BadGateway"},
      {ErrorCode::unavailable, 503, "ServiceUnavailable"},
      {ErrorCode::timeout, 504, "Timeout"},
      {ErrorCode::http_version, 505, "HTTPVersionNotSupported"},
      {ErrorCode::cancelled, 499, "ClientClosedRequest"},
  }));
  CAPTURE(reason);
  CHECK(error_row(code).status == status);
  CHECK(error_row(code).reason == reason);
  // 499 is for logs and metrics, and never sent.
  CHECK((status_text(status) != "Unknown") == (code != ErrorCode::cancelled));
}

TEST_CASE("The table is complete") {
  // The last of the enumeration.
  for (int code = 0; code <= static_cast<int>(ErrorCode::cancelled); ++code) {
    CHECK(error_row(static_cast<ErrorCode>(code)).code == static_cast<ErrorCode>(code));
  }
}

}  // namespace
}  // namespace quartermaster::http
