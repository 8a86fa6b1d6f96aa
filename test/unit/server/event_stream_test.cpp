// How events and heartbeats are written.
#include "server/http/event_stream.hpp"

#include <catch2/catch.hpp>

using namespace quartermaster;

namespace {

std::string framed(const http::Event& event) {
  std::string out;
  http::append_event(out, event);
  return out;
}

}  // namespace

TEST_CASE("event stream: an event has the fields that are given, and ends with an empty line") {
  CHECK(framed({.id = "7", .name = "gap", .data = "{}"}) == "id: 7\nevent: gap\ndata: {}\n\n");
  CHECK(framed({.data = "{}"}) == "data: {}\n\n");
  CHECK(framed({.id = "7"}) == "id: 7\ndata: \n\n");
}

TEST_CASE("event stream: each line of the data has a field of its own, whatever ends it") {
  CHECK(framed({.data = "a\nb"}) == "data: a\ndata: b\n\n");
  CHECK(framed({.data = "a\r\nb\rc"}) == "data: a\ndata: b\ndata: c\n\n");
  CHECK(framed({.data = "a\n"}) == "data: a\ndata: \n\n");
  CHECK(framed({.data = "id: 1\n\ndata: x"}) == "data: id: 1\ndata: \ndata: data: x\n\n");
}

TEST_CASE("event stream: a heartbeat is a comment") {
  std::string out = "data: x\n\n";
  http::append_heartbeat(out);
  CHECK(out == "data: x\n\n:\n\n");
}

TEST_CASE("event stream: nobody on the way keeps what is streamed") {
  http::Reply reply;
  http::set_streaming(reply, http::kEventStream);
  REQUIRE(reply.headers.size() == 3);
  CHECK(reply.headers[0].value == "text/event-stream");
  CHECK(reply.headers[1].value == "no-store");
}
