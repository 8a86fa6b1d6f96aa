// TokenReview, SubjectAccessReview and SelfSubjectAccessReview.
#pragma once

#include "test/apisim/request.hpp"

namespace quartermaster::apisim {

/// The review with its status filled in.
Answer<json::object> review(const Cluster& cluster, const ApiRequest& request, json::object object);

}  // namespace quartermaster::apisim
