// The listening server: addresses, limits, TLS, and going away in order.
#include "server/http/server.hpp"

#include <malloc.h>

#include <catch2/catch.hpp>

#include "server/open_files.hpp"
#include "test/support/wait.hpp"
#include "test/unit/server/http_fixture.hpp"

namespace quartermaster::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Listen addresses") {
  const auto [text, address, port] = GENERATE(table<std::string, std::string, unsigned>({
      {"127.0.0.1:8080", "127.0.0.1", 8080},
      {"0.0.0.0:0", "0.0.0.0", 0},
      {"[::1]:65535", "::1", 65535},
      {"[::]:80", "::", 80},
      {":80", "::", 80},
  }));
  const auto endpoint = http::parse_listen_address(text);
  CHECK(endpoint.address().to_string() == address);
  CHECK(endpoint.port() == port);
}

TEST_CASE("Bad listen addresses are explained") {
  const auto [text, why] = GENERATE(table<std::string, std::string>({
      {"", "no port"},
      {"127.0.0.1", "no port"},
      {"127.0.0.1:", "the port is not a number from 0 to 65535"},
      {"127.0.0.1:http", "the port is not a number from 0 to 65535"},
      {"127.0.0.1:65536", "the port is not a number from 0 to 65535"},
      {"127.0.0.1:-1", "the port is not a number from 0 to 65535"},
      {"127.0.0.1:80 ", "the port is not a number from 0 to 65535"},
      {"localhost:80", "the host is not an IP address"},
      {"[127.0.0.1:80", "the host is not an IP address"},
      {"[::g]:80", "the host is not an IP address"},
  }));
  CAPTURE(text);
  CHECK_THROWS_WITH(http::parse_listen_address(text), "bad listen address \"" + text + "\": " + why +
                                                          "; write it as 127.0.0.1:8080, [::1]:8080 or :8080");
}

TEST_CASE("A port in use is explained") {
  TestServer server;
  const auto address = "127.0.0.1:" + std::to_string(server.endpoint().port);
  asio::io_context loop{1};
  TestHandler handler(loop);
  http::Server second(loop, handler);
  CHECK_THROWS_WITH(second.listen(address), "cannot listen on " + address + ": Address already in use");
}

TEST_CASE("All addresses means IPv4, too") {
  asio::io_context loop{1};
  TestHandler handler(loop);
  http::Server server(loop, handler);
  const auto port = server.listen(":0").port();
  Endpoint endpoint;
  endpoint.port = port;
  CHECK_NOTHROW(Connection(endpoint));
}

TEST_CASE("Idle connections cost others nothing") {
  TestServer server;
  std::vector<Connection> idle;
  for (int i = 0; i < 500; ++i) {
    idle.emplace_back(server.endpoint());
    if (i % 2 == 0) idle.back().send("GET /slow HTTP/1.1\r\n");
  }
  CHECK(poll_until([&] { return server.connections() == 500; }));
  CHECK(Caller(server).send(get("/hello")).next().status == 200);
}

