// Checks JSON values against the JSON Schema of an OpenAPI 3.1 document, more strictly than the standard asks for: a
// property that the schema does not name is an error unless additionalProperties allows it, and so is a keyword that
// this checker does not know. It also remembers which properties it has seen.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "test/support/json.hpp"

namespace quartermaster::test {

class SchemaChecker {
 public:
  /// `document` holds the schemas, and what their $refs lead to.
  explicit SchemaChecker(json::value document) : document_(std::move(document)) {}

  /// What is wrong with `value`, one sentence each; `schema` is a JSON pointer into the document.
  std::vector<std::string> check(const std::string& schema, const json::value& value);

  /// The properties that the schema documents, and all that it leads to, as pointers.
  std::set<std::string> documented(const std::string& schema) const;
  /// Those that a checked value had.
  const std::set<std::string>& seen() const { return seen_; }

  const json::value& document() const { return document_; }
  /// Follows $ref.
  std::string resolve(std::string pointer) const;

 private:
  using Messages = std::vector<std::string>;
  void check_at(const std::string& schema, const json::value& value, const std::string& place, Messages& messages);
  void check_object(const std::string& schema, const json::object& value, const std::string& place, Messages& messages);
  void check_alternatives(const std::string& schema, const json::value& value, const std::string& place,
                          Messages& messages);
  void collect(const std::string& schema, std::set<std::string>& visited, std::set<std::string>& properties) const;

  json::value document_;
  std::set<std::string> seen_;
};

/// One segment of a JSON pointer.
std::string escape_pointer(std::string_view segment);

}  // namespace quartermaster::test
