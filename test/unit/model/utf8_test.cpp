// UTF-8: what is valid, and what stands in for what is not.
#include <catch2/catch.hpp>

#include "model/json.hpp"

namespace quartermaster::json {
namespace {

using namespace std::string_literals;

TEST_CASE("Invalid UTF-8 is replaced by maximal subparts") {
  // Unicode 15, section 3.9, tables 3-8 to 3-11, and the borders of table 3-7.
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"plain", "plain"},
      {"a\0b"s, "a\0b"s},
      {"\x7F", "\x7F"},
      {"\xC2\x80", "\xC2\x80"},
      {"\xDF\xBF", "\xDF\xBF"},
      {"\xE0\xA0\x80", "\xE0\xA0\x80"},
      {"\xED\x9F\xBF", "\xED\x9F\xBF"},
      {"\xEE\x80\x80", "\xEE\x80\x80"},
      {"\xEF\xBF\xBF", "\xEF\xBF\xBF"},
      {"\xF0\x90\x80\x80", "\xF0\x90\x80\x80"},
      {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
      {"\x80", "\uFFFD"},
      {"\xBF", "\uFFFD"},
      {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\x41"},
      {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\x41"},
      {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\x41\uFFFD\uFFFD\x42"},
      {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "\uFFFD\uFFFD\uFFFD\uFFFD\x41"},
      {"\xC3", "\uFFFD"},
      {"\xE2\x82", "\uFFFD"},
      {"\xF0\x9F\x98", "\uFFFD"},
      {"\xF0\x9F\x98x", "\uFFFDx"},
      {"\xC1\xBF", "\uFFFD\uFFFD"},
      {"\xF5\x80", "\uFFFD\uFFFD"},
      {"12345678\xFF"
       "12345678",
       "12345678\uFFFD"
       "12345678"},
      {"1234567\xC3\xA4"
       "12345678\xC3",
       "1234567\xC3\xA4"
       "12345678\uFFFD"},
  }));
  CAPTURE(text);
  CHECK(to_valid_utf8(text) == expected);
  CHECK(is_valid_utf8(text) == (text == expected));
}

}  // namespace
}  // namespace quartermaster::json