TEST_CASE("An idle connection holds no buffers, whatever it served before") {
  // With sanitizers these figures are all 0.
  const auto allocated = [] { return ::mallinfo2().uordblks; };
  TestServer server;
  constexpr std::size_t kConnections = 200;
  std::vector<Connection> connections;
  const auto before = allocated();
  for (std::size_t i = 0; i < kConnections; ++i) {
    auto& connection = connections.emplace_back(server.endpoint());
    connection.send(get("/hello", "X: " + std::string(12'000, 'x') + "\r\n"));
    std::string answer;
    while (!answer.ends_with("hello") && connection.read(answer) == Connection::Read::data) {
    }
  }
  REQUIRE(server.journal().wait_for("/hello 200 complete 5", kConnections));
  const auto each = [&] { return (allocated() - before) / kConnections; };
  CHECK(poll_until([&] { return each() < 8000; }));
  CAPTURE(each());
  CHECK(server.connections() == kConnections);
}

TEST_CASE("Connections beyond a limit are told so and closed, and there is room again when one ends") {
  const auto [connections, per_peer, status, why] = GENERATE(table<std::size_t, std::size_t, unsigned, std::string>({
      {2, 9, 503, "there are too many connections"},
      {9, 2, 429, "there are too many connections from this address"},
  }));
  http::Limits limits;
  limits.connections = connections;
  limits.connections_per_peer = per_peer;
  TestServer server(limits);
  std::vector<Caller> callers;
  for (int i = 0; i < 2; ++i) CHECK(callers.emplace_back(server).send(get("/hello")).next().status == 200);
  // Whether it has sent its request or not: it is answered, and not reset.
  for (const auto& request : {get("/hello"), std::string()}) {
    Caller one_too_many(server);
    const auto answer = one_too_many.send(request).next();
    CHECK(answer.status == status);
    CHECK(answer.body == why);
    CHECK(answer.header("Connection") == "close");
    CHECK(one_too_many.ended());
  }
  CHECK(server.counts().over_limit + server.counts().over_peer_limit == 2);
  CHECK((status == 503 ? server.counts().over_limit : server.counts().over_peer_limit) == 2);
  callers.pop_back();
  CHECK(poll_until([&] { return server.connections() == 1; }));
  CHECK(Caller(server).send(get("/hello")).next().status == 200);
}

TEST_CASE("One address that has all its connections leaves others theirs") {
  http::Limits limits;
  limits.connections_per_peer = 2;
  TestServer server(limits);
  std::vector<Caller> callers;
  for (int i = 0; i < 2; ++i) CHECK(callers.emplace_back(server).send(get("/hello")).next().status == 200);
  CHECK(Caller(server).next().status == 429);
  auto other = server.endpoint();
  other.from = "127.0.0.2";
  for (int i = 0; i < 2; ++i) CHECK(callers.emplace_back(other).send(get("/hello")).next().status == 200);
  CHECK(Caller(other).next().status == 429);
}

TEST_CASE("Only so many are told that there are too many connections") {
  http::Limits limits;
  limits.connections = 1;
  TestServer server(limits);
  Caller first(server);
  CHECK(first.send(get("/hello")).next().status == 200);
  std::vector<Caller> turned_away;
  std::size_t told = 0;
  server.on_loop([&] {  // all at once: who is told has a second to go
    for (int i = 0; i < 100; ++i) turned_away.emplace_back(server);
  });
  for (auto& caller : turned_away) told += caller.next().status == 503 ? 1 : 0;
  CHECK(told >= 64);
  CHECK(told < 100);
  CHECK(first.send(get("/hello")).next().status == 200);
}

TEST_CASE("A connection is closed after so many requests") {
  http::Limits limits;
  limits.requests_per_connection = 3;
  TestServer server(limits);
  Caller caller(server);
  caller.send(get("/hello") + get("/hello") + get("/hello") + get("/hello"));
  for (const auto* const connection : {"", "", "close"}) {
    const auto answer = caller.next();
    CHECK(answer.status == 200);
    CHECK(answer.header("Connection") == connection);
  }
  CHECK(caller.ended());
}

TEST_CASE("Ten thousand connections that say nothing cost others nothing") {
  constexpr std::size_t kWanted = 10'000;
  const auto files = allow_open_files(2 * kWanted + 1000);  // both ends are here
  const auto count = std::min<std::size_t>(kWanted, (files - 1000) / 2);
  if (count < kWanted) WARN("only " << count << " connections: the limit of open files is " << files);
  http::Limits limits;
  limits.connections = count;
  limits.connections_per_peer = count;
  TestServer server(limits);
  Caller honest(server);
  std::vector<Connection> silent;
  while (silent.size() + 1 < count) silent.emplace_back(server.endpoint());
  CHECK(poll_until([&] { return server.connections() == count; }));
  CHECK(honest.send(get("/hello")).next().status == 200);
  CHECK(Caller(server).send(get("/hello")).next().status == 503);  // there is no room, and it is told so
  silent.pop_back();
  CHECK(poll_until([&] { return server.connections() == count - 1; }));
  CHECK(Caller(server).send(get("/hello")).next().status == 200);
}

// Going away

TEST_CASE("Going away closes what is idle, and finishes what is busy") {
  TestServer server;
  Caller fresh(server), idle(server), busy(server), half(server);
  CHECK(idle.send(get("/hello")).next().status == 200);
  busy.send(get("/wait"));
  REQUIRE(server.journal().wait_for("waiting"));
  half.send("GET /hello HTTP/1.1\r\n");
  REQUIRE(poll_until([&] { return server.connections() == 4; }));
  CHECK(half.connection().send("Host: a\r\n"));
  // A whole exchange on another connection: by then the server has read the half request.
  CHECK(Caller(server).send(get("/hello", "Connection: close\r\n")).next().status == 200);

  server.stop_accepting();
  CHECK(fresh.ended());
  CHECK(idle.ended());
  CHECK_THROWS(Connection(server.endpoint()));

  half.send("\r\n");
  auto answer = half.next();
  CHECK(answer.status == 200);
  CHECK(answer.header("Connection") == "close");
  CHECK(half.ended());
  server.release();
  answer = busy.next();
  CHECK(answer.body == "waited");
  CHECK(answer.header("Connection") == "close");
  CHECK(busy.ended());
  half.connection().close();
  busy.connection().close();
  CHECK(server.drain(60s));
  CHECK(server.connections() == 0);
}

TEST_CASE("An answer that promised to keep the connection does not hold up the drain") {
  TestServer server;
  Caller caller(server, 4 << 10);
  caller.send(get("/big"));  // its head is out, its body is not
  std::string some;
  REQUIRE(caller.connection().read(some, 100) == Connection::Read::data);
  server.stop_accepting();
  std::size_t total = some.size();
  for (auto read = Connection::Read::data; read == Connection::Read::data;) {
    some.clear();
    read = caller.connection().read(some);
    total += some.size();
  }
  CHECK(total > TestHandler::kBig);
  caller.connection().close();
  CHECK(server.drain(60s));
}

TEST_CASE("What is not done by the deadline is cut off, and stopped") {
  TestServer server;
  Caller reader(server), writer(server), half(server);
  reader.send(get("/wait"));
  writer.send(post("/wait", ""));
  half.send("GET /hello HTTP/1.1\r\n");
  REQUIRE(server.journal().wait_for("waiting", 2));
  server.stop_accepting();
  CHECK_FALSE(server.drain(20ms));
  CHECK(reader.ended());
  CHECK(writer.ended());
  CHECK(half.ended());
  CHECK(server.journal().wait_for("stopped", 2));
  CHECK(poll_until([&] { return server.connections() == 0; }));
}

TEST_CASE("A drain with nothing to do is done") {
  TestServer server;
  server.stop_accepting();
  CHECK(server.drain(60s));
}

TEST_CASE("A server can be destroyed at any time") {
  TestServer server;
  Caller idle(server), waiting(server), flood(server), half(server);
  idle.send(get("/hello")).next();
  waiting.send(get("/wait"));
  flood.send(get("/flood"));
  half.send(post("/echo", "Content-Length: 4\r\n", "x"));
  REQUIRE(server.journal().wait_for("waiting"));
  REQUIRE(poll_until([&] { return server.handler().pieces > 0; }));
  SECTION("while the loop runs on") {
    server.destroy();
    CHECK(server.journal().wait_for("stopped"));
    CHECK(idle.ended());
    CHECK(waiting.ended());
    CHECK(half.ended());
  }
  SECTION("with its loop") {}
}

TEST_CASE("A loop can be destroyed with all that is under way on it") {
  auto loop = std::make_unique<asio::io_context>(1);
  auto handler = std::make_unique<TestHandler>(*loop);
  auto server = std::make_unique<http::Server>(*loop, *handler);
  Endpoint endpoint;
  endpoint.port = server->listen("127.0.0.1:0").port();
  Connection idle(endpoint), waiting(endpoint), half(endpoint);
  waiting.send(get("/wait"));
  half.send(post("/echo", "Content-Length: 4\r\n", "x"));
  const auto waits = [&] { return handler->journal.events() == std::vector<std::string>{"waiting"}; };
  const auto limit = Clock::now() + 60s;
  while (!waits() && Clock::now() < limit) loop->run_one_until(limit);
  REQUIRE(waits());
  server.reset();
  handler.reset();  // as in the program: its timers belong to the loop
  loop.reset();
}

// TLS

TEST_CASE("The same over TLS") {
  TestServer server({}, make_tls_identity());
  Caller caller(server);
  CHECK(caller.send(get("/hello")).next().body == "hello");
  CHECK(caller.send(get("/big")).next().body.size() == TestHandler::kBig);
  CHECK(caller.send(get("/stream")).next().body == "onetwothree");
  caller.send(get("/hello") + get("/hello"));
  CHECK(caller.next().body == "hello");
  CHECK(caller.next().body == "hello");
  SECTION("the end is a proper one") {
    caller.send("GET /stream HTTP/1.0\r\n\r\n");
    std::string raw;
    auto read = Connection::Read::data;
    while (read == Connection::Read::data) read = caller.connection().read(raw);
    CHECK(read == Connection::Read::end);  // close_notify
    CHECK_THAT(raw, Catch::EndsWith("onetwothree"));
  }
  SECTION("but not of a stream that broke off") {
    caller.send("GET /stream/cut HTTP/1.0\r\n\r\n");
    std::string raw;
    auto read = Connection::Read::data;
    while (read == Connection::Read::data) read = caller.connection().read(raw);
    CHECK(read == Connection::Read::reset);
  }
  SECTION("a refusal does not get lost") {
    caller.send(post("/echo", "Content-Length: 2000000\r\n", std::string(2'000'000, 'x')));
    CHECK(caller.next().status == 413);
  }
  SECTION("hanging up is noticed") {
    caller.send(get("/wait"));
    REQUIRE(server.journal().wait_for("waiting"));
    caller.connection().finish_sending();
    caller.connection().close();
    CHECK(server.journal().wait_for("stopped"));
  }
  SECTION("it can be drained") {
    server.stop_accepting();
    CHECK(caller.ended());
    CHECK(server.drain(60s));
  }
}

TEST_CASE("Being slow is told over TLS, too") {
  http::Limits limits;
  limits.head = 50ms;
  TestServer server(limits, make_tls_identity());
  CHECK(Caller(server).send("GET /hello HTTP").next().status == 408);
}

TEST_CASE("What is no TLS ends the connection") {
  http::Limits limits;
  limits.tls_handshake = 1s;  // enough for the honest, too
  TestServer server(limits, make_tls_identity());
  auto plain = server.endpoint();
  plain.tls = false;
  CHECK(Caller(plain).send(get("/hello")).next().status == 0);
  Caller silent(plain);
  CHECK(silent.ended());
  CHECK(poll_until([&] { return server.connections() == 0; }));
  CHECK(server.journal().events().empty());
  CHECK(Caller(server).send(get("/hello")).next().status == 200);
}

}  // namespace
}  // namespace quartermaster::test
