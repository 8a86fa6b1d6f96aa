// What the API server's refusals mean. The bodies are those of a Kubernetes 1.20 API server.
#include <catch2/catch.hpp>

#include "kubeapi/status_error.hpp"

namespace quartermaster::kubeapi {
namespace {

std::string status(const std::string& reason, const std::string& message, const std::string& details = "{}") {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" + message +
         R"(","reason":")" + reason + R"(","details":)" + details + "}";
}

TEST_CASE("each status has its error", "[status_error]") {
  const auto [code, reason, error] = GENERATE(table<unsigned, std::string, ErrorCode>({
      {400U, "BadRequest", ErrorCode::bad_request},
      {401U, "Unauthorized", ErrorCode::bad_gateway},
      {403U, "Forbidden", ErrorCode::forbidden},
      {404U, "NotFound", ErrorCode::not_found},
      {405U, "MethodNotAllowed", ErrorCode::bad_gateway},
      {406U, "NotAcceptable", ErrorCode::bad_gateway},
      {409U, "AlreadyExists", ErrorCode::already_exists},
      {409U, "Conflict", ErrorCode::conflict},
      {409U, "", ErrorCode::conflict},
      {410U, "Expired", ErrorCode::expired},
      {410U, "Gone", ErrorCode::expired},
      {413U, "RequestEntityTooLarge", ErrorCode::payload_too_large},
      {415U, "UnsupportedMediaType", ErrorCode::bad_gateway},
      {422U, "Invalid", ErrorCode::invalid},
      {429U, "TooManyRequests", ErrorCode::unavailable},
      {500U, "InternalError", ErrorCode::bad_gateway},
      {500U, "ServerTimeout", ErrorCode::unavailable},
      {502U, "", ErrorCode::bad_gateway},
      {503U, "ServiceUnavailable", ErrorCode::unavailable},
      {504U, "Timeout", ErrorCode::timeout},
      {302U, "", ErrorCode::bad_gateway},
      {418U, "", ErrorCode::bad_gateway},
      {599U, "", ErrorCode::bad_gateway},
  }));
  CAPTURE(code, reason);
  const auto made = status_error(code, status(reason, "the message"));
  CHECK(made.code == error);
  CHECK(made.message == (code == 401 ? "the API server refuses our credentials" : "the message"));
  CHECK(made.retry_after.has_value() == (error == ErrorCode::unavailable));
  CHECK(status_error(code, "").code == (reason == "AlreadyExists"   ? ErrorCode::conflict
                                        : reason == "ServerTimeout" ? ErrorCode::bad_gateway
                                                                    : error));
}

TEST_CASE("a namespace that is being deleted is told from other refusals", "[status_error]") {
  const auto error = status_error(
      403,
      status(
          "Forbidden", "unable to create new content in namespace x because it is being terminated",
          R"({"causes":[{"reason":"NamespaceTerminating","message":"namespace x is being terminated","field":"metadata.namespace"}]})"));
  CHECK(error.code == ErrorCode::terminating);
  CHECK(error.message == "unable to create new content in namespace x because it is being terminated");
}

TEST_CASE("the causes of a 422 are kept", "[status_error]") {
  const auto error = status_error(422, status("Invalid", "no", R"({"causes":[
      {"reason":"FieldValueInvalid","message":"Invalid value: 1","field":"spec.a"},
      {"reason":"FieldValueRequired","message":"Required value","field":"spec.b"}, 7, null]})"));
  REQUIRE(error.causes.size() == 4);
  CHECK(error.causes[0].field == "spec.a");
  CHECK(error.causes[0].reason == "FieldValueInvalid");
  CHECK(error.causes[0].message == "Invalid value: 1");
  CHECK(error.causes[1].field == "spec.b");
  CHECK(error.causes[2].field.empty());
}

TEST_CASE("when to come back", "[status_error]") {
  const auto [header, details, seconds] = GENERATE(table<std::string, std::string, int>({
      {"7", "{}", 7},
      {"", R"({"retryAfterSeconds":3})", 3},
      {"7", R"({"retryAfterSeconds":3})", 7},
      {"Wed, 21 Oct 2015 07:28:00 GMT", "{}", 1},
      {"-5", "{}", 1},
      {"0", "{}", 1},
      {"", R"({"retryAfterSeconds":-1})", 1},
      {"", R"({"retryAfterSeconds":"soon"})", 1},
      {"99999999", "{}", 3600},
      {"99999999999999999999999", "{}", 1},
      {"", "{}", 1},
  }));
  CAPTURE(header, details);
  CHECK(status_error(429, status("TooManyRequests", "m", details), header).retry_after ==
        std::chrono::seconds(seconds));
}

TEST_CASE("a body that is no Status is shown, in part", "[status_error]") {
  CHECK(status_error(502, "").message == "the API server answered 502");
  CHECK(status_error(502, "<html>\r\n<b>Bad\tGateway</b>\x01").message ==
        "the API server answered 502: <html>  <b>Bad Gateway</b> ");
  CHECK(status_error(400, "[]").message == "the API server answered 400: []");
  CHECK(status_error(400, R"({"kind":"Pod","message":"x"})").message ==
        R"(the API server answered 400: {"kind":"Pod","message":"x"})");
  CHECK(status_error(400, R"({"kind":"Status"})").message == "the API server answered 400");
  CHECK(status_error(400, R"({"kind":"Status","message":7})").message == "the API server answered 400");
  CHECK(status_error(400, "\xff\xfe").message == "the API server answered 400: \xef\xbf\xbd\xef\xbf\xbd");

  const auto long_page = status_error(500, std::string(5000, 'x')).message;
  CHECK(long_page == "the API server answered 500: " + std::string(1024, 'x') + "...");
  // Cut in the middle of a character: all of it goes.
  const auto cut = status_error(500, std::string(1023, 'x') + "\xe2\x82\xac\xe2\x82\xac").message;
  CHECK(cut == "the API server answered 500: " + std::string(1023, 'x') + "...");
}

TEST_CASE("an endless message is cut", "[status_error]") {
  CHECK(status_error(400, status("BadRequest", std::string(100'000, 'm'))).message.size() < 17'000);
}

}  // namespace
}  // namespace quartermaster::kubeapi
