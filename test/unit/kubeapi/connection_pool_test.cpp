// How requests share connections. Through the client, as nothing else uses the pool.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

struct PoolFixture : ClientFixture {
  static constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

  using Pending = Running<Result<kubeapi::Response>>;
};

/// The socket of this process that is connected to the port; -1 if there is none.
int socket_to(std::uint16_t port) {
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET &&
        ntohs(peer.sin_port) == port) {
      return fd;
    }
  }
  return -1;
}

int option_of(int fd, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, option, &value, &size);
  return value;
}

TEST_CASE_METHOD(PoolFixture, "a peer that vanishes is noticed by the kernel", "[pool]") {
  server().answer_all();
  REQUIRE(ask(get("/")));
  const int fd = socket_to(server().port());
  REQUIRE(fd >= 0);
  CHECK(option_of(fd, SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 15);
  CHECK(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL) == 5);
  CHECK(option_of(fd, IPPROTO_TCP, TCP_KEEPCNT) == 3);
  CHECK(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT) == 30'000);
  CHECK(option_of(fd, IPPROTO_TCP, TCP_NODELAY) == 1);
}

TEST_CASE_METHOD(PoolFixture, "one connection serves one request after the other", "[pool]") {
  server().answer_all();
  for (int i = 0; i < 50; ++i) REQUIRE(ask(get("/")));
  CHECK(server().accepted() == 1);
  const auto stats = client().pool_stats();
  CHECK(stats.opened == 1);
  CHECK(stats.reused == 49);
  CHECK(stats.idle == 1);
  CHECK(stats.in_use == 0);
}

TEST_CASE_METHOD(PoolFixture, "a connection that the server will close is not kept", "[pool]") {
  server().script({answer(http_answer(200, "{}", "Connection: close\r\n")), hang()});
  REQUIRE(ask(get("/")));
  CHECK(client().pool_stats().idle == 0);
}

TEST_CASE_METHOD(PoolFixture, "a connection with bytes after the answer is not kept", "[pool]") {
  server().script({answer(kOk + std::string("more")), hang()});
  REQUIRE(ask(get("/")));
  CHECK(client().pool_stats().idle == 0);
}

TEST_CASE_METHOD(PoolFixture, "a connection that speaks up between requests is not used", "[pool]") {
  server().script({answer(kOk), send("HTTP/1.1 408 Request Timeout\r\n\r\n"), hang()}).script({answer(kOk), hang()});
  REQUIRE(ask(get("/1")));
  run_until(loop, [&] { return server().bytes_sent() > std::string_view(kOk).size(); });
  REQUIRE(ask(post("/2", "{}")));
  CHECK(server().accepted() == 2);
}

TEST_CASE_METHOD(PoolFixture, "64 requests at a time", "[pool]") {
  server().answer_all();
  std::vector<Pending> pending;
  for (int i = 0; i < 64; ++i) pending.push_back(start(get("/" + std::to_string(i))));
  for (auto& each : pending) REQUIRE(each.get());
  CHECK(server().requests().size() == 64);
  CHECK(server().accepted() <= 64);
  CHECK(client().pool_stats().in_use == 0);
  CHECK(client().pool_stats().idle == server().accepted());
}

TEST_CASE_METHOD(PoolFixture, "never more connections than allowed, and whoever waits is served in order", "[pool]") {
  options.max_connections = 2;
  std::size_t most = 0;
  server().script(Script(100, reply([&](const std::string&) {
                           most = std::max(most, server().open());
                           return std::string(kOk);
                         })));
  std::vector<Pending> pending;
  for (int i = 0; i < 20; ++i) pending.push_back(start(get("/" + std::to_string(i))));
  run_until(loop, [&] { return client().pool_stats().waiting == 18; });
  for (auto& each : pending) REQUIRE(each.get());
  CHECK(most <= 2);
  CHECK(server().accepted() == 2);
  CHECK(client().pool_stats().waiting == 0);
  // Two at a time, so that each may overtake one.
  for (std::size_t i = 0; i < 20; ++i) {
    const auto& request = server().requests()[i];
    const int n = std::stoi(request.substr(5));
    CHECK(std::abs(n - static_cast<int>(i)) <= 1);
  }
}

