// What objects use of a resource quota: sums of quantities.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <string>

#include "model/quantity.hpp"
#include "test/apisim/store.hpp"

namespace quartermaster::apisim {

/// A quantity that can be added up, which the program's own has no need for.
class Amount {
 public:
  Amount() = default;
  explicit Amount(std::int64_t count) : nano_(count) { nano_ *= 1'000'000'000; }
  /// Of a quantity in canonical form; nothing is 0.
  static Amount of(std::string_view canonical);

  Amount operator+(const Amount& other) const;
  Amount operator-(const Amount& other) const;
  void raise_to(const Amount& other);
  bool is_positive() const { return nano_ > 0; }
  bool is_zero() const { return nano_ == 0; }
  bool exceeds(const Quantity& limit) const { return nano_ > of(limit.to_string()).nano_; }
  /// Canonical form.
  std::string to_string() const;

 private:
  boost::multiprecision::cpp_int nano_ = 0;
  bool binary_ = false;  // Ki, Mi, ...
};
using Usage = std::map<std::string, Amount>;

const ResourceType& quota_type();
/// By the names that a quota's `hard` has: "pods", "requests.cpu". Nothing of a pod that has finished.
Usage usage_of(const ResourceType& type, const json::object& object);
/// Of all that the quota counts in its namespace.
Usage usage_under(const Store& store, const json::object& quota);
/// Which of the compute resources under quota a pod's containers do not give: "limits.cpu,requests.cpu".
std::string missing_resources(const json::object& pod, const StringMap& hard);
/// Whether a quota counts an object, by its scopes: those are about pods alone.
bool is_in_scope(const json::object& quota, const ResourceType& type, const json::object& object);
/// Brings a quota's status up to date; true if that was a change.
bool update_status(const Store& store, json::object& quota);

}  // namespace quartermaster::apisim
