// Decisions of the API server, kept for a while: yes and no alike, errors never. Bounded: what was not used for longest
// goes. Its clock is the caller's.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kubeapi/task.hpp"

namespace quartermaster::auth {

template <class Value>
class DecisionCache {
 public:
  struct Entry {
    std::string key;
    Value value;
    Clock::time_point made;  // when the API server was asked
  };

  explicit DecisionCache(std::size_t capacity) : capacity_(capacity) { index_.reserve(capacity); }

  /// Not older than `max_age`, or null. Valid until the next put().
  const Entry* find(std::string_view key, Clock::time_point now, Clock::duration max_age) {
    const auto found = index_.find(key);
    if (found == index_.end() || now - found->second->made >= max_age) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &*found->second;
  }

  /// In place of an earlier one. One that was made later stays.
  void put(std::string_view key, Value value, Clock::time_point made) {
    if (const auto found = index_.find(key); found != index_.end()) {
      if (found->second->made > made) return;
      order_.splice(order_.begin(), order_, found->second);
      found->second->value = std::move(value);
      found->second->made = made;
      return;
    }
    if (index_.size() >= capacity_) {
      index_.erase(order_.back().key);
      order_.pop_back();
    }
    order_.push_front({std::string(key), std::move(value), made});
    index_.emplace(order_.front().key, order_.begin());
  }

  std::size_t size() const { return index_.size(); }

 private:
  std::size_t capacity_;
  std::list<Entry> order_;  // used last: first
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> index_;
};

}  // namespace quartermaster::auth
