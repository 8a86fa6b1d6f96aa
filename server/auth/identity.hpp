// Who a caller is.
#pragma once

#include <memory>
#include <string>

#include "model/token_review.hpp"

namespace quartermaster::auth {

struct Identity {
  model::UserInfo user;
  std::string digest = {};  // stands for all of it in the keys of decisions
};

/// Null: nobody.
using IdentityPtr = std::shared_ptr<const Identity>;

}  // namespace quartermaster::auth
