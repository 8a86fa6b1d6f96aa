// Asks the API server who somebody is and what they may do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kubeapi/client.hpp"
#include "model/subject_access_review.hpp"
#include "server/auth/identity.hpp"

namespace quartermaster::auth {

/// No bool: a copy of a Result<bool> can be its truth, which is that there is no error.
enum class Verdict { denied, allowed };

// Errors of both: unavailable, the API server cannot be reached; timeout; too_many_requests, it says 429; forbidden,
// our own credentials may not ask; cancelled; anything else: it answers nonsense or an error. None of them quotes what
// was asked or answered, as the token may be in it.
class Reviewer {
 public:
  virtual ~Reviewer() = default;
  /// Nothing: the token is not good for us.
  virtual Task<Result<std::optional<model::UserInfo>>> review_token(std::string token, Call call) = 0;
  /// `review` is a SubjectAccessReview.
  virtual Task<Result<Verdict>> review_access(std::string review, Call call) = 0;
};

class ApiReviewer : public Reviewer {
 public:
  /// `audiences`: a token must be for one of them; none: for the API server. `client` must outlive it.
  ApiReviewer(kubeapi::Client& client, std::vector<std::string> audiences)
      : client_(client), audiences_(std::move(audiences)) {}

  Task<Result<std::optional<model::UserInfo>>> review_token(std::string token, Call call) override;
  Task<Result<Verdict>> review_access(std::string review, Call call) override;

 private:
  bool is_for_us(const model::TokenVerdict& verdict) const;

  kubeapi::Client& client_;
  const std::vector<std::string> audiences_;
};

}  // namespace quartermaster::auth
