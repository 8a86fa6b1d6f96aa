// Request bodies, read strictly: an unknown field, a wrong type and a missing field are errors that name the place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/manifest.hpp"

namespace quartermaster::api {

/// Where the first error goes; later ones are dropped.
using FirstError = std::optional<Error>;

/// One object of a body. Ask for each field that may be there, then finish(): whatever was not asked for is an error.
/// The values of a body never appear in a message, as they may be secret.
class ObjectReader {
 public:
  /// `path` is "" for the body itself. A value that is no object is an error.
  ObjectReader(json::Value value, std::string path, FirstError& error);

  bool has(std::string_view field) const { return value_[field].exists(); }
  std::optional<std::string> string(std::string_view field);
  std::optional<bool> boolean(std::string_view field);
  /// A number without a fraction.
  std::optional<std::int64_t> integer(std::string_view field);
  /// An object whose values are all strings.
  std::optional<StringMap> string_map(std::string_view field);
  /// An object whose values are strings, or null for "remove this".
  std::optional<model::MapPatch> map_patch(std::string_view field);
  std::optional<ObjectReader> object(std::string_view field);
  /// An array of strings; empty if absent.
  std::vector<std::string> strings(std::string_view field);
  /// An array of objects; empty if absent.
  std::vector<ObjectReader> objects(std::string_view field);

  /// Error if a field was not asked for; its message lists those that were.
  void finish();

  /// "tenantQuotas[1].hard" -> "tenantQuotas[1].hard.pods".
  std::string place(std::string_view field) const;

 private:
  json::Value get(std::string_view field);
  void fail(std::string_view place, std::string_view what);

  json::Value value_;
  std::string path_;
  FirstError* error_;
  std::vector<std::string_view> known_;
};

/// Error for an entry without a value, where nothing can be removed.
void refuse_null(std::string_view field, const model::MapPatch& patch, FirstError& error);

}  // namespace quartermaster::api
