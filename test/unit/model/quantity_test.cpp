// Quantities. The expected texts are what a Kubernetes 1.20 API server answers for the same spelling in the fields of a
// resource quota and of a horizontal pod autoscaler, except where a comment says otherwise.
#include "model/quantity.hpp"

#include <catch2/catch.hpp>
#include <cmath>

namespace quartermaster {
namespace {

Quantity quantity(std::string_view text) { return Quantity::parse(text).value(); }

TEST_CASE("Quantities are printed in canonical form") {
  const auto [text, canonical] = GENERATE(table<std::string, std::string>({
      {"0", "0"},
      {"00", "0"},
      {"-0", "0"},
      {"+0", "0"},
      {"0Gi", "0"},
      {"0e3", "0"},
      {"0e100", "0"},
      {"1", "1"},
      {"0001.50", "1500m"},
      {".5", "500m"},
      {"1.0", "1"},
      {"1.5", "1500m"},
      {"0.001", "1m"},
      {"0.0001", "100u"},
      {"0.000001", "1u"},
      {"0.000000001", "1n"},
      // Each suffix.
      {"1n", "1n"},
      {"1u", "1u"},
      {"1m", "1m"},
      {"1k", "1k"},
      {"1M", "1M"},
      {"1G", "1G"},
      {"1T", "1T"},
      {"1P", "1P"},
      {"1E", "1E"},
      {"1Ki", "1Ki"},
      {"1Mi", "1Mi"},
      {"1Gi", "1Gi"},
      {"1Ti", "1Ti"},
      {"1Pi", "1Pi"},
      {"1Ei", "1Ei"},
      // The largest suffix that needs no fraction.
      {"999n", "999n"},
      {"1000n", "1u"},
      {"1000000n", "1m"},
      {"100m", "100m"},
      {"1000m", "1"},
      {"1001m", "1001m"},
      {"1500m", "1500m"},
      {"1000", "1k"},
      {"1024", "1024"},
      {"1500", "1500"},
      {"10000", "10k"},
      {"1000000", "1M"},
      {"1200000", "1200k"},
      {"1000k", "1M"},
      {"1000P", "1E"},
      {"999E", "999E"},
      {"1001E", "1001E"},
      {"1010E", "1010E"},
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775808", "9223372036854775808"},
      {"100000000000000000000", "100E"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      // Binary: only whole numbers from 1024 on, else as decimal.
      {"1023Ki", "1023Ki"},
      {"1024Ki", "1Mi"},
      {"1024Mi", "1Gi"},
      {"1025Mi", "1025Mi"},
      {"1000Mi", "1000Mi"},
      {"1.5Gi", "1536Mi"},
      {"0.5Gi", "512Mi"},
      {"0.5Ki", "512"},
      {"1.5Ki", "1536"},
      {"1.0009765625Ki", "1025"},
      {"0.0009765625Ki", "1"},
      {"0.9Ki", "921600m"},
      {"0.1Ki", "102400m"},
      {"0.001Ki", "1024m"},
      {"0.0001Ki", "102400u"},
      {"0.00097Ki", "993280u"},
      {"0.001Mi", "1048576m"},
      {"0.1Gi", "107374182400m"},
      {"1.1Gi", "1181116006400m"},
      {"2.5Ei", "2560Pi"},
      {"7.9Ei", "9108079886394091110400m"},
      // Binary, capped at 2^63-1.
      {"7Ei", "7Ei"},
      {"8191Pi", "8191Pi"},
      {"8192Pi", "9223372036854775807"},
      {"8Ei", "9223372036854775807"},
      {"1000Ei", "9223372036854775807"},
      {"9007199254740991Ki", "9007199254740991Ki"},
      {"9007199254740992Ki", "9223372036854775807"},
      {"99999999999999999999Ki", "9223372036854775807"},
      {"-8Ei", "-9223372036854775807"},
      // Exponents, in steps of three.
      {"1e3", "1e3"},
      {"12e6", "12e6"},
      {"120e5", "12e6"},
      {"1e1", "10"},
      {"1e2", "100"},
      {"1e4", "10e3"},
      {"1e5", "100e3"},
      {"5e-1", "500e-3"},
      {"123e-2", "1230e-3"},
      {"0.001e3", "1"},
      {"1e18", "1e18"},
      {"1e19", "10e18"},
      {"1e21", "1e21"},
      {"1e22", "10e21"},
      {"1.5e20", "150e18"},
      {"1e100", "10e99"},
      // Finer than nano: away from zero.
      {"0.0000000001", "1n"},
      {"0.1n", "1n"},
      {"1.1n", "2n"},
      {"0.9999999999", "1"},
      {"1.0000000001", "1000000001n"},
      {"123456789.1234567891", "123456789123456790n"},
      {"0.0000000001Ki", "103n"},
      {"1e-9", "1e-9"},
      {"1e-10", "1e-9"},
      {"15e-10", "2e-9"},
      // Negative.
      {"-1", "-1"},
      {"-1.5", "-1500m"},
      {"-.5", "-500m"},
      {"-1023", "-1023"},
      {"-1Ki", "-1Ki"},
      {"-0.5Ki", "-512"},
      {"-1.5Ki", "-1536"},
      {"-1.1Gi", "-1181116006400m"},
      {"-2Mi", "-2Mi"},
      {"-1e3", "-1e3"},
      // No digits at all: odd, but Kubernetes takes them.
      {".", "0"},
      {"+", "0"},
      {"-", "0"},
      {"m", "0"},
      {".m", "0"},
      {"-m", "0"},
      {"Ki", "0"},
      {"e1", "0"},
      {".e3", "0"},
      // The API server accepts these, and echoes them as they are; by its rules their canonical forms are:
      {"+1", "1"},
      {"01", "1"},
      {"1.", "1"},
      {"1.M", "1M"},
      {"1E3", "1e3"},
      {"1e+3", "1e3"},
      {"1E-3", "1e-3"},
      {"1.2e7", "12e6"},
      {"1e0", "1"},
      {"1e-0", "1"},
      {"1e03", "1e3"},
      {"123456789.123456789", "123456789123456789n"},
      // The API server answers "1", "10", "1234" and "-1" to these, which loses the value.
      {"1000E", "1e21"},
      {"10000E", "10e21"},
      {"1234000000000000000000000", "1234e21"},
      {"-1000E", "-1e21"},
      // It rounds what is in a resource list to milli, so that these can be seen only as -1m.
      {"-1n", "-1n"},
      {"-1.1n", "-2n"},
      {"-0.1n", "-1n"},
  }));
  CAPTURE(text);
  const Result<Quantity> parsed = Quantity::parse(text);
  REQUIRE(parsed.has_value());
  CHECK(parsed->to_string() == canonical);
  CHECK(quantity(canonical) == *parsed);
  CHECK(quantity(canonical).to_string() == canonical);
}

TEST_CASE("What is no quantity is refused") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"", "not a quantity"},
      {" ", "not a quantity"},
      {" 1", "not a quantity"},
      {"1 ", "not a quantity"},
      {"1 Gi", "not a quantity"},
      {"\t1", "not a quantity"},
      {"1\n", "not a quantity"},
      {"1.1.1", "not a quantity"},
      {"1..1", "not a quantity"},
      {"..", "not a quantity"},
      {"1.1.M", "not a quantity"},
      {"1g", "not a quantity"},
      {"1b", "not a quantity"},
      {"1KiB", "not a quantity"},
      {"0x1", "not a quantity"},
      {"1_0", "not a quantity"},
      {"1,5", "not a quantity"},
      {"abc", "not a quantity"},
      {"inf", "not a quantity"},
      {"NaN", "not a quantity"},
      {"1e3.5", "not a quantity"},
      {"\u0661", "not a quantity"},
      {std::string("1\0", 2), "not a quantity"},
      {"1e", "unknown suffix"},
      {"1e+", "unknown suffix"},
      {"1E-", "unknown suffix"},
      {"1i", "unknown suffix"},
      {"1K", "unknown suffix"},
      {"1mi", "unknown suffix"},
      {"1ki", "unknown suffix"},
      {"1Kii", "unknown suffix"},
      {"1Ee3", "unknown suffix"},
      {"1e3e3", "unknown suffix"},
      {"1e3m", "unknown suffix"},
      {"1e3Mi", "unknown suffix"},
      {"1m1", "unknown suffix"},
      {"1Gi1", "unknown suffix"},
      {"1Gi+1", "unknown suffix"},
      {"1+1", "unknown suffix"},
      {"1-1", "unknown suffix"},
      {"--1", "unknown suffix"},
      {"+-1", "unknown suffix"},
      {"-+1", "unknown suffix"},
      {"1kk", "unknown suffix"},
      {"1mm", "unknown suffix"},
      {"1u-", "unknown suffix"},
      {"1m+", "unknown suffix"},
      {"1e+-3", "unknown suffix"},
      {"1e3-", "unknown suffix"},
      {"1e--3", "unknown suffix"},
  }));
  CAPTURE(text);
  const Result<Quantity> parsed = Quantity::parse(text);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == ErrorCode::invalid);
  CHECK_THAT(parsed.error().message, Catch::StartsWith(message));
}

