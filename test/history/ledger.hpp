// What was written, and whether a read can have seen it: the judge of a history.
//
// Each object has one writer, so its changes have an order, and each has an interval of versions in which it happened
// (most often one version; of a change whose answer was lost, more is not known). A read says for every object in its
// scope which change it saw last, or that the object was not there. That is true at an interval of versions. A read is
// right if there is one version at which all that it saw is true, and which is neither older than what was asked for
// nor than what the answer says of itself.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace quartermaster::history {

using Version = std::uint64_t;
/// Of a change of one object, counted from 1. An object's content says which change it is of.
using Index = std::int64_t;

inline constexpr Index kAbsent = 0;
inline constexpr Version kForever = std::numeric_limits<Version>::max();

struct Change {
  Index index;
  bool removes;
  Version earliest, latest;  // in between it happened
  bool sure = true;          // else it may come at any time before the next one that is sure, or never
};

/// What a read saw of one object.
struct Sight {
  std::size_t object;
  Index index;      // kAbsent: it was not there
  Index attempted;  // the last change that was attempted before the read ended
};

struct Read {
  std::size_t number = 0;
  std::string what;                  // "replica 1: GET /api/v1/pvc/demo?resourceVersion=7"
  Version asked = 0;                 // not older than; 0: anything
  std::optional<Version> said = {};  // by the answer
  std::vector<Sight> seen = {};
};

class Ledger {
 public:
  explicit Ledger(std::size_t objects) : changes_(objects) {}

  /// A change; for each object in their order, by one thread at a time.
  void add(std::size_t object, const Change& change) { changes_[object].push_back(change); }

  /// What is wrong with a read, with the part of the history that shows it; nothing if it is right. Once all changes
  /// are there.
  std::optional<std::string> violation(const Read& read) const;

 private:
  struct Interval {
    Version first, last;
  };
  using Intervals = std::vector<Interval>;

  /// From when on the `next` change, or the first sure one behind it, has happened.
  static Version end_before(const std::vector<Change>& changes, std::size_t next);
  /// When what was seen is true, from `floor` on.
  Intervals when(const Sight& sight, Version floor) const;
  std::string history_of(const Sight& sight, Version floor) const;

  std::vector<std::vector<Change>> changes_;  // by object
};

}  // namespace quartermaster::history
