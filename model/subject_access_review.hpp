// SubjectAccessReview: asks the API server whether somebody may do something.
// https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/
#pragma once

#include <string>
#include <string_view>

#include "model/token_review.hpp"

namespace quartermaster::model {

/// What is to be done: a verb on a resource or, where `path` is given, on a path that is none. Views: they must outlive
/// it.
struct AccessAttributes {
  std::string_view verb;
  std::string_view group = {};  // "" is the core group
  std::string_view resource = {};
  std::string_view subresource = {};
  std::string_view ns = {};    // "": the cluster, or all namespaces
  std::string_view name = {};  // "": all, or none yet
  std::string_view path = {};  // "/metrics"
};

inline constexpr std::string_view kSubjectAccessReviewPath = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// The review to send.
std::string subject_access_review(const UserInfo& user, const AccessAttributes& attributes);

/// Reads the answer: anything but a clear `allowed` is a no. Error: bad_gateway, for what is no such answer.
Result<bool> access_verdict(std::string_view answer);

/// "list resource "pods" in API group "" in the namespace "demo"": as the API server says it.
std::string to_string(const AccessAttributes& attributes);

}  // namespace quartermaster::model
