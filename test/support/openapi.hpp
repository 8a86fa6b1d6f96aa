// Holds exchanges against the service's own API description: nothing may be answered that is not documented, and at the
// end it says what was documented and never seen.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "test/support/http_client.hpp"
#include "test/support/json_schema.hpp"

namespace quartermaster::test {

class OpenApi {
 public:
  explicit OpenApi(json::value document);

  /// What is wrong with the answer, one sentence each.
  std::vector<std::string> check(const HttpRequest& request, const HttpAnswer& answer);

  /// "GET /a/{b} 404" for each documented answer that no checked exchange had.
  std::set<std::string> unseen_answers() const;
  /// "/components/schemas/Pod/properties/age" for each documented property that no checked answer had.
  std::set<std::string> unseen_properties() const;
  /// "GET /a/{b} ?limit" for each documented query parameter that no successful request had.
  std::set<std::string> unseen_parameters() const;

 private:
  struct Operation {
    std::string method;   // "GET"
    std::string path;     // "/a/{b}"
    std::string pointer;  // into the document
    std::set<std::string> query_parameters;
    std::string name() const { return method + " " + path; }
  };

  void add_operation(const std::string& path, std::string_view method, const std::string& path_item);
  const Operation* find_operation(std::string_view method, std::string_view path) const;
  std::vector<std::string> check_allow(std::string_view path, const HttpAnswer& answer) const;
  std::vector<std::string> check_body(const std::string& response, const HttpAnswer& answer);

  SchemaChecker checker_;
  std::vector<Operation> operations_;
  std::set<std::string> seen_answers_;
  std::set<std::string> seen_parameters_;
};

}  // namespace quartermaster::test
