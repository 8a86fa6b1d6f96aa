// What a handler checks before it goes on, as its route declares for later than the head.
#pragma once

#include "server/api/route.hpp"

namespace quartermaster::api {

/// Whether the caller may do what the route requires at this moment on the objects of these names; without names, on
/// all. Error: forbidden, which names all that are denied, or why that is not known. At once where nobody is checked.
Task<Result<void>> require(Context& context, Moment moment, std::vector<std::string> names);

/// The same, of one verb on objects of one kind.
Task<Result<void>> require(Context& context, Moment moment, std::string_view verb, model::Kind kind,
                           std::vector<std::string> names);

/// Of these names, those on which the caller may not do what the route requires at this moment. Unlike require() it
/// refuses nobody. Error: it is not known.
Task<Result<std::vector<std::string>>> not_allowed(Context& context, Moment moment, std::vector<std::string> names);

/// Whether the caller may do what the route requires at this moment on objects of a kind; on all, if `name` is "". A no
/// is something to tell the caller, and refuses nothing else. Errors likewise.
Task<Result<void>> may(Context& context, Moment moment, model::Kind kind, std::string name);

}  // namespace quartermaster::api
