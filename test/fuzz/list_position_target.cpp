// Where a list goes on: tokens that come back from callers.
#include "server/api/list_position.hpp"

#include "model/names.hpp"
#include "test/fuzz/fuzz.hpp"

using quartermaster::fuzz::check;

FUZZ_TARGET(list_position) {
  const auto position = quartermaster::api::position_of(input);
  if (!position) return;
  check(quartermaster::api::to_token(*position) == input, "a token is made just so");
  check(quartermaster::check_dns1123_subdomain(position->after).empty(), "it names an object");
}
