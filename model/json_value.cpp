// Reading values: each accessor answers for every type of value, the absent one included.
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>

#include "model/json.hpp"

namespace quartermaster::json {

Type Value::type() const {
  if (raw_ == nullptr) return Type::absent;
  switch (raw_->GetType()) {
    case rapidjson::kNullType:
      return Type::null;
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return Type::boolean;
    case rapidjson::kNumberType:
      return Type::number;
    case rapidjson::kStringType:
      return Type::string;
    case rapidjson::kArrayType:
      return Type::array;
    case rapidjson::kObjectType:
      return Type::object;
  }
  return Type::absent;
}

Value Value::operator[](std::string_view key) const {
  for (const auto [name, value] : members())
    if (name == key) return value;
  return {};
}

Items Value::items() const {
  if (!is_array()) return {};
  return {raw_->Begin(), raw_->End()};
}

Members Value::members() const {
  if (!is_object() || raw_->ObjectEmpty()) return {};
  return {&*raw_->MemberBegin(), &*raw_->MemberEnd()};
}

std::size_t Value::size() const {
  if (is_array()) return raw_->Size();
  if (is_object()) return raw_->MemberCount();
  return 0;
}

std::string_view Value::string(std::string_view fallback) const {
  if (!is_string()) return fallback;
  return {raw_->GetString(), raw_->GetStringLength()};
}

bool Value::boolean(bool fallback) const {
  if (type() != Type::boolean) return fallback;
  return raw_->GetBool();
}

std::optional<std::int64_t> Value::integer() const {
  if (raw_ == nullptr || !raw_->IsInt64()) return std::nullopt;
  return raw_->GetInt64();
}

std::string Value::text() const {
  std::string out;
  Writer(out).value(*this);
  return out;
}

Items::iterator& Items::iterator::operator++() {
  ++at_;
  return *this;
}

Items::iterator Items::iterator::operator++(int) {
  const iterator old = *this;
  ++*this;
  return old;
}

Member Members::iterator::operator*() const {
  return {{at_->name.GetString(), at_->name.GetStringLength()}, Value(&at_->value)};
}

Members::iterator& Members::iterator::operator++() {
  ++at_;
  return *this;
}

Members::iterator Members::iterator::operator++(int) {
  const iterator old = *this;
  ++*this;
  return old;
}

}  // namespace quartermaster::json