TEST_CASE("Quantities have bounds that no use of them meets") {
  CHECK(Quantity::parse(std::string(100, '9')).has_value());
  CHECK(Quantity::parse(std::string(101, '9')).error().message == "must be at most 100 characters long");
  CHECK(Quantity::parse(std::string(3'000'000, '9')).has_error());
  CHECK(Quantity::parse("1e200").has_value());
  CHECK(quantity("1e-200").to_string() == "1e-9");
  CHECK(Quantity::parse("1e201").error().message == "its exponent must be from -200 to 200");
  CHECK(Quantity::parse("1e-201").has_error());
  CHECK(Quantity::parse("1e4294967296").has_error());
  CHECK(Quantity::parse("1e99999999999999999999999999").has_error());
  CHECK(Quantity::parse("0e999").has_error());
  CHECK(std::isfinite(quantity(std::string(95, '9') + "e105").to_double()));
  // What is printed must be one again.
  CHECK(quantity("1e200").to_string() == "100e198");
  CHECK(Quantity::parse("100e200").error().message == "must be at most 1e200");
  CHECK(Quantity::parse(std::string(95, '9') + "e104").error().message == "has too many digits");
}

TEST_CASE("Quantities are compared by value") {
  CHECK(quantity("1000m") == quantity("1"));
  CHECK(quantity("1Gi") == quantity("1073741824"));
  CHECK(quantity("1e3") == quantity("1k"));
  CHECK(quantity("0.0000000001") == quantity("1n"));
  CHECK(quantity("1Gi") != quantity("1G"));
  CHECK(quantity("999999999n") < quantity("1"));
  CHECK(quantity("1001m") > quantity("1"));
  CHECK(quantity("-2") < quantity("-1"));
  CHECK(quantity("1e50") > quantity("9Ei"));
  CHECK(Quantity() == quantity("0"));
}

