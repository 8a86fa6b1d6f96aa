// Writing: RapidJSON's writer on a string, with text made valid UTF-8 first.
#include <rapidjson/document.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>
#include <cmath>

#include "model/json.hpp"

namespace quartermaster::json {
namespace {

struct StringStream {
  using Ch = char;
  std::string& out;
  void Put(char c) { out.push_back(c); }
  void Flush() {}
};

rapidjson::SizeType size_of(std::string_view text) { return static_cast<rapidjson::SizeType>(text.size()); }

}  // namespace

struct Writer::Impl {
  explicit Impl(std::string& out) : stream{out}, writer(stream) {}

  StringStream stream;
  rapidjson::Writer<StringStream> writer;
};

Writer::Writer(std::string& out) : impl_(std::make_unique<Impl>(out)) {}
Writer::~Writer() = default;

Writer& Writer::begin_object() {
  impl_->writer.StartObject();
  return *this;
}

Writer& Writer::end_object() {
  impl_->writer.EndObject();
  return *this;
}

Writer& Writer::begin_array() {
  impl_->writer.StartArray();
  return *this;
}

Writer& Writer::end_array() {
  impl_->writer.EndArray();
  return *this;
}

Writer& Writer::key(std::string_view key) { return string(key); }

Writer& Writer::string(std::string_view value) {
  if (value.data() == nullptr) value = "";
  if (is_valid_utf8(value)) {
    impl_->writer.String(value.data(), size_of(value));
  } else {
    const std::string valid = to_valid_utf8(value);
    impl_->writer.String(valid.data(), size_of(valid));
  }
  return *this;
}

Writer& Writer::integer(std::int64_t value) {
  impl_->writer.Int64(value);
  return *this;
}

Writer& Writer::number(double value) {
  if (!std::isfinite(value)) return null();
  // Plain digits from 1e-6 to below 1e21, as JavaScript writes numbers: 100000 and not 1e+05.
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e21);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
  impl_->writer.RawValue(text.data(), static_cast<std::size_t>(end - text.data()), rapidjson::kNumberType);
  return *this;
}

Writer& Writer::boolean(bool value) {
  impl_->writer.Bool(value);
  return *this;
}

Writer& Writer::null() {
  impl_->writer.Null();
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  impl_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

std::size_t Writer::position() const { return impl_->stream.out.size(); }

Writer& Writer::value(Value value) {
  if (!value.exists()) return null();
  value.raw_->Accept(impl_->writer);
  return *this;
}

}  // namespace quartermaster::json
