// Decimal integers in text.
#include "model/integer.hpp"

#include <catch2/catch.hpp>
#include <limits>

namespace quartermaster {
namespace {

TEST_CASE("Integers are whole texts that fit") {
  const auto [text, expected] = GENERATE(table<std::string_view, std::optional<std::int64_t>>({
      {"0", 0},
      {"-0", 0},
      {"007", 7},
      {"-17", -17},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
      {"9223372036854775808", std::nullopt},
      {"-9223372036854775809", std::nullopt},
      {"99999999999999999999999999", std::nullopt},
      {"", std::nullopt},
      {std::string_view(), std::nullopt},
      {"-", std::nullopt},
      {"+1", std::nullopt},
      {"--1", std::nullopt},
      {" 1", std::nullopt},
      {"1 ", std::nullopt},
      {"1.0", std::nullopt},
      {"1e3", std::nullopt},
      {"0x1", std::nullopt},
      {"1k", std::nullopt},
      {"x", std::nullopt},
  }));
  CAPTURE(text);
  CHECK(parse_integer(text) == expected);
}

}  // namespace
}  // namespace quartermaster
