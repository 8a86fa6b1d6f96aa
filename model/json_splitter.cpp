// Counts brackets, outside of strings.
#include "model/json_splitter.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace quartermaster::json {
namespace {

constexpr std::size_t kMaxSkeleton = std::size_t{1} << 20;
constexpr std::string_view kBlanks = " \t\r\n";

Error error(std::string_view what) { return {ErrorCode::bad_gateway, "the API server's answer " + std::string(what)}; }

constexpr std::array<bool, 256> table_of(std::string_view bytes) {
  std::array<bool, 256> table{};
  for (const char c : bytes) table[static_cast<unsigned char>(c)] = true;
  return table;
}

constexpr auto kInString = table_of("\"\\");
constexpr auto kOutside = table_of("\"{}[]");

void skip_blanks(std::string_view& text) {
  const auto first = text.find_first_not_of(kBlanks);
  text.remove_prefix(std::min(first, text.size()));
}

}  // namespace

std::size_t ValueScanner::scan(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto skip = [&](const std::array<bool, 256>& until) {
    while (at != end && !until[static_cast<unsigned char>(*at)]) ++at;
    return at != end;
  };
  while (at != end) {
    if (escaped_) {
      escaped_ = false;
      ++at;
    } else if (in_string_) {
      if (!skip(kInString)) break;
      if (*at++ == '"')
        in_string_ = false;
      else
        escaped_ = true;
    } else {
      if (!skip(kOutside)) break;
      const char c = *at++;
      if (c == '"')
        in_string_ = true;
      else if (c == '{' || c == '[')
        ++depth_;
      else if (--depth_ == 0)
        break;
    }
  }
  return static_cast<std::size_t>(at - text.data());
}

Result<std::optional<std::string_view>> ValueCutter::cut(std::string_view& input) {
  const bool begins = scanner_.done();
  if (begins) buffer_.clear();
  const auto piece = input.substr(0, scanner_.scan(input));
  if (buffer_.size() + piece.size() > max_bytes_) return error("holds an object that is too large");
  input.remove_prefix(piece.size());
  if (scanner_.done() && begins) return std::optional(piece);
  buffer_ += piece;
  if (!scanner_.done()) return std::optional<std::string_view>();
  return std::optional(std::string_view(buffer_));
}

Result<std::optional<std::string_view>> StreamSplitter::next() {
  if (!cutter_.open()) skip_blanks(input_);
  if (input_.empty()) return std::optional<std::string_view>();
  if (!cutter_.open() && input_.front() != '{') return error("is no sequence of JSON objects");
  return cutter_.cut(input_);
}

Result<void> StreamSplitter::finish() const {
  if (cutter_.open()) return error("ends within an object");
  return {};
}

Result<std::optional<std::string_view>> ListSplitter::next() {
  for (;;) {
    if (at_ == At::skeleton) {
      const auto items = skip_skeleton();
      if (!items) return items.error();
      if (!*items) return std::optional<std::string_view>();
      if (std::exchange(seen_, true)) return error("is a list with two arrays of items");
      at_ = At::item_or_end;
    }
    if (!cutter_.open()) skip_blanks(input_);
    if (input_.empty()) return std::optional<std::string_view>();
    const char c = input_.front();
    if (at_ == At::comma_or_end && c == ',') {
      input_.remove_prefix(1);
      at_ = At::item;
    } else if (c == ']' && (at_ == At::comma_or_end || at_ == At::item_or_end)) {
      at_ = At::skeleton;  // to which the bracket belongs
    } else {
      const bool begins = !cutter_.open();
      if (begins && (at_ == At::comma_or_end || c != '{')) return error("is a list of something else than objects");
      auto item = cutter_.cut(input_);
      at_ = cutter_.open() ? At::item : At::comma_or_end;
      return item;
    }
  }
}

Result<Document> ListSplitter::finish() const {
  if (at_ != At::skeleton) return error("ends within a list");
  auto list = parse(skeleton_);
  if (!list) return error("is no list: " + list.error().message);
  // Not so if "items" was spelled with escapes.
  const auto items = list->root()["items"];
  const bool empty = items.type() == Type::null || (items.is_array() && items.size() == 0);
  if (!empty) return error("is no list");
  return list;
}

/// Up to and with the bracket that opens the items: then true.
Result<bool> ListSplitter::skip_skeleton() {
  for (std::size_t i = 0; i < input_.size(); ++i) {
    skeleton_ += input_[i];
    if (!skeleton_byte(input_[i])) continue;
    input_.remove_prefix(i + 1);
    return true;
  }
  input_ = {};
  if (skeleton_.size() > kMaxSkeleton) return error("is no list: it is too large besides its items");
  return false;
}

/// The last byte of the skeleton is `c`: whether the items begin after it.
bool ListSplitter::skeleton_byte(char c) {
  if (in_string_) {
    if (std::exchange(escaped_, !escaped_ && c == '\\') || c != '"') return false;
    in_string_ = false;
    if (depth_ == 1 && std::exchange(expect_key_, false)) {
      is_items_ = std::string_view(skeleton_).substr(string_begin_) == "\"items\"";
    }
    return false;
  }
  switch (c) {
    case '"':
      in_string_ = true;
      string_begin_ = skeleton_.size() - 1;
      break;
    case ',':
      if (depth_ == 1) {
        expect_key_ = true;
        is_items_ = false;
      }
      break;
    case '{':
      expect_key_ = ++depth_ == 1;
      break;
    case '[':
      return ++depth_ == 2 && std::exchange(is_items_, false);
    case '}':
    case ']':
      if (depth_ > 0) --depth_;
      break;
    default:
      break;
  }
  return false;
}

}  // namespace quartermaster::json
