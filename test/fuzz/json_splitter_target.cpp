// Lists and watches in pieces of any size. The first byte says how large the pieces are.
#include "model/json_splitter.hpp"

#include <vector>

#include "test/fuzz/fuzz.hpp"

namespace json = quartermaster::json;
using quartermaster::fuzz::check;

namespace {

constexpr std::size_t kMaxValue = 512;

struct Parts {
  std::vector<std::string> parts = {};
  bool ok = true;  // all of it, to the end
  std::string rest = {};
  bool operator==(const Parts&) const = default;
};

template <class Splitter>
Parts split(std::string_view text, std::size_t piece) {
  Splitter splitter(kMaxValue);
  Parts out;
  for (; out.ok && !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    // A copy, as what lies behind a piece is not there yet.
    const std::string bytes(text.substr(0, piece));
    splitter.feed(bytes);
    for (;;) {
      const auto part = splitter.next();
      out.ok = part.has_value();
      if (!part || !*part) break;
      check((*part)->starts_with('{') && (*part)->size() <= kMaxValue, "a part is an object, and not too large");
      out.parts.emplace_back(**part);
    }
  }
  const auto end = splitter.finish();
  out.ok = out.ok && end.has_value();
  if constexpr (requires { end->root(); }) {
    if (out.ok) out.rest = end->root().text();
  }
  return out;
}

/// If it is a proper list, its items are the parts.
void compare_with_reader(std::string_view text, const Parts& list) {
  const auto document = json::parse(text, {.max_depth = 16, .unique_keys = true});
  if (!document || !document->root().is_object() || !document->root()["items"].is_array()) return;
  if (text.find('\\') != std::string_view::npos) return;  // "items" may be spelled with escapes
  bool objects = true;
  std::vector<std::string> items;
  for (const json::Value item : document->root()["items"].items()) {
    objects = objects && item.is_object();
    items.push_back(item.text());
  }
  if (!list.ok) return check(!objects || text.size() > kMaxValue, "a proper list is split");
  check(objects && items.size() == list.parts.size(), "as many parts as items");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto part = json::parse(list.parts[i]);
    check(part && part->root().text() == items[i], "a part is an item");
  }
}

}  // namespace

FUZZ_TARGET(json_splitter) {
  const std::size_t piece = 1 + quartermaster::fuzz::Front(input).byte() % 32;
  const auto list = split<json::ListSplitter>(input, input.size() + 1);
  check(list == split<json::ListSplitter>(input, piece), "a list is split alike in pieces");
  check(split<json::StreamSplitter>(input, input.size() + 1) == split<json::StreamSplitter>(input, piece),
        "a stream is split alike in pieces");
  compare_with_reader(input, list);
}
