// How many of something may be under way at once, shared fairly: a caller may have no more than there are places left
// free. So one that takes all it can get is stopped at half, two of them at a third each, and there is always a place
// for one more. (The rule is that of dynamic thresholds in switches: Choudhury and Hahne, 1998.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "model/error.hpp"

namespace quartermaster::http {

class Admission {
 public:
  struct Limits {
    std::size_t in_all;
    std::size_t per_caller = std::numeric_limits<std::size_t>::max();  // beside the rule above
  };
  /// Now, and since the start.
  struct Counts {
    std::size_t taken = 0;
    std::uint64_t refused_full = 0;        // all places were taken
    std::uint64_t refused_for_caller = 0;  // the caller had its share
  };

 private:
  struct State;

 public:
  /// Taken for as long as it lives; it may outlive the Admission.
  class Place {
   public:
    Place() = default;  // none
    Place(Place&& other) noexcept = default;
    Place& operator=(Place&& other) noexcept;
    ~Place() { release(); }

    void release();

   private:
    friend class Admission;
    using Share = std::map<std::string, std::size_t, std::less<>>::iterator;
    Place(std::shared_ptr<State> state, Share share, std::size_t size)
        : state_(std::move(state)), share_(share), size_(size) {}
    std::shared_ptr<State> state_;
    Share share_;
    std::size_t size_ = 0;
  };

  /// `what`, a literal: what is counted, for messages: "requests".
  Admission(std::string_view what, Limits limits);

  /// `size`: how much of what is counted. Error: too_many_requests.
  Result<Place> admit(std::string_view caller, std::size_t size = 1);

  Counts counts() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace quartermaster::http
