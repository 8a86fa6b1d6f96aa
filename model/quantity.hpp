// A Kubernetes quantity: "100m", "8Gi", "1e3". Exact: an integer number of nano-units of any size.
// The rules are those of k8s.io/apimachinery/pkg/api/resource: parse, round up to nano, canonical printing.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/error.hpp"

namespace quartermaster {

class Quantity {
 public:
  enum class Format { decimal_si, binary_si, decimal_exponent };

  Quantity() = default;

  /// All suffixes (n u m k M G T P E, Ki Mi Gi Ti Pi Ei) and exponents (e3, E-3), sign, fraction. Finer than nano is
  /// rounded away from zero. Error: invalid, with a message that says what is wrong ("...: quantities must match ..."),
  /// for text that Kubernetes refuses, and for exponents or lengths that are beyond any use (documented in
  /// quantity.cpp).
  static Result<Quantity> parse(std::string_view text);

  /// The canonical form as Kubernetes prints it: no fraction, largest suffix that keeps it exact ("1500m", "1Gi",
  /// "12e6").
  std::string to_string() const;

  /// The value as a double: cores for "1500m" -> 1.5.
  double to_double() const;
  /// The value divided by `unit`: to_double(1 << 20) is Mi.
  double to_double(std::int64_t unit) const;

  bool is_negative() const { return nano_ < 0; }
  bool is_zero() const { return nano_ == 0; }

  /// By value, whatever the format: "1000m" == "1".
  std::strong_ordering operator<=>(const Quantity& other) const;
  bool operator==(const Quantity& other) const { return nano_ == other.nano_; }

 private:
  boost::multiprecision::cpp_int nano_ = 0;
  Format format_ = Format::decimal_si;
};

}  // namespace quartermaster
