// What objects belong to: from a pod by way of its replica set to its deployment.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "model/object_meta.hpp"
#include "server/api/route.hpp"

namespace quartermaster::api {

struct Owner {
  std::string kind, name, uid;
  auto operator<=>(const Owner&) const = default;
};

/// What controls an object, if anything does.
std::optional<Owner> owner_of(const model::ObjectMeta& meta);

/// The kind of that name, of those of apps/v1 that make pods; nothing for others.
std::optional<model::Kind> maker_kind(std::string_view kind);

/// What a replica set belongs to; nothing if to nothing, and for other kinds. Error: not_found if it has gone, or was
/// made anew.
Task<Result<std::optional<Owner>>> owner_above(Context& context, Owner owner);

/// The error of an object that is no longer there, or not the same.
Error gone(const Owner& owner);

}  // namespace quartermaster::api
