// What callers put into header fields.
#include "server/http/header_values.hpp"

#include "server/api/entity_tag.hpp"
#include "server/http/accept.hpp"
#include "server/observe/request_id.hpp"
#include "test/fuzz/fuzz.hpp"

using quartermaster::fuzz::check;

FUZZ_TARGET(header_values) {
  std::string joined;
  const auto items = quartermaster::http::list_items(input);
  for (const auto item : items) {
    check(item.find(',') == std::string_view::npos, "no item holds a comma");
    joined += std::string(joined.empty() ? "" : ", ") + std::string(item);
  }
  check(items.empty() || quartermaster::http::list_items(joined) == items, "a list reads back");
  quartermaster::http::is_json(input);
  const auto type = quartermaster::http::most_preferred(input, {"application/json", "text/plain"});
  check(type == "text/plain" || type.size() <= input.size(), "only what is named is preferred");
  const auto tag = quartermaster::api::entity_tag({1, 2});
  check(quartermaster::api::matches_tag(tag + ", " + std::string(input), tag), "a tag is found in a list");
  quartermaster::api::matches_tag(input, tag);
  if (quartermaster::observe::is_request_id(input)) {
    check(!input.empty() && input.size() <= 128 && input.find_first_of("\r\n\t \"\\") == std::string_view::npos,
          "a request id can be written anywhere");
  }
}
