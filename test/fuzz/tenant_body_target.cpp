// The body of a tenant's create and update.
#include "server/api/tenant_body.hpp"

#include "model/names.hpp"
#include "model/quantity.hpp"
#include "test/fuzz/fuzz.hpp"

namespace json = quartermaster::json;
using quartermaster::fuzz::check;

FUZZ_TARGET(tenant_body) {
  const auto document = json::parse(input, json::kRequestBody);
  if (!document) return;
  for (const bool remove : {false, true}) {
    const auto body = quartermaster::api::parse_tenant_body(document->root(), "team", remove);
    if (!body) {
      check(!body.error().message.empty(), "an error says something");
      continue;
    }
    for (const auto& quota : body->quotas) {
      check(quartermaster::check_dns1123_subdomain(quota.name).empty(), "a quota has a name");
      for (const auto& [resource, quantity] : quota.hard)
        check(quartermaster::Quantity::parse(quantity).has_value(), "quantities are quantities");
    }
    for (const auto& [key, value] : body->labels) {
      check(quartermaster::check_qualified_name(key).empty(), "labels have keys");
      if (value) check(quartermaster::check_label_value(*value).empty(), "labels have values");
    }
  }
}
