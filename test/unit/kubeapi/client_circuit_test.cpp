// What callers get while the API server is away, and how it is found out that it is back; and when it asks for a pause.
#include <catch2/catch.hpp>

#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

using namespace std::chrono_literals;
using kubeapi::Purpose;

const std::string kOk = http_answer(200, "{}");

kubeapi::Request upkeep(std::string target) {
  auto request = get(std::move(target));
  request.purpose = Purpose::upkeep;
  return request;
}

struct CircuitFixture : ClientFixture {
  CircuitFixture() {
    options.circuit.failures = 3;
    options.circuit.first_interval = 20ms;
    options.circuit.longest_interval = 40ms;
    options.circuit.silence = 30ms;
    options.circuit.probe_timeout = 30ms;
  }

  void until_open() {
    run_until(loop, [this] { return !observer.circuit.empty() && observer.circuit.back().first; });
  }
  void until_closed() {
    run_until(loop, [this] { return !observer.circuit.empty() && !observer.circuit.back().first; });
  }
  std::size_t requests_for(std::string_view target) {
    const auto begin = "GET " + std::string(target) + " ";
    return static_cast<std::size_t>(
        std::ranges::count_if(server().requests(), [&](const auto& request) { return request.starts_with(begin); }));
  }
};

TEST_CASE_METHOD(CircuitFixture, "when the server is gone, requests fail without asking until it is back",
                 "[circuit]") {
  options.circuit.first_interval = options.circuit.longest_interval = 1500ms;
  options.circuit.silence = options.circuit.probe_timeout = 1min;
  server().answer_all();
  REQUIRE(ask(get("/")));
  server().stop();
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(ask(get("/")));
  REQUIRE(observer.circuit.size() == 1);
  CHECK(observer.circuit[0].first);
  CHECK(observer.circuit[0].second.ends_with("Connection refused"));
  const auto asked = observer.done.size();
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unavailable);
  CHECK(response.error().message == observer.circuit[0].second);
  CHECK((response.error().retry_after == 1s || response.error().retry_after == 2s));
  CHECK(observer.refused == 1);
  CHECK(observer.done.size() == asked);

  server().start();
  until_closed();  // by a probe, as nobody asks
  CHECK(requests_for("/version") == 1);
  CHECK(ask(get("/")));
  CHECK(observer.circuit.size() == 2);
}

TEST_CASE_METHOD(CircuitFixture, "answers that are lost open the circuit, too", "[circuit]") {
  server().script({answer(""), reset()});
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(ask(post("/", "{}")));
  CHECK(observer.circuit.size() == 1);
}

TEST_CASE_METHOD(CircuitFixture, "a server that swallows everything is found out while callers wait", "[circuit]") {
  options.max_connections = 2;
  server().script({ignore()});
  auto one = start(get("/1"), within(5min));
  auto two = start(get("/2"), within(5min));
  auto waiting = start(get("/3"), within(5min));
  until_open();
  CHECK(observer.circuit[0].second == "the API server does not answer");
  const auto refused = waiting.get();  // there was no place for it
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unavailable);
  const auto later = ask(get("/4"), within(5min));
  REQUIRE_FALSE(later);
  CHECK(later.error().code == ErrorCode::unavailable);
  CHECK(later.error().message == "the API server does not answer");
  CHECK(server().requests().empty());

  server().answer_all();
  until_closed();
  CHECK_FALSE(one.done());
  client().shutdown();
}

TEST_CASE_METHOD(CircuitFixture, "callers who do not wait long find it out together", "[circuit]") {
  server().script({ignore()});
  for (int i = 0; observer.circuit.empty() && i < 1000; ++i) {
    const auto response = ask(get("/"), within(5ms));
    REQUIRE_FALSE(response);
    if (observer.circuit.empty()) CHECK(response.error().code == ErrorCode::timeout);
  }
  CHECK(observer.circuit.size() == 1);
  client().shutdown();
}

TEST_CASE_METHOD(CircuitFixture, "one slow request does not open the circuit", "[circuit]") {
  options.circuit.probe_timeout = 1min;
  server().script({answer(""), hang()}).script(Script(1000, answer(kOk)));
  auto slow = start(get("/slow"), within(5min));
  run_until(loop, [this] { return requests_for("/version") == 4; });
  CHECK(observer.circuit.empty());
  CHECK_FALSE(slow.done());
  client().shutdown();
}

