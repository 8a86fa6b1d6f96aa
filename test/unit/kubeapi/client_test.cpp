// One request and its answer: what is sent, what comes back, and what is done again.
#include <catch2/catch.hpp>

#include "test/support/temp_dir.hpp"
#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

const std::string kOk = http_answer(200, R"({"a":1})");

TEST_CASE_METHOD(ClientFixture, "a request carries what the API server needs", "[client]") {
  server().script({answer(kOk)});
  auto config = server().config();
  config.base_path = "/prefix";
  config.token = "t0ken";
  options.user_agent = "quartermaster/1";
  connect(config);
  Call call;
  call.request_id = "id-7";

  const auto response = ask(get("/api/v1/pods?limit=5"), call);
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->body == R"({"a":1})");

  const auto& request = server().requests().at(0);
  CHECK(request.starts_with("GET /prefix/api/v1/pods?limit=5 HTTP/1.1\r\n"));
  CHECK(header(request, "Host") == "127.0.0.1:" + std::to_string(server().port()));
  CHECK(header(request, "User-Agent") == "quartermaster/1");
  CHECK(header(request, "Accept") == "application/json");
  CHECK(header(request, "Authorization") == "Bearer t0ken");
  CHECK(header(request, "X-Request-Id") == "id-7");
  CHECK(header(request, "Content-Length").empty());
  REQUIRE(observer.done.size() == 1);
  CHECK(observer.done[0].resource == "things");
  CHECK(observer.done[0].code == 200);
}

TEST_CASE_METHOD(ClientFixture, "a body is sent with its type and length", "[client]") {
  server().script({answer(kOk)});
  auto request = post("/x", R"({"b":2})");
  request.content_type = "application/merge-patch+json";
  REQUIRE(ask(request));
  const auto& sent = server().requests().at(0);
  CHECK(sent.starts_with("POST /x HTTP/1.1\r\n"));
  CHECK(header(sent, "Content-Type") == "application/merge-patch+json");
  CHECK(header(sent, "Content-Length") == "7");
  CHECK(header(sent, "Authorization").empty());
  CHECK(sent.ends_with("\r\n\r\n{\"b\":2}"));
}

TEST_CASE_METHOD(ClientFixture, "what would end the request line is not sent", "[client]") {
  server().answer_all();
  const auto target = GENERATE(as<std::string>{}, "/a b", "/a\r\nX: y", "/a\nb", std::string("/a\0b", 4), "/\xc3\xa4");
  const auto response = ask(get(target));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::internal);
  CHECK(server().accepted() == 0);

  Call call;
  call.request_id = "a\r\nX: y";
  REQUIRE(ask(get("/"), call));
  CHECK(header(server().requests().at(0), "X").empty());
}