TEST_CASE_METHOD(PoolFixture, "a place goes to whose caller has the fewest, and a review needs none", "[pool]") {
  options.max_connections = 2;
  server().answer_all();
  const auto by = [](std::size_t caller) {
    Call call;
    call.caller = caller;
    return call;
  };
  std::vector<Pending> pending;
  for (int i = 0; i < 10; ++i) pending.push_back(start(get("/greedy"), by(1)));
  run_until(loop, [&] { return client().pool_stats().waiting == 8; });
  pending.push_back(start(get("/other"), by(2)));
  auto review = get("/review");
  review.purpose = kubeapi::Purpose::review;
  pending.push_back(start(std::move(review), by(0)));
  run_until(loop, [&] { return client().pool_stats().in_use == 3; });
  for (auto& each : pending) REQUIRE(each.get());
  const auto place_of = [&](const std::string& target) {
    const auto& all = server().requests();
    return std::ranges::find_if(all, [&](const auto& request) { return request.find(target + " ") != request.npos; }) -
           all.begin();
  };
  CHECK(place_of("/review") <= 4);
  CHECK(place_of("/other") <= 5);
}

TEST_CASE_METHOD(PoolFixture, "the calls of one caller have a quarter of the places, and as many as are left free",
                 "[pool]") {
  options.max_connections = 16;
  server().script(Script(20, hang()));
  const auto by = [](std::size_t caller) {
    Call call;
    call.caller = caller;
    return call;
  };
  std::vector<Pending> pending;
  const auto ask_for = [&](std::size_t caller, int calls) {
    for (int i = 0; i < calls; ++i) pending.push_back(start(get("/"), by(caller)));
  };
  const auto settle = [&](std::size_t in_use, std::size_t waiting) {
    run_until(loop, [&] {
      const auto stats = client().pool_stats();
      return stats.in_use == in_use && stats.waiting == waiting;
    });
  };
  ask_for(1, 6);
  settle(4, 2);
  ask_for(2, 6);
  settle(8, 4);
  ask_for(3, 6);
  settle(12, 6);
  ask_for(4, 6);  // a third place would leave fewer than it had
  settle(14, 10);
  ask_for(5, 6);
  settle(15, 15);
  ask_for(6, 6);
  settle(16, 20);
}

TEST_CASE_METHOD(PoolFixture, "waiting for a connection ends with the deadline or the stop", "[pool]") {
  options.max_connections = 1;
  server().script({answer(""), hang()});
  auto holder = start(get("/holder"));
  until_requested();
  SECTION("deadline") {
    const auto response = ask(get("/"), within(std::chrono::milliseconds(5)));
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::timeout);
  }
  SECTION("stop") {
    std::stop_source stop;
    Call call;
    call.stop = stop.get_token();
    auto waiting = start(get("/"), call);
    run_until(loop, [&] { return client().pool_stats().waiting == 1; });
    stop.request_stop();
    const auto response = waiting.get();
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::cancelled);
  }
  CHECK(client().pool_stats().waiting == 0);
  CHECK(client().pool_stats().in_use == 1);
  CHECK_FALSE(holder.done());
}