TEST_CASE_METHOD(CircuitFixture, "errors of the server are answers", "[circuit]") {
  const auto status = GENERATE(401U, 403U, 404U, 500U, 503U, 504U);
  server().script(Script(20, answer(http_answer(status, "{}"))));
  for (int i = 0; i < 10; ++i) REQUIRE_FALSE(ask(get("/")));
  CHECK(requests_for("/") == 10);
  CHECK(observer.circuit.empty());
}

TEST_CASE_METHOD(CircuitFixture, "callers who hang up do not open the circuit", "[circuit]") {
  options.circuit.silence = 1min;
  server().script({answer(""), hang()});
  for (std::size_t i = 1; i <= 10; ++i) {
    std::stop_source stop;
    Call call;
    call.stop = stop.get_token();
    auto pending = start(get("/"), call);
    until_requested(i);
    stop.request_stop();
    CHECK(pending.get().error().code == ErrorCode::cancelled);
  }
  CHECK(observer.circuit.empty());
}

TEST_CASE_METHOD(CircuitFixture, "upkeep goes on, and closes the circuit as soon as it gets through", "[circuit]") {
  options.circuit.first_interval = options.circuit.longest_interval = 10min;
  server().answer_all();
  const auto& config = server().config();
  server().stop();
  connect(config);
  for (int i = 0; i < 3; ++i) REQUIRE_FALSE(ask(get("/")));
  CHECK(observer.circuit.size() == 1);
  CHECK_FALSE(ask(upkeep("/upkeep")));
  CHECK(observer.refused == 0);
  server().start();
  CHECK(ask(upkeep("/upkeep")));
  CHECK(observer.circuit.size() == 2);
  CHECK(ask(get("/")));
}

TEST_CASE_METHOD(ClientFixture, "a 429 is tried again after its pause, whatever the request is", "[client]") {
  const bool is_get = GENERATE(true, false);
  server().script({answer(http_answer(429, "slow down", "Retry-After: 1\r\n")), answer(kOk)});
  const auto began = Clock::now();
  REQUIRE(ask(is_get ? get("/") : post("/", "{}"), within(1min)));
  CHECK(Clock::now() - began >= 1s);
  CHECK(server().requests().size() == 2);
  CHECK(observer.retries.size() == 1);
}

TEST_CASE_METHOD(ClientFixture, "a third 429 is the caller's to wait for", "[client]") {
  server().script(Script(5, answer(http_answer(429, "slow down", "Retry-After: 1\r\n"))));
  const auto response = ask(get("/"), within(1min));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unavailable);
  CHECK(response.error().retry_after == 1s);
  CHECK(server().requests().size() == 3);
}

TEST_CASE_METHOD(ClientFixture, "a 429 whose pause is longer than the deadline is passed on at once", "[client]") {
  server().script(Script(5, answer(http_answer(429, "slow down", "Retry-After: 7\r\n"))));
  const auto response = ask(get("/"), within(7s));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unavailable);
  CHECK(response.error().retry_after == 7s);
  CHECK(server().requests().size() == 1);
}

TEST_CASE_METHOD(ClientFixture, "upkeep does its own waiting after a 429", "[client]") {
  server().script(Script(5, answer(http_answer(429, "slow down", "Retry-After: 1\r\n"))));
  REQUIRE_FALSE(ask(upkeep("/"), within(1min)));
  CHECK(server().requests().size() == 1);
}

TEST_CASE_METHOD(ClientFixture, "streams leave places for calls, and upkeep takes none", "[pool]") {
  options.max_connections = 4;
  for (int i = 0; i < 8; ++i)
    server().script({answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("a")), hang()});
  server().answer_all();
  const auto stream = [](std::string target) {
    auto request = get(std::move(target));
    request.purpose = Purpose::stream;
    return request;
  };
  std::vector<std::unique_ptr<ByteStream>> streams;
  for (int i = 0; i < 3; ++i) streams.push_back(open(stream("/log"), within(1min)).value());
  for (int i = 0; i < 5; ++i) streams.push_back(open(upkeep("/watch"), within(1min)).value());
  CHECK(client().pool_stats().in_use == 8);
  CHECK(client().pool_stats().streams == 3);
  std::stop_source stop;
  Call call;
  call.stop = stop.get_token();
  Running<Result<std::unique_ptr<ByteStream>>> fourth(loop, client().open(stream("/log"), call));
  run_until(loop, [this] { return client().pool_stats().waiting == 1; });

  REQUIRE(ask(get("/call"), within(1min)));
  REQUIRE(ask(get("/call"), within(1min)));
  CHECK_FALSE(fourth.done());
  streams.erase(streams.begin());
  CHECK(fourth.get());
}

}  // namespace
}  // namespace quartermaster::test
