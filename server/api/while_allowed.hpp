// Streams that go on only for as long as their callers may read them.
#pragma once

#include <memory>
#include <optional>

#include "server/api/route.hpp"
#include "server/auth/standing_right.hpp"

namespace quartermaster::api {

/// What the request needs from its head on, to be renewed while it is served. Nothing: nobody is asked. `events`: it is
/// answered with a list and its changes, from a cache.
std::optional<auth::StandingRight> right_of(const Context& context, bool events);

/// Before what comes is passed on, the caller's right is asked for anew, if the last decision has had its time. A
/// refusal ends the stream; while nobody can be asked, it waits for a minute.
std::unique_ptr<ByteStream> while_allowed(const Context& context, std::unique_ptr<ByteStream> stream);

}  // namespace quartermaster::api
