// TokenReview and SubjectAccessReview: what is asked, and which answers are a yes.
#include <catch2/catch.hpp>

#include "model/json.hpp"
#include "model/subject_access_review.hpp"
#include "model/token_review.hpp"
#include "test/support/result.hpp"

namespace quartermaster::model {
namespace {

const UserInfo kUser{.name = "system:serviceaccount:demo:ci",
                     .uid = "u-1",
                     .groups = {"system:serviceaccounts", "system:authenticated"},
                     .extra = {{"authentication.kubernetes.io/pod-name", {"a", "b"}}}};

TEST_CASE("A TokenReview asks for our audiences") {
  const std::vector<std::string> audiences = {"quartermaster", "b\"c"};
  CHECK(token_review("t.o_k", audiences) == R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview",)"
                                            R"("spec":{"token":"t.o_k","audiences":["quartermaster","b\"c"]}})");
  CHECK(token_review("t", {}) ==
        R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"t"}})");
}

TEST_CASE("A TokenReview's answer says who it is") {
  const auto verdict = token_verdict(R"({"kind":"TokenReview","spec":{"token":"secret"},"status":{"authenticated":true,
      "audiences":["quartermaster"],"user":{"username":"system:serviceaccount:demo:ci","uid":"u-1",
      "groups":["system:serviceaccounts","system:authenticated"],
      "extra":{"authentication.kubernetes.io/pod-name":["a","b"]}}}})");
  REQUIRE(verdict);
  CHECK(verdict->authenticated);
  CHECK(verdict->audiences == std::vector<std::string>{"quartermaster"});
  CHECK(verdict->user.name == kUser.name);
  CHECK(verdict->user.uid == kUser.uid);
  CHECK(verdict->user.groups == kUser.groups);
  CHECK(verdict->user.extra == kUser.extra);
}

TEST_CASE("What is not clearly authenticated is not") {
  const std::string status = GENERATE(R"({})", R"({"authenticated":false,"user":{"username":"u"}})",
                                      R"({"authenticated":"true","user":{"username":"u"}})",
                                      R"({"authenticated":1,"user":{"username":"u"}})", R"({"user":{"username":"u"}})");
  const auto verdict = token_verdict(R"({"kind":"TokenReview","status":)" + status + "}");
  REQUIRE(verdict);
  CHECK_FALSE(verdict->authenticated);
}

TEST_CASE("What is no TokenReview is an error, which does not quote it") {
  const std::string answer =
      GENERATE("", "secret", "[]", R"({"kind":"Status","status":"Failure","message":"secret"})",
               R"({"kind":"TokenReview","secret":1})", R"({"kind":"TokenReview","status":"secret"})",
               R"({"kind":"TokenReview","status":{"authenticated":true}})",
               R"({"kind":"TokenReview","status":{"authenticated":true,"user":{"username":""}},"x":"secret"})",
               R"({"kind":"SubjectAccessReview","status":{"authenticated":true,"user":{"username":"u"}}})");
  CAPTURE(answer);
  const auto verdict = token_verdict(answer);
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().code == ErrorCode::bad_gateway);
  CHECK(verdict.error().message.find("secret") == std::string::npos);
}

TEST_CASE("A SubjectAccessReview says all of the user, and what is to be done") {
  CHECK(
      subject_access_review(
          kUser, {.verb = "get", .group = "", .resource = "pods", .subresource = "log", .ns = "demo", .name = "web"}) ==
      R"({"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"resourceAttributes":)"
      R"({"verb":"get","resource":"pods","subresource":"log","namespace":"demo","name":"web"},)"
      R"("user":"system:serviceaccount:demo:ci","uid":"u-1",)"
      R"("groups":["system:serviceaccounts","system:authenticated"],)"
      R"("extra":{"authentication.kubernetes.io/pod-name":["a","b"]}}})");
  CHECK(
      subject_access_review({.name = "u"}, {.verb = "list", .group = "storage.k8s.io", .resource = "storageclasses"}) ==
      R"({"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"resourceAttributes":)"
      R"({"verb":"list","group":"storage.k8s.io","resource":"storageclasses"},"user":"u","groups":[]}})");
  CHECK(subject_access_review({.name = "u"}, {.verb = "get", .path = "/metrics"}) ==
        R"({"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"nonResourceAttributes":)"
        R"({"path":"/metrics","verb":"get"},"user":"u","groups":[]}})");
}

TEST_CASE("Anything but a clear yes is a no") {
  const auto [status, allowed] = GENERATE(table<std::string, bool>({
      {R"({"allowed":true})", true},
      {R"({"allowed":true,"denied":false,"reason":"RBAC"})", true},
      {R"({"allowed":false})", false},
      {R"({})", false},
      {R"({"allowed":"true"})", false},
      {R"({"allowed":1})", false},
      {R"({"allowed":null})", false},
      {R"({"allowed":true,"denied":true})", false},
      {R"({"allowed":true,"denied":"true"})", false},
      {R"({"allowed":false,"evaluationError":"x"})", false},
  }));
  CAPTURE(status);
  const auto verdict = access_verdict(R"({"kind":"SubjectAccessReview","status":)" + status + "}");
  REQUIRE(verdict);
  CHECK(*verdict == allowed);
}

TEST_CASE("What is no SubjectAccessReview is an error") {
  const std::string answer =
      GENERATE("", "yes", R"({"status":{"allowed":true}})", R"({"kind":"TokenReview","status":{"allowed":true}})",
               R"({"kind":"SubjectAccessReview"})", R"({"kind":"SubjectAccessReview","status":true})");
  CAPTURE(answer);
  REQUIRE_FALSE(access_verdict(answer));
  CHECK(access_verdict(answer).error().code == ErrorCode::bad_gateway);
}

TEST_CASE("What is denied is said as the API server says it") {
  CHECK(to_string({.verb = "list", .resource = "persistentvolumeclaims", .ns = "demo"}) ==
        R"(list resource "persistentvolumeclaims" in API group "" in the namespace "demo")");
  CHECK(to_string({.verb = "get", .resource = "pods", .subresource = "log", .ns = "demo", .name = "web"}) ==
        R"(get resource "pods/log" in API group "" in the namespace "demo")");
  CHECK(to_string({.verb = "list", .group = "storage.k8s.io", .resource = "storageclasses"}) ==
        R"(list resource "storageclasses" in API group "storage.k8s.io" at the cluster scope)");
  CHECK(to_string({.verb = "get", .path = "/metrics"}) == R"(get path "/metrics")");
}

}  // namespace
}  // namespace quartermaster::model
