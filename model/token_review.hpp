// TokenReview: asks the API server whose token something is.
// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"

namespace quartermaster::model {

/// Who somebody is, as the API server says and as it wants to hear it again.
struct UserInfo {
  std::string name;
  std::string uid = {};
  std::vector<std::string> groups = {};
  std::map<std::string, std::vector<std::string>> extra = {};
};

inline constexpr std::string_view kTokenReviewPath = "/apis/authentication.k8s.io/v1/tokenreviews";

/// The review to send. Without audiences the API server takes its own.
std::string token_review(std::string_view token, std::span<const std::string> audiences);

struct TokenVerdict {
  bool authenticated = false;
  UserInfo user = {};
  std::vector<std::string> audiences = {};  // those of ours that the token is for
};

/// Reads the answer. Error: bad_gateway, which never quotes the answer, as the token is in it.
Result<TokenVerdict> token_verdict(std::string_view answer);

}  // namespace quartermaster::model
