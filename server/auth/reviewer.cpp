// TokenReview and SubjectAccessReview as calls.
#include "server/auth/reviewer.hpp"

#include <algorithm>
#include <charconv>

namespace quartermaster::auth {
namespace {

/// Of answers that are not 2xx: what they say is dropped.
Error review_error(unsigned http_status, std::string_view, std::string_view retry_after) {
  if (http_status == 429) {
    Error error{ErrorCode::too_many_requests, "the API server has no capacity for reviews"};
    int seconds = 0;
    const auto [end, bad] = std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
    error.retry_after = std::chrono::seconds(bad == std::errc() ? std::clamp(seconds, 1, 3600) : 1);
    return error;
  }
  if (http_status == 403) return {ErrorCode::forbidden, "our credentials may not create reviews"};
  return {ErrorCode::bad_gateway, "the API server answered " + std::to_string(http_status) + " to a review"};
}

/// Reviews change nothing, so one whose connection broke before an answer is sent once more: most likely it was an old
/// connection that the API server had closed.
Task<Result<kubeapi::Response>> send(kubeapi::Client& client, kubeapi::Request request, Call call) {
  request.method = kubeapi::http::verb::post;
  request.error_of_answer = review_error;
  request.purpose = kubeapi::Purpose::review;
  kubeapi::Request again = request;
  auto response = co_await client.send(std::move(request), call);
  if (response || response.error().code != ErrorCode::unavailable) co_return response;
  co_return co_await client.send(std::move(again), call);
}

}  // namespace

bool ApiReviewer::is_for_us(const model::TokenVerdict& verdict) const {
  return audiences_.empty() || std::ranges::any_of(verdict.audiences, [this](const auto& audience) {
           return std::ranges::find(audiences_, audience) != audiences_.end();
         });
}

Task<Result<std::optional<model::UserInfo>>> ApiReviewer::review_token(std::string token, Call call) {
  kubeapi::Request request;
  request.target = model::kTokenReviewPath;
  request.body = model::token_review(token, audiences_);
  request.resource = "tokenreviews";
  const auto response = co_await send(client_, std::move(request), std::move(call));
  if (!response) co_return response.error();
  auto verdict = model::token_verdict(response->body);
  if (!verdict) co_return verdict.error();
  if (!verdict->authenticated || !is_for_us(*verdict)) co_return std::optional<model::UserInfo>();
  co_return std::optional(std::move(verdict->user));
}

Task<Result<Verdict>> ApiReviewer::review_access(std::string review, Call call) {
  kubeapi::Request request;
  request.target = model::kSubjectAccessReviewPath;
  request.body = std::move(review);
  request.resource = "subjectaccessreviews";
  const auto response = co_await send(client_, std::move(request), std::move(call));
  if (!response) co_return response.error();
  const auto allowed = model::access_verdict(response->body);
  if (!allowed) co_return allowed.error();
  co_return *allowed ? Verdict::allowed : Verdict::denied;
}

}  // namespace quartermaster::auth