TEST_CASE_METHOD(PoolFixture, "a place that somebody stopped waiting for goes to the next", "[pool]") {
  options.max_connections = 1;
  std::stop_source first_stop, second_stop;
  server().script({answer(""), hang()}).script(Script(10, answer(kOk)));
  Call first, second;
  first.stop = first_stop.get_token();
  second.stop = second_stop.get_token();
  auto one = start(get("/1"), first);
  until_requested();
  auto two = start(get("/2"), second);
  auto three = start(get("/3"));
  run_until(loop, [&] { return client().pool_stats().waiting == 2; });
  // In one turn of the loop: the place of the first goes to the second, which does not want it any more.
  first_stop.request_stop();
  second_stop.request_stop();
  CHECK_FALSE(one.get());
  CHECK_FALSE(two.get());
  REQUIRE(three.get());
  CHECK(client().pool_stats().in_use == 0);
}

TEST_CASE_METHOD(PoolFixture, "a connection is closed when it was idle for long enough", "[pool]") {
  options.idle_timeout = std::chrono::milliseconds(10);
  server().answer_all();
  REQUIRE(ask(get("/")));
  run_until(loop, [&] { return client().pool_stats().idle == 0 && server().open() == 0; });
  REQUIRE(ask(get("/")));
  CHECK(server().accepted() == 2);
}

TEST_CASE_METHOD(PoolFixture, "a new connection may take the place of an idle one", "[pool]") {
  // The idle connection dies under a request: its retry takes a new one though another is idle.
  options.max_connections = 2;
  server()
      .script({answer(""), answer(kOk), hang()})
      .script({answer(kOk), answer(""), cut()})
      .script({answer(kOk), hang()});
  server().script({answer(kOk), hang()});
  auto one = start(get("/1"), within(std::chrono::seconds(50)));
  until_requested(1);
  REQUIRE(ask(get("/2")));
  REQUIRE(ask(get("/3")));
  CHECK(server().accepted() == 3);
  CHECK(client().pool_stats().in_use == 1);
  CHECK(client().pool_stats().idle == 1);
  CHECK_FALSE(one.done());
}

TEST_CASE_METHOD(PoolFixture, "connecting ends with its own limit, the deadline or the stop", "[pool]") {
  // A backlog that is full makes the kernel drop further attempts to connect.
  asio::ip::tcp::acceptor full(loop);
  full.open(Tcp::v4());
  full.bind({asio::ip::address_v4::loopback(), 0});
  full.listen(0);
  std::vector<Tcp::socket> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(loop);
    fillers.back().async_connect(full.local_endpoint(), [](error_code) {});
  }
  loop.poll();

  kubeapi::ClusterConfig config;
  config.tls = false;
  config.host = "127.0.0.1";
  config.port = full.local_endpoint().port();
  SECTION("limit") {
    options.connect_timeout = std::chrono::milliseconds(20);
    connect(config);
    const auto response = ask(get("/"));
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::unavailable);
    CHECK(response.error().message.ends_with(" cannot be reached: no answer in time"));
  }
  SECTION("deadline") {
    connect(config);
    const auto response = ask(get("/"), within(std::chrono::milliseconds(20)));
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::timeout);
  }
  SECTION("stop") {
    connect(config);
    std::stop_source stop;
    Call call;
    call.stop = stop.get_token();
    auto pending = start(get("/"), call);
    run_until(loop, [&] { return client().pool_stats().in_use == 1; });
    loop.poll();
    stop.request_stop();
    const auto response = pending.get();
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::cancelled);
  }
  CHECK(client().pool_stats().in_use == 0);
}

TEST_CASE_METHOD(PoolFixture, "shutting down closes what is idle and refuses the rest", "[pool]") {
  options.max_connections = 1;
  server().script({answer(kOk), answer(""), send(kOk), hang()});
  REQUIRE(ask(get("/1")));
  auto under_way = start(get("/2"));
  until_requested(2);
  auto waiting = start(get("/3"));
  run_until(loop, [&] { return client().pool_stats().waiting == 1; });
  client().shutdown();
  const auto refused = waiting.get();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unavailable);
  REQUIRE(under_way.get());
  REQUIRE_FALSE(ask(get("/4")));
  run_until(loop, [&] { return server().open() == 0; });
}

}  // namespace
}  // namespace quartermaster::test
