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
  /// rounded away from zero; what is binary and beyond 2^63-1 is capped there. Error: invalid, for what Kubernetes
  /// refuses, and for more than 100 characters or an exponent beyond 200; the message goes behind a field's name.
  static Result<Quantity> parse(std::string_view text);

  /// The canonical form as Kubernetes prints it: no fraction, the largest suffix that keeps it exact ("1500m", "1Gi",
  /// "12e6").
  std::string to_string() const;

  /// "1500m" is 1.5. Always finite.
  double to_double() const;
  /// The value divided by `unit`, which is positive: in Mi with 1 << 20.
  double to_double(std::int64_t unit) const;

  bool is_negative() const { return nano_ < 0; }
  bool is_zero() const { return nano_ == 0; }
  /// No fraction: "2" and "2000m", but not "1500m".
  bool is_whole() const { return nano_ % 1'000'000'000 == 0; }

  // Exact, of any size. A sum that begins at 0 takes the other's format, as in Kubernetes.
  Quantity& operator+=(const Quantity& other);
  Quantity& operator-=(const Quantity& other);
  Quantity& operator*=(std::int64_t count);
  /// How many times this, which is positive, goes into `room`: a whole number, 0 for no room, at most `most`.
  std::int64_t times_in(const Quantity& room, std::int64_t most) const;
  /// More than `factor` times `other`.
  bool is_over(const Quantity& factor, const Quantity& other) const;

  /// By value, whatever the format: "1000m" == "1".
  std::strong_ordering operator<=>(const Quantity& other) const;
  bool operator==(const Quantity& other) const { return nano_ == other.nano_; }

 private:
  boost::multiprecision::cpp_int nano_ = 0;
  Format format_ = Format::decimal_si;
};

}  // namespace quartermaster
