// Shares of the lookups under way.
#include "server/auth/turns.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::auth {

bool Turns::may_run(const Share& share) const {
  return running_ < limits_.running && share.running < limits_.running_of_one;
}

void Turns::run(Shares::iterator share, const std::function<void()>& start) {
  ++running_;
  ++share->second.running;
  start();
}

bool Turns::submit(const std::string& who, std::function<void()> start) {
  const auto share = shares_.try_emplace(who).first;
  if (may_run(share->second)) {
    run(share, start);
    return true;
  }
  if (line_.size() >= limits_.waiting || share->second.waiting >= limits_.waiting_of_one) {
    if (share->second.running == 0 && share->second.waiting == 0) shares_.erase(share);
    return false;
  }
  ++share->second.waiting;
  line_.push_back({share, std::move(start)});
  return true;
}

void Turns::finished(const std::string& who) {
  const auto ended = shares_.find(who);
  --running_;
  --ended->second.running;
  // The next one comes last: it may have ended before start() returns.
  const auto next = std::ranges::find_if(line_, [this](const auto& one) { return may_run(one.share->second); });
  if (ended->second.running == 0 && ended->second.waiting == 0) shares_.erase(ended);
  if (next == line_.end()) return;
  const auto one = std::move(*next);
  line_.erase(next);
  --one.share->second.waiting;
  run(one.share, one.start);
}

}  // namespace quartermaster::auth
