// What Accept fields prefer.
#include "server/http/accept.hpp"

#include <algorithm>
#include <iterator>

#include "model/ascii.hpp"
#include "server/http/event_stream.hpp"
#include "server/http/header_values.hpp"

namespace quartermaster::http {
namespace {

constexpr unsigned kWhole = 1000;

/// "0", "0.25", "1.000".
unsigned parse_weight(std::string_view text) {
  constexpr std::size_t kLongest = 5;
  if (text.empty() || text.size() > kLongest || (text[0] != '0' && text[0] != '1')) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  unsigned weight = text[0] == '1' ? kWhole : 0;
  unsigned place = kWhole / 10;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9') return 0;
    weight += static_cast<unsigned>(c - '0') * place;
    place /= 10;
  }
  return weight > kWhole ? 0 : weight;
}

unsigned weight_in(std::string_view range) {
  for (auto at = range.find(';'); at != std::string_view::npos; at = range.find(';')) {
    range.remove_prefix(at + 1);
    const auto parameter = trim_blanks(range.substr(0, range.find(';')));
    if (parameter.size() > 1 && (parameter[0] == 'q' || parameter[0] == 'Q') && parameter[1] == '=')
      return parse_weight(parameter.substr(2));
  }
  return kWhole;
}

/// How closely a range is that of the type; 0: it is not.
int closeness(std::string_view range, std::string_view type) {
  const auto name = without_parameters(range);
  if (equals_ignoring_case(name, type)) return 3;
  if (name == "*/*") return 1;
  const auto slash = type.find('/');
  return name.ends_with("/*") && equals_ignoring_case(name.substr(0, name.size() - 1), type.substr(0, slash + 1)) ? 2
                                                                                                                  : 0;
}

}  // namespace

unsigned weight_of(std::string_view accept, std::string_view type) {
  const auto ranges = list_items(accept);
  if (ranges.empty()) return kWhole;
  int best = 0;
  unsigned weight = 0;
  for (const auto range : ranges) {
    const int close = closeness(range, type);
    if (close <= best) continue;
    best = close;
    weight = weight_in(range);
  }
  return weight;
}

std::string_view most_preferred(std::string_view accept, std::initializer_list<std::string_view> types) {
  const auto otherwise = *std::prev(types.end());
  auto best = otherwise;
  unsigned weight = 0;
  for (const auto range : list_items(accept)) {
    const auto named = std::ranges::find_if(types, [range](auto type) { return is_media_type(range, type); });
    if (named == types.end()) continue;
    const auto its_weight = weight_in(range);
    if (its_weight <= weight) continue;
    best = *named;
    weight = its_weight;
  }
  return weight < weight_of(accept, otherwise) ? otherwise : best;
}

bool prefers_events(std::string_view accept) {
  if (accept.size() < kEventStream.size()) return false;
  const auto ranges = list_items(accept);
  const bool named =
      std::ranges::any_of(ranges, [](std::string_view range) { return is_media_type(range, kEventStream); });
  return named && weight_of(accept, kEventStream) > weight_of(accept, "application/json");
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  unsigned others = 0;
  for (const auto range : list_items(accept_encoding)) {
    const auto name = without_parameters(range);
    if (equals_ignoring_case(name, coding)) return weight_in(range) > 0;
    if (name == "*") others = weight_in(range);
  }
  return others > 0;
}

}  // namespace quartermaster::http
