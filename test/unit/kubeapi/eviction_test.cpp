// Evictions: how they are asked for, and what the refusals mean. The bodies are those of a Kubernetes 1.20 API server.
#include <catch2/catch.hpp>

#include "kubeapi/eviction.hpp"
#include "kubeapi/follow.hpp"
#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

using kubeapi::eviction_error;

const std::string kKept =
    R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Cannot evict pod as it would violate the pod's disruption budget.","reason":"TooManyRequests","details":{"causes":[{"reason":"DisruptionBudget","message":"The disruption budget web needs 2 healthy pods and has 2 currently"}]},"code":429})";
const std::string kUnknownVersion =
    R"({"kind":"Status","status":"Failure","message":"no kind \"Eviction\" is registered for version \"policy/v1\"","reason":"BadRequest","code":400})";
const std::string kDone = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201})";

struct EvictionFixture : ClientFixture {
  Result<void> evict() {
    kubeapi::DeleteOptions how;
    how.uid = "u";
    return run(loop, kubeapi::evict(client(), "ns", "p", how, {}));
  }
  void answers(const std::vector<std::pair<unsigned, std::string>>& all) {
    Script script;
    for (const auto& [status, body] : all) script.push_back(answer(http_answer(status, body)));
    script.push_back(hang());
    server().script(script);
  }
};

TEST_CASE_METHOD(EvictionFixture, "an eviction names the pod and its uid", "[eviction]") {
  answers({{201, kDone}});
  REQUIRE(evict());
  const auto& request = server().requests().at(0);
  CHECK(request.starts_with("POST /api/v1/namespaces/ns/pods/p/eviction?fieldManager=quartermaster"));
  CHECK(request.ends_with(
      R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p","namespace":"ns"},"deleteOptions":{"preconditions":{"uid":"u"}}})"));
  CHECK(observer.done.at(0).resource == "pods/eviction");
}

TEST_CASE_METHOD(EvictionFixture, "where policy/v1 is not known, v1beta1 is taken", "[eviction]") {
  answers({{400, kUnknownVersion}, {201, kDone}});
  REQUIRE(evict());
  CHECK(server().requests().at(1).find(R"("apiVersion":"policy/v1beta1")") != std::string::npos);
}

TEST_CASE_METHOD(EvictionFixture, "an eviction that a budget refuses is not sent again", "[eviction]") {
  answers({{429, kKept}});
  const auto done = evict();
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::conflict);
  CHECK(done.error().message ==
        "the disruption budget web allows 0 disruptions: it needs 2 healthy pods and has 2 currently");
  REQUIRE(kubeapi::budget_cause(done.error()) != nullptr);
  CHECK(server().requests().size() == 1);
}

TEST_CASE("only what a budget refuses is its refusal", "[eviction]") {
  const auto kept = eviction_error(429, kKept);
  CHECK(kept.code == ErrorCode::conflict);
  REQUIRE(kept.causes.size() == 1);
  CHECK(kept.causes[0].field == "web");
  CHECK(kept.causes[0].reason == "DisruptionBudget");
  CHECK(kept.causes[0].message == "allows 0 disruptions: it needs 2 healthy pods and has 2 currently");
  CHECK_FALSE(kept.retry_after);
  CHECK(eviction_error(429, R"({"kind":"Status","message":"too many requests","reason":"TooManyRequests"})").code ==
        ErrorCode::unavailable);
  const auto several =
      eviction_error(500, R"({"kind":"Status","message":"This pod has more than one PodDisruptionBudget, which the )"
                          R"(eviction subresource does not support."})");
  CHECK(several.code == ErrorCode::conflict);
  CHECK(kubeapi::budget_cause(several) != nullptr);
  CHECK(eviction_error(500, "{}").code == ErrorCode::bad_gateway);
  CHECK(eviction_error(409, "{}").code == ErrorCode::conflict);
  CHECK(kubeapi::budget_cause(eviction_error(409, "{}")) == nullptr);
}

TEST_CASE_METHOD(ClientFixture, "a watch for a caller asks for what has happened since", "[follow]") {
  server().script({answer(http_answer(200, "{}")), hang()});
  const auto stream =
      run(loop, kubeapi::follow(client(), model::Kind::event, "ns", "17", std::chrono::seconds(10), {}));
  REQUIRE(stream);
  CHECK(
      server().requests().at(0).starts_with("GET /api/v1/namespaces/ns/events?watch=true&allowWatchBookmarks=true"
                                            "&resourceVersion=17&timeoutSeconds=10 "));
  CHECK(observer.done.at(0).resource == "events");
}

}  // namespace
}  // namespace quartermaster::test
