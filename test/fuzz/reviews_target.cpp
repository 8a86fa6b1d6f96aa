// Answers to a TokenReview and a SubjectAccessReview: only a clear yes is one. What they say of a user is sent again.
#include "model/json.hpp"
#include "model/subject_access_review.hpp"
#include "test/fuzz/fuzz.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;

namespace {

void ask_again(const model::UserInfo& user) {
  const auto review = model::subject_access_review(user, {.verb = "get", .resource = "pods", .ns = "demo"});
  const auto document = json::parse(review);
  check(document.has_value(), "a review is JSON");
  check(document->root()["spec"]["user"].string() == user.name, "it is about the same user");
  check(document->root()["spec"]["groups"].size() == user.groups.size(), "with the same groups");
}

bool is_no(json::Value denied) { return denied.exists() && (denied.type() != json::Type::boolean || denied.boolean()); }

}  // namespace

FUZZ_TARGET(reviews) {
  const auto document = json::parse(input);
  const auto token = model::token_verdict(input);
  const auto access = model::access_verdict(input);
  if (!document) return check(!token && !access, "what is no JSON is no answer");
  const auto status = document->root()["status"];
  if (token && token->authenticated) {
    check(status["authenticated"].boolean() && !token->user.name.empty(), "somebody has been recognized");
    ask_again(token->user);
  }
  if (access && *access) check(status["allowed"].boolean() && !is_no(status["denied"]), "only a clear yes is one");
}
