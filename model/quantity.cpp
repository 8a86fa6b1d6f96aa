// Quantities: parsing, printing and their bounds.
//
// Kubernetes bounds neither the length of a quantity nor its exponent, and would compute 1e999999999 to the last digit.
// Here the text is at most 100 characters long, an exponent at most 200, and the value at most 1e200, so it fits a
// double, too. What is printed is a quantity again.
#include "model/quantity.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace quartermaster {
namespace {

using boost::multiprecision::cpp_int;

constexpr std::size_t kLongestText = 100;
constexpr int kLargestExponent = 200;
constexpr std::size_t kMayGrow = 85;  // a text of so many characters may be printed longer than the longest
constexpr int kNanoDigits = 9;
constexpr std::int64_t kNano = 1'000'000'000;

using Format = Quantity::Format;

struct Suffix {
  std::string_view text;
  Format format;
  int exponent;  // of 10, or of 2 in binary_si
};

constexpr std::array<Suffix, 16> kSuffixes{{{"n", Format::decimal_si, -9},
                                            {"u", Format::decimal_si, -6},
                                            {"m", Format::decimal_si, -3},
                                            {"", Format::decimal_si, 0},
                                            {"k", Format::decimal_si, 3},
                                            {"M", Format::decimal_si, 6},
                                            {"G", Format::decimal_si, 9},
                                            {"T", Format::decimal_si, 12},
                                            {"P", Format::decimal_si, 15},
                                            {"E", Format::decimal_si, 18},
                                            {"Ki", Format::binary_si, 10},
                                            {"Mi", Format::binary_si, 20},
                                            {"Gi", Format::binary_si, 30},
                                            {"Ti", Format::binary_si, 40},
                                            {"Pi", Format::binary_si, 50},
                                            {"Ei", Format::binary_si, 60}}};

std::string_view suffix_for(Format format, int exponent) {
  for (const Suffix& suffix : kSuffixes)
    if (suffix.format == format && suffix.exponent == exponent) return suffix.text;
  return {};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

cpp_int power_of_ten(int exponent) { return pow(cpp_int(10), static_cast<unsigned>(exponent)); }

Error error(std::string message) { return {ErrorCode::invalid, std::move(message)}; }

Result<Suffix> parse_suffix(std::string_view text) {
  for (const Suffix& suffix : kSuffixes)
    if (suffix.text == text) return suffix;
  if (text.front() == 'e' || text.front() == 'E') {
    std::string_view digits = text.substr(1);
    const bool negative = take(digits, '-');
    if (!negative) take(digits, '+');
    int exponent = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    const bool is_number = !digits.empty() && is_digit(digits.front()) && end == digits.data() + digits.size();
    if (is_number && (code != std::errc() || exponent > kLargestExponent))
      return error("its exponent must be from -" + std::to_string(kLargestExponent) + " to " +
                   std::to_string(kLargestExponent));
    if (is_number) return Suffix{text, Format::decimal_exponent, negative ? -exponent : exponent};
  }
  return error("unknown suffix: expected n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or an exponent like e3");
}

// Strips factors of `step` off the value, at most `most` of them, and answers how many there were.
int strip_factors(cpp_int& value, int step, int most) {
  int count = 0;
  cpp_int quotient, remainder;
  for (; count < most; ++count) {
    divide_qr(value, cpp_int(step), quotient, remainder);
    if (remainder != 0) break;
    value = quotient;
  }
  return count;
}

}  // namespace

Result<Quantity> Quantity::parse(std::string_view text) {
  if (text.size() > kLongestText) return error("must be at most " + std::to_string(kLongestText) + " characters long");
  std::string_view rest = text;
  const bool negative = take(rest, '-');
  if (!negative) take(rest, '+');
  const std::string_view whole = take_digits(rest);
  const std::string_view fraction = take(rest, '.') ? take_digits(rest) : std::string_view();
  // Kubernetes takes "-", "." and "m" for 0. So do we: the answer to the same text must be the same.
  if (text.empty() || rest.find_first_not_of("eEinumkKMGTP+-0123456789") != rest.npos)
    return error("not a quantity: expected a number like 1.5, 100m, 8Gi or 1e3");
  const Result<Suffix> suffix = parse_suffix(rest);
  if (!suffix) return suffix.error();
  if (whole.empty() && fraction.empty() && suffix->format == Format::binary_si && suffix->exponent >= 50)
    return error("not a quantity: " + std::string(text) +
                 " needs a number in front");  // Kubernetes takes Ti, but not Pi

  cpp_int value = 0;
  for (const std::string_view digits : {whole, fraction})
    for (const char digit : digits) value = value * 10 + (digit - '0');

  Quantity result;
  result.format_ = suffix->format;
  int exponent = kNanoDigits - static_cast<int>(fraction.size());
  if (suffix->format == Format::binary_si)
    value <<= suffix->exponent;
  else
    exponent += suffix->exponent;
  if (exponent >= 0) {
    value *= power_of_ten(exponent);
  } else {
    const cpp_int divisor = power_of_ten(-exponent);
    value = (value + divisor - 1) / divisor;
  }
  static const cpp_int kTooLarge = power_of_ten(kLargestExponent + kNanoDigits);
  if (value > kTooLarge) return error("must be at most 1e" + std::to_string(kLargestExponent));
  static const cpp_int kLargestBinary = cpp_int(std::numeric_limits<std::int64_t>::max()) * kNano;
  if (result.format_ == Format::binary_si && value > kLargestBinary) value = kLargestBinary;
  result.nano_ = negative ? cpp_int(-value) : value;
  if (text.size() > kMayGrow && result.to_string().size() > kLongestText) return error("has too many digits");
  return result;
}

std::string Quantity::to_string() const {
  if (is_zero()) return "0";
  cpp_int value = nano_;
  // A binary quantity that has a fraction, or needs no suffix, is written like a decimal one.
  if (format_ == Format::binary_si && abs(nano_) >= cpp_int(1024) * kNano && nano_ % kNano == 0) {
    value /= kNano;
    const int exponent = 10 * strip_factors(value, 1024, 6);
    return value.str() + std::string(suffix_for(Format::binary_si, exponent));
  }
  const int exponent = 3 * strip_factors(value, 1000, 1000) - kNanoDigits;
  // There is no suffix past E. Kubernetes prints 1000E as "1"; an exponent keeps the value.
  if (exponent != 0 && (format_ == Format::decimal_exponent || exponent > 18))
    return value.str() + "e" + std::to_string(exponent);
  return value.str() + std::string(suffix_for(Format::decimal_si, exponent));
}

double Quantity::to_double() const { return to_double(1); }

double Quantity::to_double(std::int64_t unit) const {
  cpp_int dividend = nano_, divisor = cpp_int(kNano) * unit;
  const cpp_int factor = gcd(dividend, divisor);  // so that few digits are lost, mostly none
  dividend /= factor;
  divisor /= factor;
  return dividend.convert_to<double>() / divisor.convert_to<double>();
}

Quantity& Quantity::operator+=(const Quantity& other) {
  if (is_zero()) format_ = other.format_;
  nano_ += other.nano_;
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) {
  if (is_zero()) format_ = other.format_;
  nano_ -= other.nano_;
  return *this;
}

Quantity& Quantity::operator*=(std::int64_t count) {
  nano_ *= count;
  return *this;
}

std::int64_t Quantity::times_in(const Quantity& room, std::int64_t most) const {
  if (room.nano_ <= 0) return 0;
  const cpp_int times = room.nano_ / nano_;
  return times > most ? most : times.convert_to<std::int64_t>();
}

bool Quantity::is_over(const Quantity& factor, const Quantity& other) const {
  return nano_ * kNano > factor.nano_ * other.nano_;
}

std::strong_ordering Quantity::operator<=>(const Quantity& other) const { return nano_.compare(other.nano_) <=> 0; }

}  // namespace quartermaster
