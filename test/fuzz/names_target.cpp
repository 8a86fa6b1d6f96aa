// Names: what passes is safe in a path, and what does not has a reason.
#include "model/names.hpp"

#include "model/stateful_set.hpp"
#include "test/fuzz/fuzz.hpp"

using quartermaster::fuzz::check;

FUZZ_TARGET(names) {
  if (quartermaster::check_dns1123_label(input).empty()) {
    check(!input.empty() && input.size() <= 63, "a label is short");
    check(quartermaster::check_dns1123_subdomain(input).empty(), "a label is a subdomain");
  }
  if (quartermaster::check_dns1123_subdomain(input).empty()) {
    check(!input.empty() && input.size() <= 253, "a subdomain is short");
    check(input.find_first_of("/%?# \\") == std::string_view::npos && input != "..", "it is safe in a path");
    check(quartermaster::check_config_map_key(input).empty(), "a subdomain is a key");
  }
  if (quartermaster::check_qualified_name(input).empty())
    check(quartermaster::check_annotation_key(input).empty(), "a label's key is an annotation's key");
  quartermaster::check_label_value(input);
  if (const auto stem = quartermaster::model::claim_stem(input))
    check(input.starts_with(*stem), "a stem is a beginning");
}
