// What those hear who are not let in.
#include "server/auth/refusals.hpp"

#include <algorithm>

namespace quartermaster::auth {
namespace {

/// What is no verdict: the API server could not be asked in time.
std::optional<Error> not_asked(const Error& error) {
  switch (error.code) {
    case ErrorCode::unavailable:
    case ErrorCode::too_many_requests: {
      Error refusal{ErrorCode::unavailable, "the API server cannot be asked who calls and what they may do"};
      refusal.retry_after = error.retry_after.value_or(std::chrono::seconds(1));
      return refusal;
    }
    case ErrorCode::timeout:
    case ErrorCode::cancelled:
      return error;
    default:
      return std::nullopt;
  }
}

}  // namespace

Error unauthenticated(const Bearer& bearer) {
  switch (bearer.state) {
    case Bearer::State::none:
      return {ErrorCode::unauthorized, "a bearer token is needed"};
    case Bearer::State::malformed:
      return {ErrorCode::unauthorized, "the Authorization header is not one bearer token"};
    case Bearer::State::given:
      break;
  }
  return {ErrorCode::unauthorized, "the bearer token is not valid"};
}

Error denied(const model::UserInfo& user, std::span<const model::AccessAttributes* const> actions) {
  Error error{ErrorCode::forbidden, "user \"" + user.name + "\" cannot " + model::to_string(*actions.front())};
  std::size_t names = 0;
  for (const auto* const action : actions) {
    if (action->name.empty() || action->resource != actions.front()->resource || names == kMaxNames) continue;
    error.message.append(names++ == 0 ? ": " : ", ").append(action->name);
    error.causes.push_back({std::string(action->name), "Forbidden", "cannot " + model::to_string(*action)});
  }
  if (names == kMaxNames) error.message += ", ...";
  return error;
}

Error too_busy() {
  Error error{ErrorCode::too_many_requests, "too many callers are unknown yet: try again"};
  error.retry_after = std::chrono::seconds(1);
  return error;
}

Error authentication_failed(const Error& error) {
  if (auto other = not_asked(error)) return std::move(*other);
  return {ErrorCode::unauthorized, "the API server did not say whose token this is"};
}

Error authorization_failed(const Error& error) {
  if (auto other = not_asked(error)) return std::move(*other);
  return {ErrorCode::internal, "the API server did not say whether this is allowed"};
}

}  // namespace quartermaster::auth
