// A connection's life: requests one after the other, in all the forms that HTTP allows.
#include <algorithm>
#include <catch2/catch.hpp>

#include "test/support/wait.hpp"
#include "test/unit/server/http_fixture.hpp"

namespace quartermaster::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("A request is answered, and the connection kept") {
  TestServer server;
  Caller caller(server);
  for (int i = 0; i < 3; ++i) {
    const auto answer = caller.send(get("/hello")).next();
    CHECK(answer.status == 200);
    CHECK(answer.body == "hello");
    CHECK(answer.header("Content-Length") == "5");
    CHECK(answer.header("Content-Type") == "text/plain");
    CHECK_FALSE(answer.has_header("Connection"));
    CHECK_THAT(answer.header("Date"),
               Catch::Matches("[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT"));
  }
  CHECK(server.connections() == 1);
  CHECK(server.journal().wait_for("/hello 200 complete 5", 3));
}

TEST_CASE("What ends a connection, and what keeps it") {
  const auto [fields, version, kept] = GENERATE(table<std::string, std::string, bool>({
      {"", "1.1", true},
      {"Connection: keep-alive\r\n", "1.1", true},
      {"Connection: close\r\n", "1.1", false},
      {"Connection: Close, x\r\n", "1.1", false},
      {"", "1.0", false},
      {"Connection: keep-alive\r\n", "1.0", true},
      {"Connection: close\r\n", "1.0", false},
  }));
  CAPTURE(fields, version);
  TestServer server;
  Caller caller(server);
  const auto answer = caller.send("GET /hello HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n").next();
  CHECK(answer.status == 200);
  CHECK(answer.body == "hello");
  CHECK(answer.header("Connection") == (!kept ? "close" : version == "1.0" ? "keep-alive" : ""));
  if (kept) {
    CHECK(caller.send(get("/hello")).next().status == 200);
  } else {
    CHECK(caller.ended());
  }
}

