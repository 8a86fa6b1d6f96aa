// The Authorization header: RFC 6750 section 2.1.
#pragma once

#include <string_view>

#include "server/http/message.hpp"

namespace quartermaster::auth {

struct Bearer {
  enum class State { none, malformed, given };
  State state = State::none;
  std::string_view token = {};  // of the message
};

/// Malformed: another scheme, more than one header, what is no b64token, or is longer than any token.
Bearer bearer_of(const http::Message& message);

}  // namespace quartermaster::auth
