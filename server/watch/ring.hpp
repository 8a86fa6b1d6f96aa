// The last changes of a list, in order and bounded: whoever comes back is told what it has missed. Pure: no clock, no
// sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "server/watch/position.hpp"

namespace quartermaster::watch {

/// What has become of one object.
struct Change {
  std::string ns;
  std::optional<std::string> labels_before = {};  // rendered; nothing: it was not there
  std::optional<std::string> labels_after = {};   // likewise: it is not there any more
  std::string data = {};                          // the DTO; of one that is gone, the last one
  Position position = {};                         // where one is who has been told this and all before it
  bool last = true;                               // of the step to its position: only this one has an id

  std::size_t bytes() const;
};

class Ring {
 public:
  /// Of a change. They are counted without gaps, but where the ring was restarted.
  using Number = std::uint64_t;
  struct Limits {
    std::size_t changes = 8192;
    std::size_t bytes = 4U << 20;
  };

  explicit Ring(Position now) : Ring(std::move(now), Limits()) {}
  Ring(Position now, Limits limits) : limits_(limits), base_(now), position_(std::move(now)) {}

  /// The oldest ones go, if there are too many: `going` is told of each, while it is the first one still.
  template <class Going>
  void push(Change change, Going going) {
    append(std::move(change));
    for (; overfull(); drop_first()) going(changes_.front());
  }
  void push(Change change) {
    push(std::move(change), [](const Change&) {});
  }
  /// Nothing has happened up to `now`; or what has was pushed.
  void advance(Position now) { position_ = std::move(now); }
  /// What was before is not known any more, and nobody goes on from there.
  void restart(Position now);
  /// Nobody comes back to where it was before now; who is here goes on.
  void forget_positions() { base_ = position_; }

  Number begin() const { return begin_; }
  Number end() const { return begin_ + changes_.size(); }
  /// The first one since the last restart: it may be gone.
  Number origin() const { return origin_; }
  /// Of begin() up to end().
  const Change& at(Number number) const { return changes_[number - begin_]; }
  const Position& position() const { return position_; }
  const Limits& limits() const { return limits_; }
  std::size_t bytes() const { return bytes_; }

  /// The first change that one does not know who has come so far; end() if there is none. Nothing: that is too long
  /// ago, or has not been yet.
  std::optional<Number> behind(const Position& position) const;

 private:
  void append(Change change);
  bool overfull() const;
  void drop_first();

  const Limits limits_;
  std::deque<Change> changes_;
  Number origin_ = 0, begin_ = 0;
  std::size_t bytes_ = 0;
  Position base_;  // before the first change
  Position position_;
};

}  // namespace quartermaster::watch
