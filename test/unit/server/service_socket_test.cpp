// The whole service at the socket: targets as bytes, HEAD on every route, and answers to what is refused.
#include <catch2/catch.hpp>

#include "test/unit/server/service_server.hpp"

namespace quartermaster::test {
namespace {

/// "/api/v1/pod/{namespace}" -> "/api/v1/pod/a"
std::string example_of(std::string_view pattern) {
  std::string target;
  for (bool inside = false; const char c : pattern) {
    if (c == '{') target += 'a';
    inside = c == '{' || (inside && c != '}');
    if (!inside && c != '}') target += c;
  }
  return target;
}

TEST_CASE("Targets that are none are refused, and the next request on the connection is served") {
  static ServiceServer server;
  const std::string target = GENERATE(as<std::string>(),             //
                                      "/api/v1/pod/a/../b",          //
                                      "/api/v1/pod/..",              //
                                      "/api/v1/pod/%2e%2e",          //
                                      "/api/v1/pod/%2E%2e/x",        //
                                      "/api/v1/pod/./a",             //
                                      "/api/v1/pod//a",              //
                                      "/api/v1/pod/%00",             //
                                      "/api/v1/pod/a%00b",           //
                                      "/api/v1/pod/a?continue=%00",  //
                                      "/api/v1/pod/%",               //
                                      "/api/v1/pod/%4",              //
                                      "/api/v1/pod/%zz",             //
                                      "/api/v1/pod/a?continue=%g0",  //
                                      "/api/v1/pod/a#b",             //
                                      "/livez#",                     //
                                      "/livez?a#b",                  //
                                      "/livez?a=%ff",                //
                                      "/api/v1/pod/\x80",            //
                                      "/api/v1/pod/caf\xc3\xa9",     //
                                      "/livez?a=\xff",               //
                                      "livez",                       //
                                      "*",                           //
                                      "http:///livez");
  CAPTURE(target);
  Caller caller(server.endpoint());
  const auto answer = caller.send(get(target)).next();
  CHECK(answer.status == 400);
  CHECK(text_at(answer.json(), "/reason") == "BadRequest");
  if (answer.header("Connection") == "close") {
    CHECK(caller.ended());  // not even Beast takes it for a request
  } else {
    CHECK(caller.send(get("/livez")).next().status == 200);
  }
}

TEST_CASE("HEAD is GET without its body, on every route") {
  static ServiceServer server;
  for (const auto& route : api::routes()) {
    if (route.method != http::Verb::get) continue;
    const auto target = example_of(route.pattern);
    CAPTURE(target);
    Caller caller(server.endpoint());
    const auto whole = caller.send(get(target)).next();
    caller.send("HEAD " + target + " HTTP/1.1\r\nHost: a\r\n\r\n" + get("/livez"));
    const auto head = caller.next(true);
    CHECK(head.status == whole.status);
    CHECK(head.header("Content-Type") == whole.header("Content-Type"));
    CHECK(head.has_header("Content-Length") == whole.has_header("Content-Length"));
    CHECK(head.body.empty());
    CHECK(caller.next().body == R"({"status":"ok"})");  // nothing of a body lies between
  }
}

TEST_CASE("What is refused below the application has the shape of all errors") {
  static ServiceServer server;
  const auto [bytes, status, reason] = GENERATE(table<std::string, unsigned, std::string>({
      {"GET /livez HTTP/1.1\r\n\r\n", 400, "BadRequest"},
      {post("/api/v1/secret/a", ""), 411, "LengthRequired"},
      {post("/api/v1/secret/a", "Content-Type: application/json\r\nContent-Length: 3145729\r\n"), 413,
       "RequestEntityTooLarge"},
      {get("/livez", "Content-Length: 65537\r\n"), 413, "RequestEntityTooLarge"},
      {get("/" + std::string(9000, 'a')), 414, "URITooLong"},
      {get("/livez", "Expect: more\r\n"), 417, "ExpectationFailed"},
      {get("/livez", "X: " + std::string(20'000, 'x') + "\r\n"), 431, "RequestHeaderFieldsTooLarge"},
      {get("/livez", "Transfer-Encoding: gzip\r\n"), 501, "NotImplemented"},
      {"BREW /livez HTTP/1.1\r\nHost: a\r\n\r\n", 501, "NotImplemented"},
      {"GET /livez HTTP/3.0\r\nHost: a\r\n\r\n", 505, "HTTPVersionNotSupported"},
  }));
  CAPTURE(bytes.substr(0, 100));
  Caller caller(server.endpoint());
  const auto answer = caller.send(bytes).next();
  CHECK(answer.status == status);
  CHECK(text_at(answer.json(), "/reason") == reason);
  CHECK(text_at(answer.json(), "/requestId") == answer.header("X-Request-Id"));
  if (status != 411) CHECK(caller.ended());
}

TEST_CASE("100 Continue is not sent to what is refused for its route, type or size") {
  static ServiceServer server;
  const std::string json = "Content-Type: application/json\r\nExpect: 100-continue\r\n";
  const auto [target, fields, status] = GENERATE_COPY(table<std::string, std::string, unsigned>({
      {"/nothing", json + "Content-Length: 2\r\n", 404},
      {"/livez", json + "Content-Length: 2\r\n", 405},
      {"/api/v1/secret/a", "Expect: 100-continue\r\nContent-Length: 2\r\n", 415},
      {"/api/v1/secret/a", json + "Content-Length: 3145729\r\n", 413},
      {"/api/v1/secret/a", json + "Content-Length: 2\r\n", 100},
  }));
  CHECK(Caller(server.endpoint()).send(post(target, fields)).next().status == status);
}

}  // namespace
}  // namespace quartermaster::test
