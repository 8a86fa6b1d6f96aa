// Parsing: RapidJSON's iterative reader tokenizes, a handler of ours builds the document and adds the checks that the
// reader lacks.
#include <rapidjson/document.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "model/json.hpp"

namespace quartermaster::json {
namespace {

// Numbers come as text: RapidJSON 1.1's own conversion reads out of bounds for "0." and a thousand zeros. Strings are
// decoded in place, in a buffer that the document owns.
constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag |
                            rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;

using Size = rapidjson::SizeType;

std::string_view describe(rapidjson::ParseErrorCode code) {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
      return "no value";
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return "text after the value";
    case rapidjson::kParseErrorObjectMissName:
      return "expected a key";
    case rapidjson::kParseErrorObjectMissColon:
      return "expected ':' after a key";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return "expected ',' or '}'";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return "expected ',' or ']'";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return "\\u without four hexadecimal digits";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return "lone surrogate";
    case rapidjson::kParseErrorStringEscapeInvalid:
      return "invalid escape or bare control character";
    case rapidjson::kParseErrorStringMissQuotationMark:
      return "string without end";
    case rapidjson::kParseErrorStringInvalidEncoding:
      return "invalid UTF-8";
    case rapidjson::kParseErrorNumberTooBig:
      return "number out of range";
    case rapidjson::kParseErrorNumberMissFraction:
      return "expected a digit after '.'";
    case rapidjson::kParseErrorNumberMissExponent:
      return "expected a digit in the exponent";
    default:
      return "invalid value";
  }
}

// The reader refuses surrogates in the text, but decodes a lone \udc00 to their three bytes: ED, A0 to BF, any.
bool has_surrogate(std::string_view text) {
  for (std::size_t at = text.find('\xED'); at != text.npos; at = text.find('\xED', at + 1))
    if (static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
  return false;
}

// Passes the reader's events on to the document and stops it where the value is not acceptable.
class Builder {
 public:
  Builder(rapidjson::Document& document, const ParseOptions& options) : document_(document), options_(options) {}

  // Why the builder stopped the reader, if it did.
  const std::string& error() const { return error_; }

  bool Null() {
    begin_value();
    return document_.Null();
  }

  bool Bool(bool value) {
    begin_value();
    return document_.Bool(value);
  }

  bool RawNumber(const char* text, Size size, bool) {
    begin_value();
    const char* const end = text + size;
    std::int64_t integer;
    if (const auto [at, code] = std::from_chars(text, end, integer); code == std::errc() && at == end)
      return document_.Int64(integer);
    double number;
    if (const auto [at, code] = std::from_chars(text, end, number); code == std::errc() && at == end)
      return document_.Double(number);
    return fail("number out of range");
  }

  bool String(const char* text, Size size, bool) {
    begin_value();
    if (has_surrogate({text, size})) return fail("lone surrogate");
    return document_.String(text, size, false);
  }

  bool Key(const char* text, Size size, bool) {
    levels_.back().key = {text, size};
    if (options_.unique_keys) keys_.push_back(levels_.back().key);
    if (has_surrogate({text, size})) return fail("lone surrogate");
    return document_.Key(text, size, false);
  }

  bool StartObject() { return begin_container(false) && document_.StartObject(); }
  bool StartArray() { return begin_container(true) && document_.StartArray(); }

  bool EndObject(Size size) {
    if (options_.unique_keys && !check_keys(size)) return false;
    levels_.pop_back();
    return document_.EndObject(size);
  }

  bool EndArray(Size size) {
    levels_.pop_back();
    return document_.EndArray(size);
  }

  // The reader asks for these, but never calls them: all numbers come raw.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  struct Level {
    bool is_array;
    std::size_t count = 0;      // items begun, of an array
    std::string_view key = {};  // the last key, of an object
  };

  // Of the value or key that is being read.
  std::string path() const {
    std::string path;
    for (const Level& level : levels_) {
      if (level.is_array)
        append_index(path, level.count - 1);
      else
        append_key(path, level.key);
    }
    return path;
  }

  bool fail(std::string_view what) {
    error_ = path();
    if (!error_.empty()) error_ += ": ";
    error_ += what;
    return false;
  }

  void begin_value() {
    if (!levels_.empty()) ++levels_.back().count;
  }

  bool begin_container(bool is_array) {
    begin_value();
    if (levels_.size() >= options_.max_depth) return fail("nested deeper than " + std::to_string(options_.max_depth));
    levels_.push_back({is_array});
    return true;
  }

  // Sorts the keys of the object that ends: no attacker can make that slow, as with a hash table.
  bool check_keys(std::size_t size) {
    const auto first = keys_.end() - static_cast<std::ptrdiff_t>(size);
    std::sort(first, keys_.end());
    const auto twice = std::adjacent_find(first, keys_.end());
    if (twice != keys_.end()) {
      levels_.back().key = *twice;
      return fail("duplicate key");
    }
    keys_.erase(first, keys_.end());
    return true;
  }

  rapidjson::Document& document_;
  const ParseOptions& options_;
  std::vector<Level> levels_;           // the arrays and objects that are open
  std::vector<std::string_view> keys_;  // of all open objects
  std::string error_;
};

std::size_t chunk_size(std::size_t text_size) {
  return std::clamp<std::size_t>(text_size, 1024, std::size_t{64} * 1024);
}

// The reader takes all bytes of a character, up to four, before it looks at any of them: where the text ends within
// one, it reads beyond the NUL.
std::string padded(std::string_view json) {
  constexpr std::size_t kPadding = 3;
  std::string text;
  text.reserve(json.size() + kPadding);
  text.append(json).append(kPadding, '\0');
  return text;
}

}  // namespace

struct Document::Storage {
  explicit Storage(std::string_view json)
      : text(padded(json)), allocator(chunk_size(json.size())), document(&allocator) {}

  std::string text;  // strings of the document point into it
  rapidjson::MemoryPoolAllocator<> allocator;
  rapidjson::Document document;
};

Document::Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Value Document::root() const { return storage_ ? Value(&storage_->document) : Value(); }

Result<Document> parse(std::string_view text, ParseOptions options) {
  Document result;
  result.storage_ = std::make_unique<Document::Storage>(text);
  std::string error;
  auto read = [&](rapidjson::Document& document) {
    Builder builder(document, options);
    rapidjson::InsituStringStream stream(result.storage_->text.data());
    rapidjson::Reader reader;
    const rapidjson::ParseResult outcome = reader.Parse<kFlags>(stream, builder);
    if (!builder.error().empty())
      error = builder.error();
    else if (outcome.IsError())
      error = "byte " + std::to_string(outcome.Offset()) + ": " + std::string(describe(outcome.Code()));
    else if (stream.Tell() != text.size())  // the reader takes a NUL for the end
      error = "byte " + std::to_string(stream.Tell()) + ": text after the value";
    return error.empty();
  };
  result.storage_->document.Populate(read);
  if (!error.empty()) return Error{ErrorCode::bad_request, std::move(error)};
  return result;
}

}  // namespace quartermaster::json