TEST_CASE_METHOD(ClientFixture, "any framing of a body is read", "[client]") {
  const auto [answer_bytes, body] = GENERATE(table<std::string, std::string>({
      {http_answer(200, "abc"), "abc"},
      {http_answer(200, ""), ""},
      {http_answer(201, std::string(100'000, 'x')), std::string(100'000, 'x')},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("abc") + chunk("de") + chunk(""), "abcde"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=\"v\"\r\nabc\r\n0\r\nTrailer: t\r\n\r\n", "abc"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(std::string(70'000, 'y')) + chunk(""),
       std::string(70'000, 'y')},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"},
      {"HTTP/1.0 200 OK\r\n\r\nold", "old"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + http_answer(200, "after"), "after"},
      {"HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\nz", "z"},
  }));
  server().script({answer(answer_bytes), finish()});
  const auto response = ask(get("/"), within(std::chrono::seconds(30)));
  REQUIRE(response);
  CHECK(response->body == body);
}

TEST_CASE_METHOD(ClientFixture, "an answer may come byte by byte", "[client]") {
  const std::string bytes =
      GENERATE(as<std::string>{}, http_answer(200, "abc"),
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n");
  Script script{answer("")};
  for (const char c : bytes) script.push_back(send(std::string(1, c)));
  server().script(script);
  const auto response = ask(get("/"));
  REQUIRE(response);
  CHECK(response->body == "abc");
}

TEST_CASE_METHOD(ClientFixture, "an answer without content, byte by byte", "[client]") {
  const std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  Script script{answer("")};
  for (const char c : bytes) script.push_back(send(std::string(1, c)));
  server().script(script);
  const auto response = ask(get("/"));
  REQUIRE(response);
  CHECK(response->body.empty());
}

TEST_CASE_METHOD(ClientFixture, "an answer that makes no sense is bad_gateway", "[client]") {
  const std::string bytes = GENERATE(
      as<std::string>{}, "garbage\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 999999 OK\r\n\r\n",
      "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nz",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA: " + std::string(20'000, 'a') + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(20'000, 'e') + "\r\nabc\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + std::string(70'000, 't') + "\r\n\r\n",
      std::string(20'000, '\0'), "HTTP/1.1 101 Switching\r\n\r\nxyz", "\r\n\r\n\r\n\r\n");
  server().script({answer(bytes), finish()});
  CAPTURE(bytes.substr(0, 100));
  const auto response = ask(get("/"), within(std::chrono::seconds(30)));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
  CHECK(response.error().message.starts_with("the API server's answer "));
  CHECK(client().pool_stats().idle == 0);
  CHECK(client().pool_stats().in_use == 0);
}

TEST_CASE_METHOD(ClientFixture, "an endless head is cut off", "[client]") {
  const bool first_line = GENERATE(true, false);
  server().script({answer(first_line ? "HTTP/1.1 200 " : "HTTP/1.1 200 OK\r\n"),
                   flood(first_line ? std::string(999, 'x') : "A: " + std::string(96, 'b') + "\r\n")});
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
}

TEST_CASE_METHOD(ClientFixture, "endless interim answers are cut off", "[client]") {
  server().script({answer(""), flood("HTTP/1.1 102 Processing\r\n\r\n")});
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
}

TEST_CASE_METHOD(ClientFixture, "a body larger than the limit is refused", "[client]") {
  options.max_response_bytes = 1000;
  const bool chunked = GENERATE(true, false);
  server().script({answer(chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  : "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"),
                   flood(chunked ? chunk(std::string(100, 'x')) : std::string(100, 'x'))});
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
  CHECK(response.error().message == "the API server's answer makes no sense: it is larger than 1000 bytes");
}

TEST_CASE_METHOD(ClientFixture, "warnings are handed on as text", "[client]") {
  server().script({answer(http_answer(200, "{}",
                                      "Warning: 299 - \"is \\\"deprecated\\\"\" \"Sat, 25 Aug 2012 23:34:45 GMT\"\r\n"
                                      "Warning: 299 - \"two\"\r\n"))});
  const auto response = ask(get("/"));
  REQUIRE(response);
  CHECK(response->warnings == std::vector<std::string>{"is \"deprecated\"", "two"});
}

TEST_CASE_METHOD(ClientFixture, "a HEAD request's answer has no body", "[client]") {
  server().script({answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), answer(kOk)});
  auto request = get("/");
  request.method = kubeapi::http::verb::head;
  REQUIRE(ask(request));
  REQUIRE(ask(get("/")));
  CHECK(server().accepted() == 1);
}

TEST_CASE_METHOD(ClientFixture, "a Status is an error of its kind", "[client]") {
  server().script({answer(http_answer(404, R"({"kind":"Status","message":"pods \"x\" not found"})")), answer(kOk)});
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::not_found);
  CHECK(response.error().message == "pods \"x\" not found");
  REQUIRE(ask(get("/")));
  CHECK(server().accepted() == 1);
  CHECK(observer.done.at(0).code == 404);
}

TEST_CASE_METHOD(ClientFixture, "an answer that comes before all of the request was read counts", "[client]") {
  server().script({send(http_answer(413, R"({"kind":"Status","message":"too large"})")), finish()});
  const auto response = ask(post("/", std::string(8 << 20, 'x')));
  REQUIRE_FALSE(response);
  // What the server has not read makes its kernel reset the connection, and then the answer may be lost.
  CHECK((response.error().code == ErrorCode::payload_too_large || response.error().code == ErrorCode::unavailable));
  CHECK(client().pool_stats().idle == 0);
}

// Connections that end.

TEST_CASE_METHOD(ClientFixture, "a GET on a kept connection that had died is sent again, once", "[client]") {
  const auto end = GENERATE(Step::What::cut, Step::What::reset, Step::What::finish);
  server().script({answer(kOk), answer(""), {end}}).script({answer(kOk), hang()});
  REQUIRE(ask(get("/1")));
  REQUIRE(ask(get("/2")));
  CHECK(server().requests().size() == 3);
  CHECK(server().accepted() == 2);
  CHECK(observer.retries.size() == 1);
}

TEST_CASE_METHOD(ClientFixture, "the retry is not repeated", "[client]") {
  server().script({answer(kOk), answer(""), cut()}).script({answer(""), cut()});
  REQUIRE(ask(get("/1")));
  const auto response = ask(get("/2"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unavailable);
  CHECK(response.error().retry_after == std::chrono::seconds(1));
  CHECK(server().requests().size() == 3);
}

TEST_CASE_METHOD(ClientFixture, "what may have changed something is not sent twice", "[client]") {
  server().script({answer(kOk), answer(""), cut()}).script({answer(kOk)});
  REQUIRE(ask(get("/1")));
  const auto response = ask(post("/2", "{}"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unavailable);
  CHECK(server().requests().size() == 2);
}

TEST_CASE_METHOD(ClientFixture, "a GET on a new connection that dies is not sent twice", "[client]") {
  server().script({answer(""), cut()}).script({answer(kOk)});
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unavailable);
  CHECK(response.error().message == "the API server closed the connection without an answer");
  CHECK(server().requests().size() == 1);
}

TEST_CASE_METHOD(ClientFixture, "a GET whose answer had begun is not sent twice", "[client]") {
  server().script({answer(kOk), answer("HTTP/1.1 200"), cut()}).script({answer(kOk)});
  REQUIRE(ask(get("/1")));
  const auto response = ask(get("/2"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
  CHECK(response.error().message == "the API server's answer ends too early");
}

TEST_CASE_METHOD(ClientFixture, "a connection that is seen to be closed is not used", "[client]") {
  server().script({answer(kOk), finish()}).script({answer(kOk)});
  REQUIRE(ask(get("/1")));
  run_until(loop, [&] { return server().open() == 0; });
  REQUIRE(ask(post("/2", "{}")));
  CHECK(observer.retries.empty());
}

TEST_CASE_METHOD(ClientFixture, "the server goes away and comes back", "[client]") {
  server().answer_all();
  REQUIRE(ask(get("/1")));
  server().stop();
  const auto response = ask(get("/2"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unavailable);
  CHECK(response.error().message == "the API server http://127.0.0.1:" + std::to_string(server().port()) +
                                        " cannot be reached: Connection refused");
  REQUIRE_FALSE(ask(get("/3")));
  server().start();
  REQUIRE(ask(get("/4")));
  REQUIRE(observer.reachable.size() == 3);
  CHECK(observer.reachable[0].first);
  CHECK_FALSE(observer.reachable[1].first);
  CHECK(observer.reachable[1].second == response.error().message);
  CHECK(observer.reachable[2].first);
}

// Deadlines and cancellation.

TEST_CASE_METHOD(ClientFixture, "the deadline ends a wait for the answer", "[client]") {
  const auto script = GENERATE(Script{hang()}, Script{answer("HTTP/1.1 200 OK\r\n"), hang()},
                               Script{answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), hang()},
                               Script{answer("HTTP/1.1 404 OK\r\nContent-Length: 5\r\n\r\nabc"), hang()});
  server().script(script);
  const auto response = ask(get("/"), within(std::chrono::milliseconds(20)));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::timeout);
  CHECK(client().pool_stats().in_use == 0);
  CHECK(client().pool_stats().idle == 0);
}

TEST_CASE_METHOD(ClientFixture, "a deadline that has passed sends nothing", "[client]") {
  server().answer_all();
  const auto response = ask(get("/"), within(std::chrono::seconds(-1)));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::timeout);
  CHECK(server().accepted() == 0);
}

TEST_CASE_METHOD(ClientFixture, "stopping ends a wait for the answer at once", "[client]") {
  const auto bytes = GENERATE("", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
  server().script({answer(bytes), hang()});
  std::stop_source stop;
  Call call;
  call.stop = stop.get_token();
  auto pending = start(get("/"), call);
  until_requested();
  stop.request_stop();
  const auto response = pending.get();
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::cancelled);
  run_until(loop, [&] { return server().open() == 0; });
}

TEST_CASE_METHOD(ClientFixture, "a request that was stopped before sends nothing", "[client]") {
  server().answer_all();
  std::stop_source stop;
  stop.request_stop();
  Call call;
  call.stop = stop.get_token();
  const auto response = ask(get("/"), call);
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::cancelled);
  CHECK(server().accepted() == 0);
}

TEST_CASE_METHOD(ClientFixture, "stopping ends the sending of a body that nobody reads", "[client]") {
  server().script({ignore()});
  std::stop_source stop;
  Call call;
  call.stop = stop.get_token();
  auto pending = start(post("/", std::string(64 << 20, 'x')), call);
  run_until(loop, [&] { return server().accepted() == 1; });
  stop.request_stop();
  const auto response = pending.get();
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::cancelled);
}

// Tokens.

TEST_CASE_METHOD(ClientFixture, "after a 401 the token is read again and the request repeated, whatever it is",
                 "[client]") {
  const TempDir dir;
  server().script({reply([&](const std::string& request) {
                     if (header(request, "Authorization") == "Bearer new") return kOk;
                     dir.write("token", "new\n");
                     return http_answer(401, "{}");
                   }),
                   answer(kOk), answer(kOk)});
  auto config = server().config();
  config.token_file = dir.write("token", "old\n");
  connect(config);
  const auto request = GENERATE(get("/"), post("/", "{}"));
  REQUIRE(ask(request));
  REQUIRE(server().requests().size() == 2);
  CHECK(header(server().requests()[0], "Authorization") == "Bearer old");
  CHECK(header(server().requests()[1], "Authorization") == "Bearer new");
  CHECK(server().accepted() == 1);
  CHECK(observer.retries.size() == 1);
}

TEST_CASE_METHOD(ClientFixture, "a new token serves all requests that were sent with the old one", "[client]") {
  const TempDir dir;
  server().script(Script(100, reply([&](const std::string& request) {
                           if (header(request, "Authorization") == "Bearer new") return kOk;
                           dir.write("token", "new");
                           return http_answer(401, "{}");
                         })));
  auto config = server().config();
  config.token_file = dir.write("token", "old");
  connect(config);
  std::vector<Running<Result<kubeapi::Response>>> pending;
  for (int i = 0; i < 10; ++i) pending.push_back(start(get("/")));
  for (auto& each : pending) CHECK(each.get());
  CHECK(server().requests().size() <= 20);
}

TEST_CASE_METHOD(ClientFixture, "a second 401 is bad_gateway", "[client]") {
  const TempDir dir;
  server().script({answer(http_answer(401, "{}")), answer(http_answer(401, "{}")), answer(kOk)});
  auto config = server().config();
  config.token_file = dir.write("token", "s3cret");
  connect(config);
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
  CHECK(response.error().message == "the API server refuses our credentials");
  CHECK(server().requests().size() == 2);
}

TEST_CASE_METHOD(ClientFixture, "a 401 is not repeated with a token that cannot change", "[client]") {
  server().script({answer(http_answer(401, "{}")), answer(kOk)});
  auto config = server().config();
  config.token = "fixed";
  connect(config);
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
  CHECK(server().requests().size() == 1);
}

TEST_CASE_METHOD(ClientFixture, "a token file that comes later is used", "[client]") {
  const TempDir dir;
  server().script({answer(http_answer(401, "{}")), answer(http_answer(401, "{}")), answer(kOk)});
  options.token_reread = {};
  auto config = server().config();
  config.token_file = dir.path("token");
  connect(config);
  REQUIRE_FALSE(ask(get("/")));
  CHECK(header(server().requests()[0], "Authorization").empty());
  CHECK(observer.credentials.size() == 1);
  dir.write("token", "late");
  REQUIRE(ask(get("/")));
  CHECK(header(server().requests().back(), "Authorization") == "Bearer late");
}

}  // namespace
}  // namespace quartermaster::test
