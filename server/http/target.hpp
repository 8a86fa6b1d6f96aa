// The request target: path segments and query, decoded once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/error.hpp"

namespace quartermaster::http {

struct Target {
  std::vector<std::string> segments;                       // "/a/b/" and "/a/b" are both {"a", "b"}
  std::vector<std::pair<std::string, std::string>> query;  // in order; '+' is a space

  /// The first value of a parameter.
  std::optional<std::string_view> find(std::string_view name) const;
};

/// Error: bad_request for a target that is not origin-form or absolute-form, has a fragment, raw 8-bit or control
/// characters, a bad percent-escape, an encoded NUL, text that is not UTF-8 once decoded, an empty, "." or ".."
/// segment.
Result<Target> parse_target(std::string_view target);

}  // namespace quartermaster::http
