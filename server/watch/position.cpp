// How far somebody has come.
#include "server/watch/position.hpp"

#include <algorithm>

#include "model/resource_version.hpp"

namespace quartermaster::watch {
namespace {

constexpr std::size_t kMaxDigits = 20;  // of 64 bits

bool is_version(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= kMaxDigits && text.front() != '0' && std::ranges::all_of(text, is_digit);
}

}  // namespace

std::string Position::id() const { return quotas.empty() ? objects : objects + "-" + quotas; }

std::optional<Position> Position::parse(std::string_view id, bool with_quotas) {
  const auto dash = id.find('-');
  if ((dash != std::string_view::npos) != with_quotas) return std::nullopt;
  const auto objects = id.substr(0, dash), quotas = with_quotas ? id.substr(dash + 1) : std::string_view();
  if (!is_version(objects) || (with_quotas && !is_version(quotas))) return std::nullopt;
  return Position{std::string(objects), std::string(quotas)};
}

bool Position::covers(const Position& other) const {
  return !model::is_older(objects, other.objects) && !model::is_older(quotas, other.quotas);
}

const std::string& Position::version() const {
  return quotas.empty() || !model::is_older(quotas, objects) ? objects : quotas;
}

}  // namespace quartermaster::watch
