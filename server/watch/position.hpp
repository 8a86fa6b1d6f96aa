// How far somebody has come in the changes of a list: what Last-Event-ID says. It is made of resource versions alone,
// so that all replicas understand it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quartermaster::watch {

struct Position {
  std::string objects;      // version of the objects
  std::string quotas = {};  // of tenants: that of their quotas; "" for other kinds

  /// "123", or "123-120" with quotas.
  std::string id() const;
  /// Nothing: it is no id of ours.
  static std::optional<Position> parse(std::string_view id, bool with_quotas);
  /// All up to `other` has been before this.
  bool covers(const Position& other) const;
  /// The older of its versions: what a list of this moment is not older than.
  const std::string& version() const;

  bool operator==(const Position&) const = default;
};

}  // namespace quartermaster::watch
