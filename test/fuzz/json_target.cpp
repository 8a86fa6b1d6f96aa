// The JSON reader against the writer.
#include "model/json.hpp"

#include "test/fuzz/fuzz.hpp"

namespace json = quartermaster::json;
using quartermaster::fuzz::check;

namespace {

std::size_t depth_of(json::Value value) {
  std::size_t deepest = 0;
  for (const json::Value item : value.items()) deepest = std::max(deepest, depth_of(item));
  for (const json::Member member : value.members()) deepest = std::max(deepest, depth_of(member.value));
  return value.is_array() || value.is_object() ? deepest + 1 : 0;
}

void read_all(json::Value value) {
  check(json::is_valid_utf8(value.string()), "strings are UTF-8");
  value.integer(), value.boolean();
  std::size_t count = 0;
  for (const json::Value item : value.items()) read_all(item), ++count;
  for (const json::Member member : value.members()) {
    check(value[member.key].exists(), "a member is found by its key");
    read_all(member.value);
    ++count;
  }
  check(count == value.size(), "all items are seen");
}

void write_text(std::string_view text) {
  std::string out;
  json::Writer(out).string(text);
  const auto read = json::parse(out);
  check(read.has_value(), "any string is written as JSON");
  check(read->root().string() == json::to_valid_utf8(text), "it reads back, but for what is not UTF-8");
  check(json::is_valid_utf8(json::to_valid_utf8(text)), "what is repaired is UTF-8");
  check(json::is_valid_utf8(text) == (json::to_valid_utf8(text) == text), "valid text needs no repair");
}

}  // namespace

FUZZ_TARGET(json) {
  write_text(input);
  const auto loose = json::parse(input, json::kUpstream);
  const auto strict = json::parse(input, json::kRequestBody);
  if (!loose) {
    check(!strict, "the strict reader takes no more than the loose one");
    check(json::is_valid_utf8(loose.error().message) && loose.error().message.size() < 4096, "errors are short text");
    return;
  }
  check(depth_of(loose->root()) <= json::kUpstream.max_depth, "depth is limited");
  if (strict) check(depth_of(strict->root()) <= json::kRequestBody.max_depth, "depth is limited for callers");
  read_all(loose->root());
  const auto text = loose->root().text();
  const auto again = json::parse(text);
  check(again && again->root().text() == text, "what is written reads back as the same");
}
