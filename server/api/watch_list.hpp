// Lists as streams: the list and then each change, for callers who accept text/event-stream.
#pragma once

#include "server/api/route.hpp"

namespace quartermaster::api {

/// What the list routes take text/event-stream for; it decides about the rights that a caller needs, too.
bool wants_events(const http::Message& request);
bool wants_events(const Route& route, const http::Message& request);

/// Of what is read through the Reader. Errors: those of a list; a reply of 406 where no cache has the list.
Task<Result<http::Reply>> watch_objects(Context& context, Resource resource, ListRequest request);

}  // namespace quartermaster::api
