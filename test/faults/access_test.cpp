// Delegated authentication and authorization without an API server that answers: nobody is let in, but those whom
// --auth-stale-max lets in.
#include "test/faults/cache_setting.hpp"

namespace quartermaster::test {
namespace {

using Mode = FaultProxy::Mode;

const std::vector<std::string> kDelegated = {"--auth-mode", "delegated", "--auth-audiences", "quartermaster"};
constexpr const char* kClaims = "/api/v1/pvc/demo";

/// Says by its Authorization header who it is.
HttpAnswer call(Service& service, const std::string& token, const std::string& target, HeaderList headers = {},
                const std::string& method = "GET") {
  headers.emplace_back("Authorization", "Bearer " + token);
  return service.call({.method = method, .target = target, .headers = std::move(headers)});
}

void make_callers(apisim::ApiServer& server) {
  server.set_token("token-of-ann", {.name = "ann"});
  server.set_rules("ann", {apisim::Rule{}, apisim::Rule{.non_resource_urls = {"/metrics"}}});
  server.set_token("token-of-bob", {.name = "bob"});
}

apisim::Fault answer(const std::string& target, unsigned status, std::optional<std::string> body = {}) {
  apisim::Fault fault;
  fault.target = target;
  fault.action = apisim::Fault::Action::answer;
  fault.status = status;
  fault.count = apisim::Fault::kAlways;
  fault.body = std::move(body);
  return fault;
}

struct Guarded : Setting {
  Guarded() {
    make_namespace();
    make_callers(server());
    start_service(kDelegated);
  }
  std::string ask(const std::string& token = "token-of-ann", const std::string& query = {}) {
    return outcome(call(service(), token, kClaims + query));
  }
};

}  // namespace

TEST_CASE("delegated: while the API server is away nobody is let in") {
  Guarded setting;
  CHECK(setting.ask() == "200");
  CHECK(setting.ask("token-of-bob") == "403 Forbidden");
  setting.network().mode(Mode::refuse);
  for (const std::string token : {"token-of-cid", "token-of-dan"}) {
    const auto refused = call(setting.service(), token, kClaims);
    CHECK(outcome(refused) == "503 ServiceUnavailable");
    CHECK_FALSE(refused.header("Retry-After").empty());
  }
  CHECK(outcome(call(setting.service(), "token-of-ann", "/api/v1/secret/demo")) == "503 ServiceUnavailable");
  CHECK(outcome(setting.service().get("/livez")) == "200");
  setting.network().mode(Mode::pass);
  CHECK(poll_until([&] { return setting.ask("token-of-cid") == "401 Unauthorized"; }));
  CHECK(outcome(call(setting.service(), "token-of-ann", "/api/v1/secret/demo")) == "200");
}

TEST_CASE("delegated: reviews that come to nothing let nobody in") {
  const auto [status, body, tokens, accesses] =
      GENERATE(table<unsigned, std::optional<std::string>, std::string, std::string>({
          {429, {}, "503 ServiceUnavailable", "503 ServiceUnavailable"},
          {500, {}, "401 Unauthorized", "500 InternalError"},
          {403, {}, "401 Unauthorized", "500 InternalError"},
          {422, {}, "401 Unauthorized", "500 InternalError"},
          {201, "garbage", "401 Unauthorized", "500 InternalError"},
          {201, "{}", "401 Unauthorized", "500 InternalError"},
          {201, R"({"kind":"TokenReview","status":{"authenticated":true}})", "401 Unauthorized", "500 InternalError"},
          {201, R"({"kind":"SubjectAccessReview","status":{"allowed":"true"}})", "401 Unauthorized", "403 Forbidden"},
          {201, R"({"kind":"TokenReview","status":{"authenticated":true,"user":{"username":"root"}}})",
           "401 Unauthorized", "500 InternalError"},
      }));
  CAPTURE(status, body.value_or(""));
  {
    Guarded setting;
    setting.server().inject(answer("/tokenreviews", status, body));
    CHECK(setting.ask() == tokens);
    setting.server().clear_faults();
    if (tokens.starts_with("503")) CHECK(setting.ask() == "200");
  }
  Guarded setting;
  setting.server().inject(answer("/subjectaccessreviews", status, body));
  CHECK(setting.ask() == accesses);
}

TEST_CASE("delegated: an API server that says nothing lets nobody in") {
  Guarded setting;
  apisim::Fault hang;
  hang.target = "reviews";
  hang.action = apisim::Fault::Action::hang;
  hang.count = apisim::Fault::kAlways;
  setting.server().inject(hang);
  CHECK(setting.ask("token-of-ann", "?timeout=300ms") == "504 Timeout");
  setting.server().clear_faults();
  CHECK(poll_until([&] { return setting.ask() == "200"; }));
}

TEST_CASE("delegated: without the right to ask nobody is let in, and the log says once which rule is missing") {
  Guarded setting;
  setting.server().set_token("powerless", {.name = "powerless"});
  setting.files().write("token", "powerless");
  auto& service = setting.start_service(kDelegated);
  for (int i = 0; i < 3; ++i) CHECK(setting.ask() == "401 Unauthorized");
  const std::string output = service.process().output(), warning = "nobody is let in: our credentials lack a rule";
  const auto place = output.find(warning);
  REQUIRE(place != std::string::npos);
  CHECK(output.find(warning, place + 1) == std::string::npos);
  CHECK(output.find("tokenreviews.authentication.k8s.io") != std::string::npos);
}

TEST_CASE("delegated: --auth-stale-max lets cached reads through, and nothing else") {
  CacheSetting setting(apisim::Options{}, {"--auth-mode", "delegated", "--auth-stale-max", "10m"});
  make_callers(setting.server());
  auto& service = setting.service();
  const std::vector<std::string> cached = {kClaims, std::string(kClaims) + "/name/c0", "/api/v1/pod/demo",
                                           "/api/v1/storageclass", "/api/v1/tenant/demo"};
  const std::vector<std::string> others = {"/api/v1/secret/demo", "/api/v1/pod/demo/name/p0/events",
                                           "/api/v1/pod/demo/name/p0/logs", "/metrics"};
  for (const auto& target : cached) CHECK(outcome(call(service, "token-of-ann", target)) == "200");
  for (const auto& target : others) call(service, "token-of-ann", target);
  CHECK(outcome(call(service, "token-of-ann", std::string(kClaims) + "/name/none", {}, "DELETE")) == "404 NotFound");
  CHECK(outcome(call(service, "token-of-bob", kClaims)) == "403 Forbidden");

  setting.network().mode(Mode::refuse);
  // Until the decisions are older than the 10 s for which they count anyway.
  REQUIRE(poll_until([&] { return call(service, "token-of-ann", kClaims).has_header("X-Authorization-Age"); }));
  for (const auto& target : cached) {
    INFO(target);
    HttpAnswer answer;
    REQUIRE(poll_until([&] {
      answer = call(service, "token-of-ann", target);
      return answer.has_header("X-Authorization-Age");
    }));
    CHECK(answer.status == 200);
    CHECK(std::stoi(answer.header("X-Authorization-Age")) >= 10);
  }
  for (const auto& target : others) {
    INFO(target);
    CHECK(outcome(call(service, "token-of-ann", target)) == "503 ServiceUnavailable");
  }
  const std::string unavailable = "503 ServiceUnavailable", list = kClaims;
  CHECK(outcome(call(service, "token-of-ann", list, {{"Cache-Control", "no-cache"}})) == unavailable);
  CHECK(outcome(call(service, "token-of-ann", list + "/name/none", {}, "DELETE")) == unavailable);
  CHECK(outcome(call(service, "token-of-ann", "/api/v1/pod/other")) == unavailable);               // was never decided
  CHECK(poll_until([&] { return outcome(call(service, "token-of-bob", list)) == unavailable; }));  // was a no
  CHECK(outcome(call(service, "token-of-cid", list)) == unavailable);
  // What only the API server could answer.
  CHECK(outcome(call(service, "token-of-ann", list + "?continue=abc")) == unavailable);
  CHECK(outcome(call(service, "token-of-ann", list + "?resourceVersion=99999999")) == unavailable);

  setting.server().remove_token("token-of-ann");
  setting.network().mode(Mode::pass);
  CHECK(poll_until([&] { return outcome(call(service, "token-of-ann", list)) == "401 Unauthorized"; }));
}

TEST_CASE("an audit log that cannot be written is said at the start") {
  Setting setting;
  Subprocess program(service_command(setting.files().write("kubeconfig", setting.kubeconfig()),
                                     {"--audit-log", "/nowhere/audit.log"}));
  CHECK(program.wait(std::chrono::seconds(60)) == 1);
  CHECK(program.output().find("--audit-log /nowhere/audit.log: cannot be written") != std::string::npos);
}

}  // namespace quartermaster::test
