// Bodies that are read piece by piece.
#include <catch2/catch.hpp>

#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

const std::string kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

struct StreamFixture : ClientFixture {
  Result<std::string> next(ByteStream& stream) {
    auto piece = run(loop, stream.read());
    if (!piece) return piece.error();
    return std::string(*piece);
  }
  /// All of it, or the error that ends it.
  Result<std::string> rest(ByteStream& stream) {
    std::string all;
    for (;;) {
      const auto piece = next(stream);
      if (!piece) return piece.error();
      if (piece->empty()) return all;
      CHECK(piece->size() <= 16384);
      all += *piece;
    }
  }
};

TEST_CASE_METHOD(StreamFixture, "a piece is handed on before there are more", "[stream]") {
  server().script({answer(kChunked + chunk("one")), hang()});
  auto stream = open(get("/log"));
  REQUIRE(stream);
  CHECK(next(**stream).value() == "one");
  CHECK(client().pool_stats().in_use == 1);
}

TEST_CASE_METHOD(StreamFixture, "after its end the connection is used again, before the stream is given up",
                 "[stream]") {
  const std::string body(200'000, 'b');
  server().script({answer(kChunked + chunk(body) + chunk("")), answer(http_answer(200, "{}"))});
  auto stream = open(get("/log"));
  REQUIRE(stream);
  CHECK(rest(**stream).value() == body);
  CHECK(client().pool_stats().in_use == 0);
  CHECK(client().pool_stats().idle == 1);
  CHECK(next(**stream).value().empty());
  REQUIRE(ask(get("/")));
  CHECK(server().accepted() == 1);
}

TEST_CASE_METHOD(StreamFixture, "an error of the API server is an error, not a stream", "[stream]") {
  server().script({answer(http_answer(400, R"({"kind":"Status","message":"container x is not valid"})"))});
  const auto stream = open(get("/log"));
  REQUIRE_FALSE(stream);
  CHECK(stream.error().code == ErrorCode::bad_request);
  CHECK(stream.error().message == "container x is not valid");
  CHECK(client().pool_stats().idle == 1);
}

TEST_CASE_METHOD(StreamFixture, "a stream that ends too early is an error after what came", "[stream]") {
  const auto bytes = GENERATE(as<std::string>{}, kChunked + chunk("abc"), kChunked + "5\r\nabc",
                              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
  const auto end = GENERATE(Step::What::finish, Step::What::cut);
  server().script({answer(bytes), {end}});
  auto stream = open(get("/log"));
  REQUIRE(stream);
  CHECK(next(**stream).value() == "abc");
  const auto last = next(**stream);
  REQUIRE_FALSE(last);
  CHECK(last.error().code == ErrorCode::bad_gateway);
  CHECK(last.error().message == "the API server's answer ends too early");
  CHECK_FALSE(next(**stream));
  stream->reset();
  CHECK(client().pool_stats().in_use == 0);
  CHECK(client().pool_stats().idle == 0);
}

TEST_CASE_METHOD(StreamFixture, "a stream that nobody reads holds the server up", "[stream]") {
  server().script({answer(kChunked), flood(chunk(std::string(4096, 'x')))});
  auto stream = open(get("/log"));
  REQUIRE(stream);
  // The server writes until the sockets' buffers are full, and then no more.
  std::uint64_t sent = 0;
  for (int still = 0; still < 20; ++still) {
    loop.restart();
    loop.run_for(std::chrono::milliseconds(5));
    if (std::exchange(sent, server().bytes_sent()) != sent) still = 0;
    REQUIRE(sent < (64U << 20));
  }
  CHECK(next(**stream).value().size() > 0);
}

TEST_CASE_METHOD(StreamFixture, "giving a stream up closes its connection at once", "[stream]") {
  server().script({answer(kChunked + chunk("one")), hang()});
  auto stream = open(get("/log"));
  REQUIRE(stream);
  const bool while_reading = GENERATE(false, true);
  std::optional<Running<Result<std::string_view>>> pending;
  if (while_reading) {
    REQUIRE(next(**stream));
    pending.emplace(loop, (*stream)->read());
    loop.restart();
    loop.poll();
  }
  stream->reset();
  run_until(loop, [&] { return server().open() == 0; });
  if (pending) CHECK_FALSE(pending->get());
  CHECK(client().pool_stats().in_use == 0);
}

TEST_CASE_METHOD(StreamFixture, "stopping ends a stream", "[stream]") {
  server().script({answer(kChunked + chunk("one")), hang()});
  std::stop_source stop;
  Call call;
  call.stop = stop.get_token();
  auto stream = open(get("/log"), call);
  REQUIRE(stream);
  REQUIRE(next(**stream));
  Running<Result<std::string_view>> pending(loop, (*stream)->read());
  loop.restart();
  loop.poll();
  CHECK_FALSE(pending.done());
  stop.request_stop();
  const auto piece = pending.get();
  REQUIRE_FALSE(piece);
  CHECK(piece.error().code == ErrorCode::cancelled);
  run_until(loop, [&] { return server().open() == 0; });
}

TEST_CASE_METHOD(StreamFixture, "a stream outlives the deadline of its request", "[stream]") {
  server().script({answer(kChunked + chunk("one")), send(chunk("two") + chunk("")), hang()});
  const auto call = within(std::chrono::milliseconds(500));
  auto stream = open(get("/log"), call);
  REQUIRE(stream);
  loop.restart();
  loop.run_until(call.deadline + std::chrono::milliseconds(10));
  CHECK(rest(**stream).value() == "onetwo");
}

TEST_CASE_METHOD(StreamFixture, "a stream may outlive its client", "[stream]") {
  server().script({answer(kChunked + chunk("one")), send(chunk("two") + chunk("")), hang()});
  auto stream = open(get("/log"));
  REQUIRE(stream);
  client_.reset();
  CHECK(rest(**stream).value() == "onetwo");
  run_until(loop, [&] { return server().open() == 0; });
}

TEST_CASE_METHOD(StreamFixture, "a stream is not limited in size", "[stream]") {
  options.max_response_bytes = 1000;
  if (GENERATE(true, false)) {
    server().script(
        {answer("HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n"), send(std::string(20'000'000, 'x')), hang()});
  } else {  // as a watch
    std::string chunks;
    for (int i = 0; i < 20; ++i) chunks.append("f4240\r\n").append(std::string(1'000'000, 'x')).append("\r\n");
    server().script(
        {answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), send(chunks + "0\r\n\r\n"), hang()});
  }
  auto stream = open(get("/log"));
  REQUIRE(stream);
  std::size_t total = 0;
  for (;;) {
    const auto piece = run(loop, (*stream)->read());
    REQUIRE(piece);
    if (piece->empty()) break;
    total += piece->size();
  }
  CHECK(total == 20'000'000);
}

}  // namespace
}  // namespace quartermaster::test
