// Tokens: "c1.<version>.<quotas version>.<name>". Names have dots, but come last; all of it is fit for a query.
#include "server/api/list_position.hpp"

#include "model/names.hpp"

namespace quartermaster::api {
namespace {

constexpr std::string_view kPrefix = "c1.";

bool is_version(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

/// What stands before the next dot.
std::optional<std::string_view> take_field(std::string_view& text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto field = text.substr(0, dot);
  text.remove_prefix(dot + 1);
  return field;
}

}  // namespace

std::string to_token(const ListPosition& position) {
  return std::string(kPrefix) + position.version + "." + position.quotas_version + "." + position.after;
}

std::optional<ListPosition> position_of(std::string_view token) {
  if (!token.starts_with(kPrefix)) return std::nullopt;
  token.remove_prefix(kPrefix.size());
  const auto version = take_field(token), quotas_version = take_field(token);
  if (!version || !quotas_version || version->empty() || !is_version(*version) || !is_version(*quotas_version) ||
      !check_dns1123_subdomain(token).empty()) {
    return std::nullopt;
  }
  return ListPosition{std::string(*version), std::string(*quotas_version), std::string(token)};
}

}  // namespace quartermaster::api
