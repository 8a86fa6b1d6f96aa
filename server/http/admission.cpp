#include "server/http/admission.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::http {

struct Admission::State {
  std::string_view what;
  Limits limits;
  Counts counts;
  std::map<std::string, std::size_t, std::less<>> callers;  // those that have a place

  Error too_many(std::string_view where) const {
    return {ErrorCode::too_many_requests, "too many " + std::string(what) + " at once " + std::string(where)};
  }
};

Admission::Place& Admission::Place::operator=(Place&& other) noexcept {
  if (this == &other) return *this;
  release();
  state_ = std::move(other.state_);
  share_ = other.share_;
  size_ = other.size_;
  return *this;
}

void Admission::Place::release() {
  const auto state = std::exchange(state_, nullptr);
  if (!state) return;
  state->counts.taken -= size_;
  share_->second -= size_;
  if (share_->second == 0) state->callers.erase(share_);
}

Admission::Admission(std::string_view what, Limits limits)
    : state_(std::make_shared<State>(State{.what = what, .limits = limits, .counts = {}, .callers = {}})) {}

Result<Admission::Place> Admission::admit(std::string_view caller, std::size_t size) {
  auto& [what, limits, counts, callers] = *state_;
  const auto free = limits.in_all - counts.taken;
  if (free < size) {
    ++counts.refused_full;
    return state_->too_many("in all");
  }
  auto share = callers.find(caller);
  const auto mine = share == callers.end() ? 0 : share->second;
  // One place more than will be left free, so that there is one for somebody new.
  if (mine + size > std::min(free - size + 1, limits.per_caller)) {
    ++counts.refused_for_caller;
    return state_->too_many("from this caller");
  }
  if (share == callers.end()) share = callers.emplace(caller, 0).first;
  share->second += size;
  counts.taken += size;
  return Place(state_, share, size);
}

Admission::Counts Admission::counts() const { return state_->counts; }

}  // namespace quartermaster::http
