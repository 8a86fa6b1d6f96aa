// The last changes of a list.
#include "server/watch/ring.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::watch {

std::size_t Change::bytes() const {
  return sizeof(Change) + data.capacity() + (labels_before ? labels_before->capacity() : 0) +
         (labels_after ? labels_after->capacity() : 0);
}

void Ring::append(Change change) {
  bytes_ += change.bytes();
  changes_.push_back(std::move(change));
}

/// The last one stays, however large it is: else nobody would ever be told.
bool Ring::overfull() const {
  return changes_.size() > limits_.changes || (bytes_ > limits_.bytes && changes_.size() > 1);
}

void Ring::drop_first() {
  bytes_ -= changes_.front().bytes();
  base_ = std::move(changes_.front().position);
  changes_.pop_front();
  ++begin_;
}

void Ring::restart(Position now) {
  origin_ = begin_ = end() + 1;  // behind all that anybody waits for
  changes_.clear();
  bytes_ = 0;
  base_ = now;
  position_ = std::move(now);
}

std::optional<Ring::Number> Ring::behind(const Position& position) const {
  if (!position.covers(base_) || !position_.covers(position)) return std::nullopt;
  const auto first = std::partition_point(changes_.begin(), changes_.end(),
                                          [&](const Change& change) { return position.covers(change.position); });
  return begin_ + static_cast<Number>(first - changes_.begin());
}

}  // namespace quartermaster::watch
