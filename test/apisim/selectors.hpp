// Label and field selectors of lists and watches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/label_selector.hpp"
#include "test/apisim/status.hpp"
#include "test/apisim/store.hpp"

namespace quartermaster::apisim {

class Selectors {
 public:
  /// Errors: 400 in the API server's words; for label selectors in our own.
  static Answer<Selectors> parse(const ResourceType& type, std::string_view labels, std::string_view fields);

  bool empty() const { return labels_.empty() && fields_.empty(); }
  bool matches(const Object& object) const;

 private:
  struct FieldTerm {
    std::string field, value;
    bool equal;
  };
  LabelSelector labels_;
  std::vector<FieldTerm> fields_;
};

}  // namespace quartermaster::apisim
