// The Authorization header. What cannot be a token costs the API server nothing.
#include "server/auth/bearer.hpp"

#include <algorithm>

#include "model/ascii.hpp"

namespace quartermaster::auth {
namespace {

constexpr std::size_t kMaxToken = 12U << 10;

bool is_b64token(std::string_view text) {
  const auto end = text.find_last_not_of('=');
  if (end == std::string_view::npos || text.size() > kMaxToken) return false;
  return std::ranges::all_of(text.substr(0, end + 1), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~' || c == '+' || c == '/';
  });
}

}  // namespace

Bearer bearer_of(const http::Message& message) {
  const auto [first, last] = message.equal_range(http::Field::authorization);
  if (first == last) return {};
  const Bearer malformed{Bearer::State::malformed};
  if (std::next(first) != last) return malformed;
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view value(first->value().data(), first->value().size());
  if (!equals_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return malformed;
  auto token = value.substr(kScheme.size());
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  if (!is_b64token(token)) return malformed;
  return {Bearer::State::given, token};
}

}  // namespace quartermaster::auth
