// What can go wrong on a request: one error type for all layers. It is a value, not an exception; exceptions are for
// bugs and for start-up. server/http/error_table.cpp gives each code its HTTP status and its reason word.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace quartermaster {

enum class ErrorCode {
  bad_request,
  unauthorized,
  forbidden,
  not_found,
  method_not_allowed,
  request_timeout,  // the caller was too slow to send its request
  already_exists,
  conflict,
  in_use,
  immutable,
  not_tenant,
  unmanaged,
  terminating,
  expired,  // a continue token or a resource version that is too old
  length_required,
  payload_too_large,
  uri_too_long,
  unsupported_media_type,
  expectation_failed,
  invalid,  // well-formed, but not acceptable
  header_too_large,
  too_many_requests,
  internal,
  not_implemented,
  http_version,
  bad_gateway,  // the API server refuses our credentials, its TLS fails or its answer makes no sense
  unavailable,  // the API server cannot be reached, or has no capacity
  timeout,      // the request's deadline passed
  cancelled,    // the caller went away; nobody reads the answer
};

/// One offending field: the entries of `details.causes`.
struct Cause {
  std::string field;    // a path: "tenantQuotas[1].hard.pods", or a name
  std::string reason;   // CamelCase, Kubernetes' own where it has one: "FieldValueInvalid"
  std::string message;  // never holds a secret value
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // for a person, never holds a secret value
  std::vector<Cause> causes = {};
  std::optional<std::chrono::seconds> retry_after = {};
};

template <class T>
using Result = boost::system::result<T, Error>;

/// Called by Result::value() on an error: a bug in the caller, which is to test first.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("unchecked error: " + error.message);
}

}  // namespace quartermaster
