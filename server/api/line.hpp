// A line before a few places, first come, first served: for work that takes many turns of the loop and much memory, and
// that callers may ask for as often as they like.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <utility>

#include "kubeapi/call.hpp"

namespace quartermaster::api {

class Line {
  struct Waiter {
    Timer* wake;
    bool served = false;
  };
  struct State {
    std::size_t free;
    std::list<Waiter*> waiters;
  };
  class Waiting;

 public:
  /// One of the places, as long as it is there. It may outlive the line.
  class Place {
   public:
    Place() = default;  // none
    Place(Place&&) noexcept = default;
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    friend class Line;
    explicit Place(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
  };

  explicit Line(std::size_t places) : state_(std::make_shared<State>(State{places, {}})) {}

  /// Error: cancelled, timeout.
  Task<Result<Place>> enter(Call call) { return enter(state_, std::move(call)); }
  std::size_t waiting() const { return state_->waiters.size(); }

 private:
  static Task<Result<Place>> enter(std::shared_ptr<State> state, Call call);

  std::shared_ptr<State> state_;
};

}  // namespace quartermaster::api
