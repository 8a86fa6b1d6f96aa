// Evictions: deleting a pod unless its PodDisruptionBudget keeps it.
#pragma once

#include "test/apisim/request.hpp"

namespace quartermaster::apisim {

/// The answer's body, a Status. Errors in the words of k8s.io/kubernetes/pkg/registry/core/pod/storage, eviction.go.
Answer<json::object> evict(Cluster& cluster, const ApiRequest& request, bool dry_run);

}  // namespace quartermaster::apisim
