// Too much at once, at the socket: a request whose body does not come stays in flight for as long as a case wants.
#include <catch2/catch.hpp>
#include <list>

#include "server/api/route.hpp"
#include "test/support/wait.hpp"
#include "test/unit/server/service_server.hpp"

namespace quartermaster::test {
namespace {

/// Holds a request in flight, if it is let: the server asks for its body, which is not sent.
std::string hold(std::size_t body = 2) {
  return post("/api/v1/secret/a", "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: " +
                                      std::to_string(body) + "\r\n");
}

void check_too_many(const HttpAnswer& answer, const std::string& message) {
  CHECK(answer.status == 429);
  CHECK(answer.header("Retry-After") == "1");
  CHECK(text_at(answer.json(), "/reason") == "TooManyRequests");
  CHECK(text_at(answer.json(), "/errMessage") == message);
}

http::Limits few_requests() {
  http::Limits limits;
  limits.requests_in_flight = 4;
  return limits;
}

TEST_CASE("A greedy caller gets half of what there is, and others are served meanwhile") {
  ServiceServer server(few_requests());
  std::list<Caller> greedy;
  for (int i = 0; i < 2; ++i) CHECK(greedy.emplace_back(server.endpoint()).send(hold()).next().status == 100);

  Caller more(server.endpoint());
  check_too_many(more.send(get("/api/v1/pvc/a")).next(), "too many requests at once from this caller");
  // The connection goes on; what is not limited is answered on it.
  for (const auto* const path : {"/livez", "/readyz", "/metrics", "/stats"}) {
    CHECK(more.send(get(path)).next().status == 200);
  }
  for (const auto* const path : {"/version", "/openapi.json", "/docs", "/docs/rapidoc.js"}) {
    check_too_many(more.send(get(path)).next(), "too many requests at once from this caller");
  }
  check_too_many(more.send(hold()).next(), "too many requests at once from this caller");
  CHECK(more.ended());  // its body may come or not

  Caller other(server.endpoint_from("127.0.0.2"));
  CHECK(other.send(hold()).next().status == 100);
  Caller third(server.endpoint_from("127.0.0.3"));
  CHECK(third.send(get("/api/v1/pvc/a")).next().status == 503);  // on to the API server, which is not there

  // A place that is given back can be had again.
  CHECK(other.send("{}").next().status == 400);
  CHECK(greedy.back().send("{}").next().status == 400);
  CHECK(poll_until([&] { return server.requests_in_flight().taken == 1; }));
  CHECK(Caller(server.endpoint()).send(hold()).next().status == 100);
  CHECK(server.requests_in_flight().refused_for_caller == 6);
}

TEST_CASE("When all places are taken, all that is limited is refused at once, and probes are answered") {
  http::Limits limits;
  limits.requests_in_flight = 1;
  ServiceServer server(limits);
  Caller first(server.endpoint());
  CHECK(first.send(hold()).next().status == 100);
  Caller other(server.endpoint_from("127.0.0.2"));
  check_too_many(other.send(get("/api/v1/pvc/a")).next(), "too many requests at once in all");
  CHECK(other.send(get("/livez")).next().status == 200);
  CHECK(other.send(get("/metrics")).next().status == 200);
}

TEST_CASE("Metrics are answered however large they are") {
  http::Limits limits;
  limits.answers_bytes = 1;
  ServiceServer server(limits);
  Caller caller(server.endpoint());
  for (const auto& route : api::routes()) {
    auto path = std::string(route.pattern);
    for (auto at = path.find('{'); at != std::string::npos; at = path.find('{'))
      path.replace(at, path.find('}') + 1 - at, "a");
    caller.send(get(path)).next();
  }
  const auto answer = caller.send(get("/metrics")).next();
  CHECK(answer.status == 200);
  CHECK(answer.body.size() > (64U << 10));
}

TEST_CASE("A request that ends in whatever way gives its place back") {
  ServiceServer server(few_requests());
  const auto taken = [&](std::size_t count) {
    return poll_until([&] { return server.requests_in_flight().taken == count; });
  };
  Caller caller(server.endpoint());
  CHECK(caller.send(hold()).next().status == 100);
  CHECK(taken(1));
  SECTION("answered") { CHECK(caller.send("{}").next().status == 400); }
  SECTION("half-closed") { caller.connection().finish_sending(); }
  SECTION("closed") { caller.connection().close(); }
  SECTION("reset") { caller.connection().reset(); }
  CHECK(taken(0));
}

TEST_CASE("Bodies are bounded in all, and shared") {
  http::Limits limits;
  limits.body_bytes = 1000;
  limits.bodies_bytes = 2000;
  ServiceServer server(limits);
  Caller large(server.endpoint());
  CHECK(large.send(hold(1000)).next().status == 100);
  check_too_many(Caller(server.endpoint()).send(hold(1)).next(), "too many bytes of bodies at once from this caller");
  CHECK(Caller(server.endpoint()).send(get("/api/v1/pvc/a")).next().status == 503);  // has none
  Caller other(server.endpoint_from("127.0.0.2"));
  CHECK(other.send(hold(500)).next().status == 100);
  // One that is too long in any case has no need of room.
  CHECK(Caller(server.endpoint_from("127.0.0.3")).send(hold(1001)).next().status == 413);
  // A chunked body may be as long as any.
  const auto chunked = post("/api/v1/secret/a", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n");
  check_too_many(Caller(server.endpoint_from("127.0.0.3")).send(chunked).next(),
                 "too many bytes of bodies at once in all");
}

TEST_CASE("What a probe sends along is not kept") {
  ServiceServer server;
  CHECK(Caller(server.endpoint())
            .send(get("/livez", "Content-Length: 1024\r\n") + std::string(1024, 'a'))
            .next()
            .status == 200);
  CHECK(Caller(server.endpoint()).send(get("/livez", "Content-Length: 1025\r\n")).next().status == 413);
}

/// Everybody is who the token says, and may do everything.
class Believer : public auth::Reviewer {
 public:
  Task<Result<std::optional<model::UserInfo>>> review_token(std::string token, Call) override {
    co_return std::optional(model::UserInfo{.name = std::move(token)});
  }
  Task<Result<auth::Verdict>> review_access(std::string, Call) override { co_return auth::Verdict::allowed; }
};

std::string as(const std::string& user) { return "Authorization: Bearer " + user + "\r\n"; }

TEST_CASE("A caller who is known is counted as that, from wherever it calls") {
  Believer believer;
  ServiceServer server(few_requests(), {}, &believer);
  const auto hold_as = [](const std::string& user) {
    return post("/api/v1/secret/a",
                as(user) + "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n");
  };
  std::list<Caller> ann;
  for (const auto* const address : {"127.0.0.1", "127.0.0.2"})
    CHECK(ann.emplace_back(server.endpoint_from(address)).send(hold_as("ann")).next().status == 100);
  check_too_many(Caller(server.endpoint_from("127.0.0.3")).send(hold_as("ann")).next(),
                 "too many requests at once from this caller");
  // Of another at the same address, first while it is unknown, then known.
  Caller bob(server.endpoint());
  for (int i = 0; i < 2; ++i) CHECK(bob.send(get("/api/v1/pvc/a", as("bob"))).next().status == 503);
  CHECK(Caller(server.endpoint()).send(hold_as("bob")).next().status == 100);
}

}  // namespace
}  // namespace quartermaster::test
