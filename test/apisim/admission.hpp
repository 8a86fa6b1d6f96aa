// What stands between a valid object and the store: the life cycle of namespaces, limit ranges, the default storage
// class, resource quotas.
#pragma once

#include <optional>

#include "test/apisim/cluster.hpp"

namespace quartermaster::apisim {

/// Before defaults and validation of a create: may it be made there at all, and what is filled in from other objects.
std::optional<Status> admit_create(const Cluster& cluster, const ResourceType& type, std::string_view ns,
                                   json::object& object);
/// After validation: would it go past a quota? `old` is null on a create.
std::optional<Status> check_quotas(const Cluster& cluster, const ResourceType& type, const json::object* old,
                                   const json::object& object);

}  // namespace quartermaster::apisim
