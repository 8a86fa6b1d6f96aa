// Evictions: deleting a pod unless a PodDisruptionBudget keeps it.
#pragma once

#include <string>
#include <string_view>

#include "kubeapi/api.hpp"

namespace quartermaster::kubeapi {

/// Evicts the pod of options.uid, as policy/v1, or as v1beta1 where the API server knows no other (before 1.22).
/// Errors: as a delete's; and those of eviction_error().
Task<Result<void>> evict(Client& client, std::string ns, std::string pod, DeleteOptions options, Call call);

/// As status_error(), but where a budget keeps the pod: conflict, with a cause of the reason DisruptionBudget, whose
/// field is the budget's name ("" if there are several) and whose message says what it allows. It is 429 there, but no
/// matter of a second.
Error eviction_error(unsigned http_status, std::string_view body, std::string_view retry_after_header = {});

/// The cause of such an error; null if it is another.
const Cause* budget_cause(const Error& error);

}  // namespace quartermaster::kubeapi
