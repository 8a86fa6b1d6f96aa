// The right of somebody who goes on being served: it is asked for anew when the last decision has had its time.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "server/auth/gate.hpp"

namespace quartermaster::auth {

class StandingRight {
 public:
  /// What bearer, peer and actions are views of must outlive it, as the gate must.
  /// `cached_read`: what is served comes from a cache, and while the API server cannot be reached an earlier yes may
  /// do.
  StandingRight(Gate& gate, Bearer bearer, std::string_view peer, std::vector<model::AccessAttributes> actions,
                bool cached_read)
      : gate_(gate), bearer_(bearer), peer_(peer), actions_(std::move(actions)), cached_read_(cached_read) {}

  /// When to renew it.
  Clock::time_point due() const { return due_; }
  /// The refusal, if it is no more.
  Task<std::optional<Error>> renew(Call call);

 private:
  Gate& gate_;
  Bearer bearer_;
  std::string_view peer_;
  std::vector<model::AccessAttributes> actions_;
  bool cached_read_;
  Clock::time_point due_ = Clock::time_point::min();
};

}  // namespace quartermaster::auth
