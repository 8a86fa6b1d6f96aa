// The one table from error codes to HTTP.
#include "server/http/error_table.hpp"

#include <algorithm>
#include <array>

namespace quartermaster::http {
namespace {

constexpr std::array kRows = {
    ErrorRow{ErrorCode::bad_request, 400, "BadRequest"},
    ErrorRow{ErrorCode::unauthorized, 401, "Unauthorized"},
    ErrorRow{ErrorCode::forbidden, 403, "Forbidden"},
    ErrorRow{ErrorCode::not_found, 404, "NotFound"},
    ErrorRow{ErrorCode::method_not_allowed, 405, "MethodNotAllowed"},
    ErrorRow{ErrorCode::request_timeout, 408, "RequestTimeout"},
    ErrorRow{ErrorCode::already_exists, 409, "AlreadyExists"},
    ErrorRow{ErrorCode::conflict, 409, "Conflict"},
    ErrorRow{ErrorCode::in_use, 409, "InUse"},
    ErrorRow{ErrorCode::immutable, 409, "Immutable"},
    ErrorRow{ErrorCode::not_tenant, 409, "NotTenant"},
    ErrorRow{ErrorCode::unmanaged, 409, "Unmanaged"},
    ErrorRow{ErrorCode::terminating, 409, "Terminating"},
    ErrorRow{ErrorCode::expired, 410, "Expired"},
    ErrorRow{ErrorCode::length_required, 411, "LengthRequired"},
    ErrorRow{ErrorCode::payload_too_large, 413, "RequestEntityTooLarge"},
    ErrorRow{ErrorCode::uri_too_long, 414, "URITooLong"},
    ErrorRow{ErrorCode::unsupported_media_type, 415, "UnsupportedMediaType"},
    ErrorRow{ErrorCode::expectation_failed, 417, "ExpectationFailed"},
    ErrorRow{ErrorCode::invalid, 422, "Invalid"},
    ErrorRow{ErrorCode::too_many_requests, 429, "TooManyRequests"},
    ErrorRow{ErrorCode::header_too_large, 431, "RequestHeaderFieldsTooLarge"},
    ErrorRow{ErrorCode::cancelled, 499, "ClientClosedRequest"},  // for logs and metrics: nobody reads it
    ErrorRow{ErrorCode::internal, 500, "InternalError"},
    ErrorRow{ErrorCode::not_implemented, 501, "NotImplemented"},
    ErrorRow{ErrorCode::bad_gateway, 502, "BadGateway"},
    ErrorRow{ErrorCode::unavailable, 503, "ServiceUnavailable"},
    ErrorRow{ErrorCode::timeout, 504, "Timeout"},
    ErrorRow{ErrorCode::http_version, 505, "HTTPVersionNotSupported"},
};

}  // namespace

const ErrorRow& error_row(ErrorCode code) { return *std::ranges::find(kRows, code, &ErrorRow::code); }

std::string_view status_text(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 207:
      return "Multi-Status";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

}  // namespace quartermaster::http
