// Label selectors in kubectl's syntax: "app=web,tier in (a, b),!canary". Rules: k8s.io/apimachinery/pkg/labels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "model/labels.hpp"

namespace quartermaster {

class LabelSelector {
 public:
  enum class Operator { equals, not_equals, in, not_in, exists, not_exists, greater_than, less_than };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;  // sorted, no duplicates; one for equals, not_equals, gt and lt; none for exists
  };

  /// The empty text selects everything. Error: bad_request, "at position N: ...", N counting characters from 1.
  static Result<LabelSelector> parse(std::string_view text);

  bool empty() const { return requirements_.empty(); }
  bool matches(const StringMap& labels) const;
  /// Canonical text: requirements sorted by key, one form for each operator; parses back to the same selector.
  std::string to_string() const;

  const std::vector<Requirement>& requirements() const { return requirements_; }
  /// Narrows the selector further.
  void add(Requirement requirement);

 private:
  std::vector<Requirement> requirements_;
};

}  // namespace quartermaster
