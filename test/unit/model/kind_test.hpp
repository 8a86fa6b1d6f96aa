// For the tests of kinds: raw JSON in, written text out.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "model/json.hpp"
#include "model/timestamp.hpp"

namespace quartermaster::model {

inline json::Document parsed(std::string_view text) {
  auto document = json::parse(text);
  INFO(text);
  REQUIRE(document.has_value());
  return std::move(*document);
}

/// What translate(root) makes of a raw object.
template <class Translate>
auto from_json(std::string_view text, Translate translate) {
  const json::Document document = parsed(text);
  return translate(document.root());
}

/// What write(writer) writes.
template <class Write>
std::string written(Write write_it) {
  std::string out;
  json::Writer writer(out);
  write_it(writer);
  return out;
}

inline Timestamp at(std::string_view text) { return parse_timestamp(text).value(); }

}  // namespace quartermaster::model
