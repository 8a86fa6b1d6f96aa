// What those hear who are not let in.
#pragma once

#include <cstddef>
#include <span>

#include "model/error.hpp"
#include "model/subject_access_review.hpp"
#include "server/auth/bearer.hpp"

namespace quartermaster::auth {

inline constexpr std::size_t kMaxNames = 100;  // that a refusal tells

Error unauthenticated(const Bearer& bearer);

/// user "u" cannot delete resource "pods" in API group "" in the namespace "demo": a, b
Error denied(const model::UserInfo& user, std::span<const model::AccessAttributes* const> actions);

/// Too many ask at once.
Error too_busy();

// Of an error of a review or of the waiting for it.
Error authentication_failed(const Error& error);
Error authorization_failed(const Error& error);

}  // namespace quartermaster::auth
