// TokenReview: writes the question, reads the answer.
#include "model/token_review.hpp"

#include "model/json.hpp"

namespace quartermaster::model {
namespace {

std::vector<std::string> strings(json::Value list) {
  std::vector<std::string> all;
  for (const auto item : list.items()) {
    if (item.is_string()) all.emplace_back(item.string());
  }
  return all;
}

UserInfo user_from(json::Value user) {
  UserInfo info{.name = std::string(user["username"].string()),
                .uid = std::string(user["uid"].string()),
                .groups = strings(user["groups"])};
  for (const auto [key, values] : user["extra"].members()) info.extra.emplace(key, strings(values));
  return info;
}

}  // namespace

std::string token_review(std::string_view token, std::span<const std::string> audiences) {
  std::string body;
  json::Writer out(body);
  out.begin_object().field("apiVersion", "authentication.k8s.io/v1").field("kind", "TokenReview");
  out.key("spec").begin_object().field("token", token);
  if (!audiences.empty()) {
    out.key("audiences").begin_array();
    for (const auto& audience : audiences) out.string(audience);
    out.end_array();
  }
  out.end_object().end_object();
  return body;
}

Result<TokenVerdict> token_verdict(std::string_view answer) {
  const Error senseless{ErrorCode::bad_gateway, "the API server's answer to a TokenReview makes no sense"};
  const auto document = json::parse(answer);
  if (!document || document->root()["kind"].string() != "TokenReview") return senseless;
  const auto status = document->root()["status"];
  if (!status.is_object()) return senseless;
  TokenVerdict verdict;
  verdict.authenticated = status["authenticated"].boolean();
  if (!verdict.authenticated) return verdict;
  verdict.user = user_from(status["user"]);
  verdict.audiences = strings(status["audiences"]);
  if (verdict.user.name.empty()) return senseless;
  return verdict;
}

}  // namespace quartermaster::model
