// Requests that must be refused, as bytes at the socket: each is a way to smuggle a second request past a proxy, to
// make the server do unbounded work, or to end the process. After each, nothing that follows on the connection may be
// taken for a request, and the server serves others.
#include <catch2/catch.hpp>

#include "test/unit/server/http_fixture.hpp"

namespace quartermaster::test {
namespace {

using namespace std::chrono_literals;

TestServer& shared_server() {
  static TestServer server;
  return server;
}

std::string request(const std::string& fields, const std::string& line = "GET /echo HTTP/1.1") {
  return line + "\r\n" + fields + "\r\n";
}

/// The refusal is whole, ends the connection, and the server lives.
void check_refused(TestServer& server, const std::string& bytes, unsigned status, const std::string& message) {
  Caller caller(server);
  caller.send(bytes + get("/hello"));
  const auto answer = caller.next();
  CHECK(answer.status == status);
  CHECK_THAT(answer.body, Catch::Contains(message));
  CHECK(answer.complete);
  CHECK(answer.header("Connection") == "close");
  CHECK(caller.ended());
  CHECK(Caller(server).send(get("/hello")).next().body == "hello");
}

TEST_CASE("Bad heads are refused") {
  const std::string host = "Host: a\r\n";
  const auto [status, message, bytes] = GENERATE_COPY(table<unsigned, std::string, std::string>({
      {400, "Host", request("")},
      {400, "Host", request("Host: a\r\nHost: a\r\n")},
      {400, "Host", request("Host: a/b\r\n")},
      {400, "Host", request("Host:\r\n")},
      {400, "Host", request("Host: a b\r\n")},
      {400, "Host", request("Host: user@a\r\n")},
      {400, "Host", request("Host: a:99999\r\n")},
      {400, "Host", request("Host: [::1\r\n")},
      {400, "Host", request("Host: a, b\r\n")},
      {400, "malformed request head", request("Host : a\r\n")},
      {400, "malformed request head", request(host + "no colon\r\n")},
      {400, "malformed request head", request(host + ": no name\r\n")},
      {400, "malformed request head", request(host + "a b: c\r\n")},
      {400, "malformed request head", request(host, "GET  /echo HTTP/1.1")},
      {400, "malformed request head", request(host, "GET /echo")},
      {400, "malformed request head", request(host, "GET /echo HTTP/11")},
      {400, "malformed request head", request(host, "GET /echo http/1.1")},
      {400, "malformed request head", request(host, "GET /a b HTTP/1.1")},
      {400, "malformed request head", request(host, "GET")},
      {400, "control characters", request(host, "GET /\x01 HTTP/1.1")},
      {400, "NUL", request(host + std::string("X: a\0b\r\n", 8))},
      {400, "NUL", request(host, std::string("GET /\0 HTTP/1.1", 15))},
      {400, "line feed", request("Host: a\n")},
      {400, "line feed", "GET /echo HTTP/1.1\nHost: a\n\n"},
      {400, "carriage return", request(host + "X: a\rY: b\r\n")},
      {400, "folded", request(host + "X: a\r\n b\r\n")},
      {400, "folded", request(host + "X: a\r\n\tb\r\n")},
      {400, "", "\r\n\r\n"},
      {400, "this is not HTTP", "\x16\x03\x01\x02"},  // TLS
      {400, "this is not HTTP", "{\"json\": true}"},
      {400, "this is not HTTP", std::string("\0\0\0\0", 4)},
      {501, "Transfer-Encoding", request(host + "Transfer-Encoding: gzip, chunked\r\n", "POST /echo HTTP/1.1")},
      {501, "Transfer-Encoding", request(host + "Transfer-Encoding: chunked, chunked\r\n", "POST /echo HTTP/1.1")},
      {501, "Transfer-Encoding", request(host + "Transfer-Encoding: xchunked\r\n", "POST /echo HTTP/1.1")},
      {501, "Transfer-Encoding", request(host + "Transfer-Encoding: chunked;q=1\r\n", "POST /echo HTTP/1.1")},
      {501, "Transfer-Encoding", request(host + "Transfer-Encoding: \"chunked\"\r\n", "POST /echo HTTP/1.1")},
      {501, "Transfer-Encoding", request(host + "Transfer-Encoding: identity\r\n", "POST /echo HTTP/1.1")},
      {400, "malformed",
       request(host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "POST /echo HTTP/1.1")},
      {400, "HTTP/1.0", request(host + "Transfer-Encoding: chunked\r\n", "POST /echo HTTP/1.0")},
      {400, "", request(host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "POST /echo HTTP/1.1")},
      {400, "", request(host + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", "POST /echo HTTP/1.1")},
      {400, "", request(host + "Content-Length: 1\r\nContent-Length: 1\r\n", "POST /echo HTTP/1.1")},
      {400, "", request(host + "Content-Length: 1\r\nContent-Length: 2\r\n", "POST /echo HTTP/1.1")},
      {400, "", request(host + "Content-Length: 1, 1\r\n", "POST /echo HTTP/1.1")},
      {400, "", request(host + "Content-Length: -1\r\n", "POST /echo HTTP/1.1")},
      {400, "", request(host + "Content-Length: +1\r\n", "POST /echo HTTP/1.1")},
      {400, "", request(host + "Content-Length: 0x1\r\n", "POST /echo HTTP/1.1")},
      {400, "", request(host + "Content-Length:\r\n", "POST /echo HTTP/1.1")},
      {400, "", request(host + "Content-Length: 18446744073709551616\r\n", "POST /echo HTTP/1.1")},
      {417, "Expect", request(host + "Expect: the-unexpected\r\n")},
      {501, "method", request(host, "BREW /echo HTTP/1.1")},
      {501, "method", request(host, "get /echo HTTP/1.1")},
      {501, "method", request(host, "CONNECT a:80 HTTP/1.1")},
      {505, "HTTP/1.1", request(host, "GET /echo HTTP/2.0")},
      {505, "HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
  }));
  CAPTURE(bytes);
  check_refused(shared_server(), bytes, status, message);
}

TEST_CASE("Heads that are too large are refused, and those just not are served") {
  http::Limits limits;
  const auto size = [](const std::string& start, std::size_t total) {
    const std::string end = "\r\n\r\n";
    return start + std::string(total - start.size() - end.size(), 'x') + end;
  };
  const std::string start = "GET /echo HTTP/1.1\r\nHost: a\r\nX: ";
  std::string many;
  for (std::size_t i = 1; i < limits.header_count; ++i) many += "X:\r\n";  // with Host, just enough

  CHECK(Caller(shared_server()).send(size(start, limits.head_bytes)).next().status == 200);
  CHECK(Caller(shared_server()).send(request("Host: a\r\n" + many)).next().status == 200);
  check_refused(shared_server(), size(start, limits.head_bytes + 1), 431, "head");
  check_refused(shared_server(), start + std::string(1 << 20, 'x'), 431, "head");  // and no end at all
  check_refused(shared_server(), request("Host: a\r\nY:\r\n" + many), 431, "100 header fields");
  std::string thousands;
  for (int i = 0; i < 3000; ++i) thousands += "a:\r\n";
  check_refused(shared_server(), request("Host: a\r\n" + thousands), 431, "100 header fields");
  check_refused(shared_server(), get("/" + std::string(limits.target_bytes + 20, 'a')), 414, "target");
  check_refused(shared_server(), "GET /" + std::string(1 << 20, 'a'), 414, "target");
}

TEST_CASE("Bad bodies are refused") {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  std::string extensions;
  for (int i = 0; i < 100; ++i) extensions += "1;a=" + std::string(100, 'x') + "\r\nx\r\n";
  const auto [status, message, bytes] = GENERATE_COPY(table<unsigned, std::string, std::string>({
      {413, "1000", post("/echo", "Content-Length: 1001\r\n")},  // at once, not when it has come
      {413, "1000", post("/echo", "Content-Length: 18446744073709551615\r\n")},
      {413, "1000", post("/echo", chunked, "3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n")},
      {413, "1000", post("/echo", chunked, "ffffffffffffffff\r\n" + std::string(1001, 'x'))},
      {400, "", post("/echo", chunked, "10000000000000000\r\n" + std::string(1001, 'x'))},
      {413, "1000",
       post("/echo", chunked,
            "1f4\r\n" + std::string(500, 'x') + "\r\n1f4\r\n" + std::string(500, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n")},
      {400, "malformed request body", post("/echo", chunked, "x\r\n")},
      {400, "malformed request body", post("/echo", chunked, "-1\r\nx\r\n0\r\n\r\n")},
      {400, "malformed request body", post("/echo", chunked, "0x1\r\nx\r\n0\r\n\r\n")},
      {400, "malformed request body", post("/echo", chunked, "1\r\nxx\r\n0\r\n\r\n")},
      {400, "malformed request body", post("/echo", chunked, "1\nx\n0\n\n")},
      {400, "malformed request body", post("/echo", chunked, "1;" + std::string(5000, 'x') + "\r\nx\r\n0\r\n\r\n")},
      {400, "malformed request body", post("/echo", chunked, "1;" + std::string(1 << 20, 'x'))},
      {400, "malformed request body", post("/echo", chunked, extensions + "0\r\n\r\n")},
      {400, "malformed request body", post("/echo", chunked, "0\r\n" + std::string(70'000, 'x'))},
      {400, "malformed request body", post("/echo", chunked, "0\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n")},
  }));
  CAPTURE(bytes.substr(0, 200));
  check_refused(shared_server(), bytes, status, message);
}

TEST_CASE("Trailers are refused") {
  // They would show up as header fields.
  const std::string trailer = GENERATE("X: y", "Authorization: Bearer x", "Content-Length: 5");
  Caller caller(shared_server());
  caller.send(post("/echo", "Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n" + trailer + "\r\n\r\n"));
  const auto answer = caller.next();
  CHECK(answer.status == 400);
  CHECK(answer.header("Connection") == "close");
  CHECK(caller.ended());
}

TEST_CASE("A large refused body does not lose the answer") {
  // The caller reads nothing before it has sent all: closing early would reset the connection.
  Caller caller(shared_server());
  CHECK(caller.connection().send(post("/echo", "Content-Length: 8000000\r\n", std::string(8'000'000, 'x'))));
  CHECK(caller.next().status == 413);
  CHECK(caller.ended());
}

TEST_CASE("Whoever is too slow is told so") {
  http::Limits limits;
  limits.head = 200ms;
  limits.body = 200ms;
  TestServer server(limits);
  SECTION("with the head") {
    Caller caller(server);
    const auto answer = caller.send("GET /hello HTTP/1.1\r\nHost").next();
    CHECK(answer.status == 408);
    CHECK(answer.body == "the request head did not arrive in time");
    CHECK(caller.ended());
    CHECK(server.journal().wait_for("refused 408 complete 39"));
  }
  SECTION("with the second head") {
    Caller caller(server);
    CHECK(caller.send(get("/hello") + "GET").next().status == 200);
    CHECK(caller.next().status == 408);
  }
  SECTION("with the body") {
    Caller caller(server);
    const auto answer = caller.send(post("/echo", "Content-Length: 2\r\n", "x")).next();
    CHECK(answer.status == 408);
    CHECK(answer.body == "the body did not arrive in time");
    CHECK(caller.ended());
  }
  SECTION("with a chunk") {
    CHECK(Caller(server).send(post("/echo", "Transfer-Encoding: chunked\r\n", "5\r\nx")).next().status == 408);
  }
  SECTION("byte by byte") {
    Caller caller(server);
    const auto bytes = get("/hello", "X: " + std::string(10'000, 'x') + "\r\n");
    std::size_t sent = 0;
    std::string answer;
    while (sent < bytes.size() && caller.connection().send(bytes.substr(sent, 1)) &&
           caller.connection().read(answer, 1000, 1ms) == Connection::Read::timed_out) {
      ++sent;
    }
    CHECK(sent < bytes.size());
    CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 408 "));
  }
  SECTION("empty lines are no progress") {
    Caller caller(server);
    std::string answer;
    while (caller.connection().send("\r\n") &&
           caller.connection().read(answer, 1000, 1ms) == Connection::Read::timed_out) {
    }
    CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 4"));
  }
}

TEST_CASE("An idle connection is closed without a word") {
  http::Limits limits;
  limits.idle = 300ms;
  TestServer server(limits);
  CHECK(Caller(server).ended());
  Caller caller(server);
  CHECK(caller.send(get("/hello")).next().status == 200);
  CHECK(caller.ended());
  CHECK(server.journal().wait_for("/hello 200 complete 5"));
  CHECK(server.journal().events().size() == 1);
}

}  // namespace
}  // namespace quartermaster::test
