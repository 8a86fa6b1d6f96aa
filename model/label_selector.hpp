// Label selectors in kubectl's syntax: "app=web,tier in (a, b),!canary". Rules: k8s.io/apimachinery/pkg/labels.
#pragma once

#include <compare>
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
    Operator op = Operator::exists;
    std::vector<std::string> values = {};  // one for equals, not_equals, greater_than, less_than; none for (not_)exists

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads what this stands for
    auto operator<=>(const Requirement&) const = default;
  };

  /// Selects everything.
  LabelSelector() = default;
  /// Selects what meets all of the requirements, which must be well-formed.
  explicit LabelSelector(std::vector<Requirement> requirements);

  /// The empty text selects everything. A missing value is the empty one: "a=", "a in (,b)". Error: bad_request,
  /// "at position N: ...", N counting characters from 1.
  static Result<LabelSelector> parse(std::string_view text);

  bool empty() const { return requirements_.empty(); }
  /// As in Kubernetes, != and notin also select what does not have the key, and > and < what has an integer there.
  bool matches(const StringMap& labels) const;
  bool matches(const RenderedLabels& labels) const;
  /// Canonical text: requirements sorted by key, one form for each operator; parses back to an equal selector.
  std::string to_string() const;

  /// Sorted, and so are the values of each; no duplicates.
  const std::vector<Requirement>& requirements() const { return requirements_; }
  /// Narrows the selector further.
  void add(Requirement requirement);

  bool operator==(const LabelSelector&) const = default;

 private:
  std::vector<Requirement> requirements_;
};

}  // namespace quartermaster