TEST_CASE("Pipelined requests are answered in order, however the bytes are cut") {
  std::string bytes;
  constexpr int kRequests = 50;
  for (int i = 0; i < kRequests; ++i) {
    const auto body = "body " + std::to_string(i);
    const auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    const auto chunks = "3\r\n" + body.substr(0, 3) + "\r\n" + std::to_string(body.size() - 3) + ";x=y\r\n" +
                        body.substr(3) + "\r\n0\r\n\r\n";
    bytes += i % 3 == 0   ? post("/echo", length, body)
             : i % 3 == 1 ? post("/echo", "Transfer-Encoding: chunked\r\n", chunks)
                          : get("/hello") + "\r\n";  // an empty line too many is forgiven
  }
  const auto cut = GENERATE(as<std::size_t>{}, 1, 7, 1000, 100'000);
  CAPTURE(cut);
  TestServer server;
  Caller caller(server);
  for (std::size_t at = 0; at < bytes.size(); at += cut) caller.send(bytes.substr(at, cut));
  for (int i = 0; i < kRequests; ++i) {
    CAPTURE(i);
    const auto answer = caller.next();
    CHECK(answer.status == 200);
    CHECK(answer.body == (i % 3 == 2 ? "hello" : "body " + std::to_string(i)));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("Answers without a body have none, and the next one follows at once") {
  TestServer server;
  Caller caller(server);
  caller.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" + get("/hello"));
  auto head = caller.next(true);
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == "5");
  CHECK(caller.next().body == "hello");

  caller.send("HEAD /flood HTTP/1.1\r\nHost: a\r\n\r\n" + get("/hello"));
  CHECK(caller.next(true).status == 200);
  CHECK(caller.next().body == "hello");
  CHECK(server.handler().pieces == 0);

  for (const unsigned status : {204U, 304U}) {
    caller.send(get("/empty/" + std::to_string(status)) + get("/hello"));
    head = caller.next();
    CHECK(head.status == status);
    CHECK_FALSE(head.has_header("Content-Length"));
    CHECK(caller.next().body == "hello");
  }
  caller.send(get("/empty/200"));
  CHECK(caller.next().header("Content-Length") == "0");
}

TEST_CASE("Many requests in one go do not keep others waiting") {
  TestServer server;
  Caller greedy(server), modest(server);
  for (auto* caller : {&greedy, &modest}) CHECK(caller->send(get("/hello")).next().status == 200);
  std::string many;
  constexpr int kMany = 60;  // so that the server reads all of them at once
  for (int i = 0; i < kMany; ++i) many += get("/hello");
  // Both lie there when the loop goes on.
  server.on_loop([&] {
    greedy.send(many);
    modest.send(get("/echo"));
  });
  CHECK(modest.next().status == 200);
  for (int i = 0; i < kMany; ++i) CHECK(greedy.next().status == 200);
  const auto events = server.journal().events();
  const auto served = std::ranges::find(events, "/echo 200 complete 0");
  REQUIRE(served != events.end());
  CHECK(served - events.begin() < 10);
}

TEST_CASE("100 Continue is sent when the handler wants the body") {
  TestServer server;
  Caller caller(server);
  const std::string expect = "Expect: 100-continue\r\n";
  SECTION("accepted") {
    CHECK(caller.send(post("/echo", expect + "Content-Length: 4\r\n")).next().status == 100);
    CHECK(caller.send("body").next().body == "body");
  }
  SECTION("accepted, in chunks") {
    CHECK(caller.send(post("/echo", expect + "Transfer-Encoding: chunked\r\n")).next().status == 100);
    CHECK(caller.send("4\r\nbody\r\n0\r\n\r\n").next().body == "body");
  }
  SECTION("refused by the handler: the connection ends, as the body may or may not come") {
    CHECK(caller.send(post("/refuse", expect + "Content-Length: 4\r\n")).next().status == 403);
    CHECK(caller.ended());
  }
  SECTION("refused for its length") {
    CHECK(caller.send(post("/echo", expect + "Content-Length: 1001\r\n")).next().status == 413);
    CHECK(caller.ended());
  }
  SECTION("no body announced") { CHECK(caller.send(get("/hello", expect)).next().status == 200); }
  SECTION("HTTP/1.0 knows no such answer") {
    caller.send("POST /echo HTTP/1.0\r\nContent-Length: 4\r\n" + expect + "\r\n");
    caller.send("body");
    const auto answer = caller.next();
    CHECK(answer.status == 200);
    CHECK(answer.body == "body");
  }
}

TEST_CASE("100 Continue is not sent before the handler has decided") {
  TestServer server;
  Caller caller(server);
  caller.send(post("/wait/accept", "Expect: 100-continue\r\nContent-Length: 4\r\n"));
  REQUIRE(server.journal().wait_for("waiting"));
  // A whole exchange of another caller: had 100 Continue been sent, it would be here.
  CHECK(Caller(server).send(get("/hello")).next().status == 200);
  std::string early;
  CHECK(caller.connection().read(early, 100, 0ms) == Connection::Read::timed_out);
  server.release();
  CHECK(caller.next().status == 100);
  CHECK(caller.send("body").next().body == "waited");
}

TEST_CASE("A refusal before the body ends the connection") {
  TestServer server;
  Caller caller(server);
  SECTION("with a body to come") {
    caller.send(post("/refuse", "Content-Length: 500000\r\n", std::string(500'000, 'x')) + get("/hello"));
    const auto answer = caller.next();
    CHECK(answer.status == 403);
    CHECK(answer.header("Connection") == "close");
    CHECK(caller.ended());
  }
  SECTION("without") {
    CHECK(caller.send(get("/refuse")).next().status == 403);
    CHECK(caller.send(get("/hello")).next().status == 200);
  }
}

TEST_CASE("What the handler throws is a 500, and the server lives") {
  TestServer server;
  Caller caller(server);
  const auto [path, what] =
      GENERATE(table<std::string, std::string>({{"/throw", "bug in handle"}, {"/throw/accept", "bug in accept"}}));
  const auto answer = caller.send(get(path)).next();
  CHECK(answer.status == 500);
  CHECK(answer.body == "internal error");
  CHECK(server.journal().wait_for("failed " + what));
  CHECK(server.journal().wait_for(path + " 500 complete 14"));
  CHECK(caller.send(get("/hello")).next().status == 200);
}

TEST_CASE("A handler can end the connection without an answer") {
  TestServer server;
  Caller caller(server);
  CHECK(caller.send(get("/abort")).ended());
  CHECK(server.journal().wait_for("/abort 0 cut 0"));
}

TEST_CASE("A header that would split the answer is not sent") {
  TestServer server;
  Caller caller(server);
  const auto answer = caller.send(get("/bad-header")).next();
  CHECK(answer.status == 200);
  CHECK_FALSE(answer.has_header("X-Bad"));
  CHECK_FALSE(answer.has_header("X-Injected"));
}

TEST_CASE("The answer is whole though the caller has said more than was read, or nothing more") {
  TestServer server;
  Caller caller(server);
  SECTION("more, after Connection: close") {
    caller.send(get("/big", "Connection: close\r\n") + std::string(100'000, 'x'));
    CHECK(caller.next().body.size() == TestHandler::kBig);
    CHECK(caller.ended());
  }
  SECTION("more, after a refusal") {
    caller.send("garbage\r\n\r\n" + std::string(100'000, 'x'));
    CHECK(caller.next().status == 400);
    CHECK(caller.ended());
  }
  SECTION("half-closed") {
    caller.send(post("/echo", "Content-Length: 4\r\n", "body") + post("/echo", "Content-Length: 5\r\n", "body2"));
    caller.connection().finish_sending();
    CHECK(caller.next().body == "body");
    CHECK(caller.next().body == "body2");
    CHECK(caller.ended());
  }
}

TEST_CASE("A caller that leaves in the middle of a request is not answered") {
  TestServer server;
  const auto [bytes, event] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"GET /hel", ""},
      {post("/echo", "Content-Length: 4\r\n", "bo"), "/echo 400 cut 0"},
  }));
  {
    Caller caller(server);
    CHECK(caller.send(get("/hello")).next().status == 200);  // one that is gone before it is accepted is not heard
    caller.send(bytes);
    caller.connection().reset();
  }
  CHECK(Caller(server).send(get("/hello")).next().status == 200);
  if (!event.empty()) CHECK(server.journal().wait_for(event));
}

// Abandoned requests

TEST_CASE("What only reads is stopped when its caller hangs up") {
  const bool abruptly = GENERATE(false, true);
  CAPTURE(abruptly);
  TestServer server;
  Caller caller(server);
  caller.send(get("/hello"));  // an earlier request on the connection changes nothing
  CHECK(caller.next().status == 200);
  caller.send(get("/wait"));
  REQUIRE(server.journal().wait_for("waiting"));
  if (abruptly)
    caller.connection().reset();
  else
    caller.connection().close();
  CHECK(server.journal().wait_for("stopped"));
  CHECK(server.journal().wait_for("/wait 0 cut 0"));
}

TEST_CASE("It is stopped even if more bytes of the caller lie unread") {
  TestServer server;
  Caller caller(server);
  caller.send(get("/wait"));
  REQUIRE(server.journal().wait_for("waiting"));
  caller.send(get("/hello"));
  caller.connection().close();
  CHECK(server.journal().wait_for("stopped"));
}

TEST_CASE("What writes goes on though its caller hangs up") {
  TestServer server;
  Caller caller(server);
  caller.send(post("/wait", ""));
  REQUIRE(server.journal().wait_for("waiting"));
  caller.connection().reset();
  // Had the server noticed, it would have by the time that it serves somebody else's whole exchange.
  CHECK(Caller(server).send(get("/hello")).next().status == 200);
  server.release();
  CHECK(server.journal().wait_for("released"));
  CHECK(server.journal().wait_for("/wait 200 cut 0"));
}

TEST_CASE("A caller that is there is not taken for one that left") {
  TestServer server;
  Caller caller(server);
  caller.send(get("/wait"));
  REQUIRE(server.journal().wait_for("waiting"));
  caller.send(get("/wait") + "GET /hello HTTP/1.1\r\n");
  server.release();
  CHECK(caller.next().body == "waited");
  REQUIRE(server.journal().wait_for("waiting", 2));
  server.release();
  CHECK(caller.next().body == "waited");
  CHECK(caller.send("Host: a\r\n\r\n").next().body == "hello");
}

// Streams

TEST_CASE("Streams are sent in chunks, piece by piece") {
  TestServer server;
  Caller caller(server);
  caller.send(get("/stream"));
  std::string raw;
  while (!raw.ends_with("\r\n0\r\n\r\n") && caller.connection().read(raw) == Connection::Read::data) {
  }
  CHECK_THAT(raw, Catch::Contains("Transfer-Encoding: chunked\r\n"));
  CHECK_THAT(raw, !Catch::Contains("Content-Length"));
  CHECK_THAT(raw, Catch::EndsWith("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"));
  CHECK(server.journal().wait_for("/stream 200 complete 11"));
  CHECK(caller.send(get("/hello")).next().status == 200);
}

TEST_CASE("To HTTP/1.0 a stream ends with the connection") {
  TestServer server;
  Caller caller(server);
  caller.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto raw = caller.connection().read_all();
  CHECK_THAT(raw, !Catch::Contains("Transfer-Encoding"));
  CHECK_THAT(raw, Catch::Contains("Connection: close\r\n"));
  CHECK_THAT(raw, Catch::EndsWith("\r\n\r\nonetwothree"));
}

TEST_CASE("A stream that breaks off can be told from one that ends") {
  TestServer server;
  const auto [path, failure] =
      GENERATE(table<std::string, std::string>({{"/stream/cut", ""}, {"/throw/stream", "failed bug in a stream"}}));
  CAPTURE(path);
  SECTION("by its last chunk") {
    Caller caller(server);
    const auto answer = caller.send(get(path)).next();
    CHECK(answer.status == 200);
    CHECK(answer.body == "one");
    CHECK_FALSE(answer.complete);
    CHECK(server.journal().wait_for(path + " 200 cut 3"));
    if (!failure.empty()) CHECK(server.journal().wait_for(failure));
  }
  SECTION("by a reset, where there are no chunks") {
    Caller caller(server);
    caller.send("GET " + path + " HTTP/1.0\r\n\r\n");
    std::string raw;
    auto read = Connection::Read::data;
    while (read == Connection::Read::data) read = caller.connection().read(raw);
    CHECK(read == Connection::Read::reset);
  }
}

TEST_CASE("A stream is read no faster than the caller reads") {
  TestServer server;
  Caller caller(server, 16 << 10);
  caller.send(get("/flood"));
  std::string read;
  std::size_t total = 0;
  for (int i = 0; i < 200; ++i) {
    read.clear();
    REQUIRE(caller.connection().read(read) == Connection::Read::data);
    total += read.size();
    // What the kernel buffers on both sides, and the piece that is under way.
    REQUIRE(server.handler().pieces * TestHandler::kPiece <= total + (16U << 20));
  }
}

TEST_CASE("A caller that reads nothing is cut off") {
  http::Limits limits;
  limits.write = 50ms;
  TestServer server(limits);
  const std::string path = GENERATE("/flood", "/big");
  CAPTURE(path);
  Caller caller(server, 4 << 10);
  // Enough of them to fill what the kernel buffers; the last is only answered as far as that.
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += get(path);
  caller.send(requests);
  const auto was_cut = [&] {
    for (const auto& event : server.journal().events()) {
      if (event.starts_with(path + " 200 cut ")) return true;
    }
    return false;
  };
  REQUIRE(poll_until(was_cut));
  CHECK(server.handler().pieces * TestHandler::kPiece <= (16U << 20));
  CHECK(poll_until([&] { return server.connections() == 0; }));
}

}  // namespace
}  // namespace quartermaster::test
