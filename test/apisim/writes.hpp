// Create, update and delete, as k8s.io/apiserver's generic registry does them: defaults, validation, admission,
// preconditions, finalizers.
#pragma once

#include <functional>
#include <optional>

#include "test/apisim/cluster.hpp"

namespace quartermaster::apisim {

struct DeleteRequest {
  std::string uid = {}, resource_version = {};  // preconditions
  std::optional<std::int64_t> grace_seconds = {};
  std::string propagation = {};  // "Orphan", "Background", "Foreground"
  bool dry_run = false;
};

struct Deleted {
  json::object object;
  bool finished;  // false: it is still there, with a deletion timestamp
};

/// Makes the new object from the current one; also answers a patch's own errors.
using Mutation = std::function<Answer<json::object>(const json::object& current)>;

/// Answers are objects without kind and apiVersion, as the store has them. `ns` "" where there is none.
Answer<json::object> create_object(Cluster& cluster, const ResourceType& type, std::string_view ns, json::object object,
                                   bool dry_run);
Answer<json::object> update_object(Cluster& cluster, const ResourceType& type, std::string_view ns,
                                   std::string_view name, std::string_view subresource, const Mutation& change,
                                   bool dry_run);
Answer<Deleted> delete_object(Cluster& cluster, const ResourceType& type, std::string_view ns, std::string_view name,
                              const DeleteRequest& request);

}  // namespace quartermaster::apisim
