// Quantities: what is printed reads back as the same quantity, and the order is that of the numbers.
#include "model/quantity.hpp"

#include <cmath>

#include "test/fuzz/fuzz.hpp"

using quartermaster::Quantity;
using quartermaster::fuzz::check;

namespace {

void print_and_read(const Quantity& quantity) {
  const auto text = quantity.to_string();
  const auto again = Quantity::parse(text);
  check(again.has_value(), "what is printed is a quantity");
  check(*again == quantity, "what is printed has the same value");
  check(again->to_string() == text, "what is printed is canonical");
  check(std::isfinite(quantity.to_double()) && std::isfinite(quantity.to_double(1 << 20)), "the number is finite");
}

}  // namespace

FUZZ_TARGET(quantity) {
  quartermaster::fuzz::Front front(input);
  const auto a = Quantity::parse(front.line()), b = Quantity::parse(input);
  if (a) print_and_read(*a);
  if (b) print_and_read(*b);
  if (!a || !b) return;
  check((*a < *b) == (*b > *a), "one order");
  check((*a == *b) == (*a <=> *b == 0), "equal in order means equal");
  if (*a < *b) check(a->to_double() <= b->to_double(), "the order is that of the numbers");
}
