// Stateful sets.
#include "model/stateful_set.hpp"

#include "model/claim_usage.hpp"
#include "test/fuzz/object.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;

FUZZ_TARGET(stateful_set) {
  const auto document = json::parse(input);
  if (!document) return;
  const auto set = model::stateful_set_from(document->root());
  model::ClaimUsage usage;
  usage.add(set);
  for (const auto& claim_template : set.claim_templates) {
    const auto claim = claim_template + "-" + set.meta.name + "-0";
    check(claims(set, claim) && !usage.users(claim).empty(), "its claims are in use");
  }
  const auto record = model::stateful_set_record(document->root());
  const auto view = quartermaster::fuzz::view_of(record);
  check(view.dto.empty() && view.name == set.meta.name, "the record has just facts");
  model::claim_templates_of(view.facts);
}
