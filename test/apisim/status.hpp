// The API server's errors: Status objects, with its own words.
#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "test/apisim/json.hpp"
#include "test/apisim/resource.hpp"

namespace quartermaster::apisim {

struct Status {
  Status() : Status(500, {}, {}) {}
  Status(unsigned c, std::string r, std::string m, std::optional<json::object> d = {})
      : code(c), reason(std::move(r)), message(std::move(m)), details(std::move(d)) {}

  unsigned code;
  std::string reason;
  std::string message;
  std::optional<json::object> details;
  std::string continue_token = {};  // of an expired list: goes on from there, inconsistently

  json::object to_json() const;
};

template <class T>
using Answer = boost::system::result<T, Status>;

[[noreturn]] inline void throw_exception_from_error(const Status& status, const boost::source_location&) {
  throw std::runtime_error(status.message);
}

/// One field that is wrong.
struct FieldError {
  std::string field;
  std::string reason;
  std::string message;
};
using FieldErrors = std::vector<FieldError>;

FieldError required(std::string field, std::string_view detail = {});
/// `value` is quoted, as strings are.
FieldError invalid_value(std::string field, std::string_view value, std::string_view detail);
/// `value` is printed as it is, as numbers are.
FieldError invalid_raw(std::string field, std::string_view value, std::string_view detail);
FieldError forbidden_field(std::string field, std::string_view detail);
FieldError not_supported(std::string field, std::string_view value, const std::vector<std::string_view>& supported);
FieldError duplicate(std::string field, std::string_view value);
FieldError too_long(std::string field, std::string_view detail);
/// Text as Go's %q prints it.
std::string go_quoted(std::string_view text);

Status bad_request(std::string message);
Status unauthorized();
Status internal_error(std::string message);
Status no_such_path();
Status method_not_allowed();
Status unsupported_media_type();
Status not_found(const ResourceType& type, std::string_view name);
Status already_exists(const ResourceType& type, std::string_view name);
Status conflict(const ResourceType& type, std::string_view name, std::string_view why);
/// A precondition of a delete does not hold: the kind stands for the resource then.
Status precondition_failed(const ResourceType& type, std::string_view name, std::string_view why);
Status forbidden(const ResourceType& type, std::string_view name, std::string_view why);
Status invalid(std::string_view group, std::string_view kind, std::string_view name, const FieldErrors& errors);
Status invalid(const ResourceType& type, std::string_view name, const FieldErrors& errors);
Status expired(std::string message);
/// The version asked for has not been made yet; `retry`: ask again in a second.
Status too_large_version(std::uint64_t asked, std::uint64_t current, bool retry);
/// The answer to a delete that is done.
json::object deleted_status(const ResourceType& type, const json::object& object);

}  // namespace quartermaster::apisim