TEST_CASE("Quantities know their sign") {
  CHECK(quantity("-1n").is_negative());
  CHECK_FALSE(quantity("1n").is_negative());
  CHECK_FALSE(quantity("-0").is_negative());
  CHECK(quantity("-0").is_zero());
  CHECK_FALSE(quantity("1e-50").is_zero());
}

TEST_CASE("Quantities become the nearest double") {
  constexpr std::int64_t kMi = std::int64_t{1} << 20, kGi = std::int64_t{1} << 30;
  const auto [text, unit, expected] = GENERATE_COPY(table<std::string, std::int64_t, double>({
      {"0", 1, 0.0},
      {"0", kGi, 0.0},
      {"1500m", 1, 1.5},
      {"100m", 1, 0.1},
      {"2300m", 1, 2.3},
      {"-100m", 1, -0.1},
      {"1n", 1, 1e-9},
      {"123456789123456789n", 1, 123456789.123456789},
      {"8Gi", kMi, 8192.0},
      {"8G", kMi, 7629.39453125},
      {"100Gi", kGi, 100.0},
      {"1.1Gi", kGi, 1.1},
      {"512Mi", kGi, 0.5},
      {"1", kGi, 1.0 / 1073741824},
      {"9Ei", 1, 9223372036854775807.0},
      {"1e200", 1, 1e200},
  }));
  CAPTURE(text, unit);
  CHECK(quantity(text).to_double(unit) == expected);
  if (unit == 1) CHECK(quantity(text).to_double() == expected);
}

TEST_CASE("Quantities add up, exactly") {
  const auto sum = [](const char* a, const char* b) {
    auto total = quantity(a);
    total += quantity(b);
    return total.to_string();
  };
  CHECK(sum("0.1", "200m") == "300m");
  CHECK(sum("0", "1Gi") == "1Gi");  // in the other's format
  CHECK(sum("1Gi", "1") == "1073741825");
  CHECK(sum("9Ei", "9Ei") == "18446744073709551614");
  auto rest = quantity("1");
  rest -= quantity("1500m");
  CHECK(rest.is_negative());
  CHECK(rest.to_string() == "-500m");
  auto many = quantity("1n");
  many *= std::int64_t{1} << 62;
  CHECK(many.to_string() == "4611686018427387904n");
}

TEST_CASE("Quantities know how often they go into another") {
  const auto [each, room, times] = GENERATE(table<std::string, std::string, std::int64_t>({
      {"300m", "1", 3},
      {"100m", "1", 10},
      {"1n", "1", 99},
      {"1", "0", 0},
      {"1", "-5", 0},
      {"2", "1999m", 0},
      {"1Mi", "1Gi", 99},
  }));
  CAPTURE(each, room);
  CHECK(quantity(each).times_in(quantity(room), 99) == times);
}

TEST_CASE("Quantities compare with multiples of others") {
  CHECK_FALSE(quantity("300m").is_over(quantity("3"), quantity("100m")));
  CHECK(quantity("301m").is_over(quantity("3"), quantity("100m")));
  CHECK_FALSE(quantity("1").is_over(quantity("1500m"), quantity("1")));
  CHECK(quantity("1").is_over(quantity("0"), quantity("1")));
}

}  // namespace
}  // namespace quartermaster
