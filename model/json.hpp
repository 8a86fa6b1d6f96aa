// JSON as the rest of the program sees it. RapidJSON stays behind this file: its parser is unsafe by default (it
// recurses, keeps duplicate keys, takes lone surrogates and text after a NUL), so nothing else may call it.
//
// Value is a view that cannot fail: a member that is absent, null or of another type reads as the fallback. API objects
// are read with it, as the API server may send anything. What callers send is read more strictly, by the server.
#pragma once

#include <rapidjson/fwd.h>

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/error.hpp"

namespace quartermaster::json {

enum class Type { absent, null, boolean, number, string, array, object };

class Members;
class Items;

/// A non-owning view of a JSON value, or of nothing. Valid as long as its Document.
class Value {
 public:
  using Raw = rapidjson::GenericValue<rapidjson::UTF8<char>, rapidjson::MemoryPoolAllocator<rapidjson::CrtAllocator>>;

  Value() = default;
  explicit Value(const Raw* raw) : raw_(raw) {}

  Type type() const;
  bool exists() const { return raw_ != nullptr; }
  bool is_object() const { return type() == Type::object; }
  bool is_array() const { return type() == Type::array; }
  bool is_string() const { return type() == Type::string; }

  /// The member `key` of an object, else nothing. The first one, where a key occurs twice.
  Value operator[](std::string_view key) const;
  /// The items of an array; none for anything else.
  Items items() const;
  /// The members of an object; none for anything else.
  Members members() const;
  /// Number of items or members.
  std::size_t size() const;

  std::string_view string(std::string_view fallback = {}) const;
  bool boolean(bool fallback = false) const;
  /// A number without a fraction that fits; nothing else.
  std::optional<std::int64_t> integer() const;

  /// The value as JSON text. For a caller that passes a part of an object on.
  std::string text() const;

 private:
  friend class Writer;
  const Raw* raw_ = nullptr;
};

struct Member {
  std::string_view key;
  Value value;
};

class Items {
 public:
  class iterator {
   public:
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(const Value::Raw* at) : at_(at) {}
    Value operator*() const { return Value(at_); }
    iterator& operator++();
    iterator operator++(int);
    bool operator==(const iterator&) const = default;

   private:
    const Value::Raw* at_ = nullptr;
  };
  Items() = default;
  Items(const Value::Raw* first, const Value::Raw* last) : first_(first), last_(last) {}
  iterator begin() const { return iterator(first_); }
  iterator end() const { return iterator(last_); }

 private:
  const Value::Raw* first_ = nullptr;
  const Value::Raw* last_ = nullptr;
};

class Members {
 public:
  using RawMember =
      rapidjson::GenericMember<rapidjson::UTF8<char>, rapidjson::MemoryPoolAllocator<rapidjson::CrtAllocator>>;
  class iterator {
   public:
    using value_type = Member;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(const RawMember* at) : at_(at) {}
    Member operator*() const;
    iterator& operator++();
    iterator operator++(int);
    bool operator==(const iterator&) const = default;

   private:
    const RawMember* at_ = nullptr;
  };
  Members() = default;
  Members(const RawMember* first, const RawMember* last) : first_(first), last_(last) {}
  iterator begin() const { return iterator(first_); }
  iterator end() const { return iterator(last_); }

 private:
  const RawMember* first_ = nullptr;
  const RawMember* last_ = nullptr;
};

struct ParseOptions {
  std::size_t max_depth = 128;  // nested arrays and objects
  bool unique_keys = false;     // refuse an object that has a key twice
};

/// A parsed text and the memory of its values.
class Document {
 public:
  Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Value root() const;

 private:
  friend Result<Document> parse(std::string_view text, ParseOptions options);
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

/// For what the API server sends.
inline constexpr ParseOptions kUpstream{};
/// For what callers send.
inline constexpr ParseOptions kRequestBody{.max_depth = 32, .unique_keys = true};

/// Parses one JSON text (RFC 8259, UTF-8). Error: bad_request, "byte N: ..." (counted from 0) for what is not JSON,
/// "path: ..." for what is not acceptable: a duplicate key, too deep nesting, a lone surrogate, a number out of range.
/// It never shows a value, only keys. Uses no recursion.
Result<Document> parse(std::string_view text, ParseOptions options = kUpstream);

/// Paths for error messages: "tenantQuotas[1].hard.pods". A key that is not a plain word goes into brackets, and a very
/// long one is cut.
void append_key(std::string& path, std::string_view key);
void append_index(std::string& path, std::size_t index);

/// Writes JSON into a string that grows. Keys and values must come in a valid order (asserted). Text that is not UTF-8
/// is written with U+FFFD in place of what is invalid.
class Writer {
 public:
  explicit Writer(std::string& out);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view key);
  Writer& string(std::string_view value);
  Writer& integer(std::int64_t value);
  /// The fewest digits that read back as the same double, plain from 1e-6 to below 1e21: 4, 100000, 0.1. A value that
  /// is not finite is written as null.
  Writer& number(double value);
  Writer& boolean(bool value);
  Writer& null();
  /// A text that is already one valid JSON value.
  Writer& raw(std::string_view json);
  /// An API value as it came.
  Writer& value(Value value);

  /// How many bytes there are by now. The comma or colon before the next value is not written yet.
  std::size_t position() const;

  Writer& field(std::string_view name, std::string_view v) { return key(name).string(v); }
  Writer& field(std::string_view name, const char* v) { return key(name).string(v); }
  Writer& field(std::string_view name, const std::string& v) { return key(name).string(v); }
  Writer& field(std::string_view name, bool v) { return key(name).boolean(v); }
  Writer& field(std::string_view name, std::int64_t v) { return key(name).integer(v); }
  Writer& field(std::string_view name, int v) { return key(name).integer(v); }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// `text` with each invalid UTF-8 sequence (maximal subpart, as WHATWG decodes) replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);

}  // namespace quartermaster::json
