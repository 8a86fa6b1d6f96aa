// Entity tags.
#include "server/api/entity_tag.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "server/http/header_values.hpp"

namespace quartermaster::api {
namespace {

void append_hex(std::string& out, std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(number >> shift) & 15U];
}

}  // namespace

std::string entity_tag(const kubeapi::Digest& digest) {
  std::string tag = "\"";
  append_hex(tag, digest.high);
  append_hex(tag, digest.low);
  return tag += '"';
}

/// Compares weakly (RFC 9110 section 13.1.2).
bool matches_tag(std::string_view header, std::string_view tag) {
  return std::ranges::any_of(http::list_items(header), [&](std::string_view item) {
    if (item.starts_with("W/")) item.remove_prefix(2);
    return item == "*" || item == tag;
  });
}

http::Reply reply_with_tag(const http::Message& request, std::string tag, std::string_view content_type) {
  const auto condition = request.find(http::Field::if_none_match);
  const bool known = condition != request.end() && matches_tag(condition->value(), tag);
  http::Reply reply{.status = known ? 304U : 200U};
  if (!known) reply.header("Content-Type", std::string(content_type));
  reply.header("ETag", std::move(tag));
  return reply;
}

}  // namespace quartermaster::api
