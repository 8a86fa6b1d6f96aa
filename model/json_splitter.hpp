// Cuts JSON that comes in pieces into the parts that are worth parsing, without ever holding all of it: the items of a
// Kubernetes list, the events of a watch. What is cut out is not checked but for its brackets: parse() does that.
//
//   splitter.feed(bytes);
//   while (auto part = splitter.next(); part && *part) use(**part);     then feed() more, at the end finish()
//
// A part that lies whole in the bytes that were fed is not copied: it is valid until the next call, and as long as they
// are. After an error there is no going on. All errors are bad_gateway: it is the API server's answers that are cut.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/json.hpp"

namespace quartermaster::json {

/// Finds the end of an object or array.
class ValueScanner {
 public:
  /// How many bytes of `text` belong to the value, which begins with its first byte, or has begun before.
  std::size_t scan(std::string_view text);
  /// The last byte that was scanned is the value's last. The next scan() begins another value.
  bool done() const { return depth_ == 0; }

 private:
  std::size_t depth_ = 0;
  bool in_string_ = false, escaped_ = false;
};

/// What both splitters do: collects a value from pieces.
class ValueCutter {
 public:
  explicit ValueCutter(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Takes a value, or a piece of it, from the front of `input`. Nothing when it has not ended yet.
  Result<std::optional<std::string_view>> cut(std::string_view& input);
  /// In the middle of a value.
  bool open() const { return !scanner_.done(); }

 private:
  const std::size_t max_bytes_;
  ValueScanner scanner_;
  std::string buffer_;  // the value so far, or the last one, if it came in pieces
};

/// Objects one after the other, as in a watch.
class StreamSplitter {
 public:
  explicit StreamSplitter(std::size_t max_value_bytes) : cutter_(max_value_bytes) {}

  void feed(std::string_view bytes) { input_ = bytes; }
  /// The next object; nothing when more bytes are needed. Error: what is between two is no white space, or it is too
  /// large.
  Result<std::optional<std::string_view>> next();
  /// Error: the bytes end within an object.
  Result<void> finish() const;

 private:
  ValueCutter cutter_;
  std::string_view input_;
};

/// The objects in the array that is the member "items" of an object.
class ListSplitter {
 public:
  explicit ListSplitter(std::size_t max_item_bytes) : cutter_(max_item_bytes) {}

  void feed(std::string_view bytes) { input_ = bytes; }
  /// The next item; nothing when more bytes are needed.
  Result<std::optional<std::string_view>> next();
  /// The list with an empty array in place of its items. Error: it has not ended, is no list, or has more than one
  /// array of items. Items that are null are none.
  Result<Document> finish() const;

 private:
  enum class At { skeleton, item_or_end, item, comma_or_end };

  Result<bool> skip_skeleton();
  bool skeleton_byte(char c);

  ValueCutter cutter_;
  std::string_view input_;
  std::string skeleton_;  // all but the items
  At at_ = At::skeleton;
  bool seen_ = false;  // the items

  // Where in the skeleton: only what is directly in the outermost object matters.
  std::size_t depth_ = 0;
  bool in_string_ = false, escaped_ = false;
  bool expect_key_ = false;
  std::size_t string_begin_ = 0;  // in the skeleton
  bool is_items_ = false;         // the last key is "items"
};

}  // namespace quartermaster::json
