// What is passed on of the API server's words about secrets. The bodies are those of a Kubernetes 1.20 API server, and
// what webhooks and proxies may make of them.
#include "kubeapi/secret_error.hpp"

#include <catch2/catch.hpp>

namespace quartermaster::kubeapi {
namespace {

std::string status(const std::string& reason, const std::string& message, const std::string& details = "{}") {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" + message +
         R"(","reason":")" + reason + R"(","details":)" + details + "}";
}

const std::string kWebhookMessage =
    R"(admission webhook \"no.example.com\" denied the request: \"SECRETVALUE\" is a bad password)";
const std::string kWebhookDenial = R"(admission webhook "no.example.com" denied the request)";
const std::string kCauses =
    R"({"causes":[{"reason":"FieldValueForbidden","message":"SECRETVALUE","field":"metadata.SECRETVALUE"}]})";

/// Nothing of the value, wherever an error could hold it.
void check_quotes_nothing(const Error& error) {
  CHECK(error.message.find("SECRETVALUE") == std::string::npos);
  for (const auto& cause : error.causes) {
    CHECK((cause.field + cause.reason + cause.message).find("SECRETVALUE") == std::string::npos);
  }
}

TEST_CASE("a write: Kubernetes' own sentences are passed on", "[secret_error]") {
  const auto [code, body, error, message] = GENERATE(table<unsigned, std::string, ErrorCode, std::string>({
      {409U, status("AlreadyExists", R"(secrets \"s1\" already exists)"), ErrorCode::already_exists,
       R"(secrets "s1" already exists)"},
      {404U, status("NotFound", R"(secrets \"s1\" not found)"), ErrorCode::not_found, R"(secrets "s1" not found)"},
      {403U,
       status(
           "Forbidden",
           R"(secrets is forbidden: User \"bob\" cannot create resource \"secrets\" in API group \"\" in the namespace \"demo\")"),
       ErrorCode::forbidden,
       R"(secrets is forbidden: User "bob" cannot create resource "secrets" in API group "" in the namespace "demo")"},
      {403U, status("Forbidden", R"(secrets \"s1\" is forbidden: User \"bob\" cannot patch resource \"secrets\")"),
       ErrorCode::forbidden, R"(secrets "s1" is forbidden: User "bob" cannot patch resource "secrets")"},
      {403U,
       status(
           "Forbidden",
           R"(secrets \"s1\" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=2, limited: secrets=2)"),
       ErrorCode::forbidden,
       R"(secrets "s1" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=2, limited: secrets=2)"},
      {403U,
       status(
           "Forbidden",
           R"(secrets \"s1\" is forbidden: unable to create new content in namespace demo because it is being terminated)",
           R"({"causes":[{"reason":"NamespaceTerminating","message":"namespace demo is being terminated","field":"metadata.namespace"}]})"),
       ErrorCode::terminating,
       R"(secrets "s1" is forbidden: unable to create new content in namespace demo because it is being terminated)"},
  }));
  const auto made = secret_write_error(code, body);
  CHECK(made.code == error);
  CHECK(made.message == message);
  CHECK(made.causes.empty());
}

TEST_CASE("a write: what the API server cannot read or accept is not quoted", "[secret_error]") {
  const auto [code, body, message] = GENERATE(table<unsigned, std::string, std::string>({
      {400U,
       status(
           "BadRequest",
           R"(Secret in version \"v1\" cannot be handled as a Secret: v1.Secret.Data: decode base64: illegal base64 data at input byte 11, error found in #10 byte of ...|SECRETVALUE%%%\"}}|..., bigger context ...|\"data\":{\"k\":\"SECRETVALUE%%%\"}}|...)"),
       "the API server cannot read the secret: a field is malformed"},
      {422U,
       status(
           "Invalid", R"( \"\" is invalid: patch: Invalid value: \"{\\\"data\\\":{\\\"k\\\":\\\"SECRETVALUE\\\"}}\")",
           R"({"causes":[{"reason":"FieldValueInvalid","message":"Invalid value: \"SECRETVALUE\"","field":"patch"}]})"),
       "the secret is not acceptable: patch: the value is not acceptable"},
      {422U,
       status(
           "Invalid", R"(Secret \"s1\" is invalid: data: Forbidden: field is immutable when `immutable` is set)",
           R"({"causes":[{"reason":"FieldValueForbidden","message":"Forbidden: field is immutable when `immutable` is set","field":"data"}]})"),
       "the secret is not acceptable: data: Forbidden: field is immutable when `immutable` is set"},
      {422U,
       status("Invalid", "SECRETVALUE",
              R"({"causes":[{"reason":"FieldValueRequired","message":"Required value","field":"data[%s][username]"},
                            {"reason":"FieldValueInvalid","message":"Invalid value: \"a/b\": field is immutable","field":"type"},
                            {"reason":"FieldValueTypeInvalid","message":"Invalid value: \"SECRETVALUE\"","field":"stringData[x]"}]})"),
       "the secret is not acceptable: data[%s][username]: Required value; type: Invalid value: \"a/b\": field is "
       "immutable; stringData[x]: the value is not acceptable"},
      {422U, status("Invalid", "SECRETVALUE"), "the secret is not acceptable"},
  }));
  const auto error = secret_write_error(code, body);
  CHECK(error.message == message);
  check_quotes_nothing(error);
}

TEST_CASE("a write: a webhook is named, and not quoted, whatever its status", "[secret_error]") {
  const auto code = GENERATE(400U, 403U, 404U, 409U, 413U, 422U, 429U, 500U, 503U);
  const auto error = secret_write_error(code, status("SECRETVALUE", kWebhookMessage, kCauses));
  CHECK(error.message == kWebhookDenial);
  check_quotes_nothing(error);
}

TEST_CASE("a write: all else has words of our own", "[secret_error]") {
  const auto [code, reason, message] = GENERATE(table<unsigned, std::string, std::string>({
      {400U, "BadRequest", "the API server cannot read the secret: a field is malformed"},
      {401U, "Unauthorized", "the API server refuses our credentials"},
      {403U, "Forbidden", "the API server forbids it"},
      {404U, "NotFound", "the API server does not find it"},
      {409U, "AlreadyExists", "the secret exists already"},
      {409U, "Conflict", "the secret was changed by someone else"},
      {413U, "RequestEntityTooLarge", "the API server answered 413"},
      {418U, "", "the API server answered 418"},
      {429U, "TooManyRequests", "the API server answered 429"},
      {500U, "InternalError", "the API server answered 500"},
      {502U, "", "the API server answered 502"},
      {503U, "ServiceUnavailable", "the API server answered 503"},
      {504U, "Timeout", "the API server answered 504"},
  }));
  const auto text =
      GENERATE(as<std::string>{}, "SECRETVALUE", "secrets SECRETVALUE", "secrets already exists SECRETVALUE",
               R"(secrets \"s1\" is forbidden: SECRETVALUE)", R"(secrets \"s1\" already exists: SECRETVALUE)",
               R"(secrets \"SECRETVALUE is forbidden)", R"(admission webhook \"SECRETVALUE)");
  const auto error = secret_write_error(code, status(reason, text, kCauses));
  CHECK(error.message == message);
  check_quotes_nothing(error);
  CHECK(error.causes.empty());
}

TEST_CASE("a body that is no Status is never shown", "[secret_error]") {
  const auto code = GENERATE(301U, 400U, 403U, 404U, 409U, 422U, 500U, 503U, 599U);
  const auto body = GENERATE(as<std::string>{}, "<html>SECRETVALUE", R"({"kind":"Secret","data":{"k":"SECRETVALUE"}})",
                             R"({"kind":"Secret","message":"SECRETVALUE"})", "");
  check_quotes_nothing(secret_write_error(code, body));
  const auto error = secret_read_error(code, body);
  check_quotes_nothing(error);
  CHECK(error.message == "the API server answered " + std::to_string(code));
}

TEST_CASE("a read: what it was refused for is passed on, what fails inside is not", "[secret_error]") {
  const auto [code, passed_on] = GENERATE(table<unsigned, bool>({
      {400U, true},
      {403U, true},
      {404U, true},
      {410U, true},
      {429U, true},
      {500U, false},
      {503U, false},
      {504U, false},
  }));
  const auto error = secret_read_error(code, status("", "the message", kCauses));
  CHECK(error.message == (passed_on ? "the message" : "the API server answered " + std::to_string(code)));
  if (!passed_on) check_quotes_nothing(error);
}

TEST_CASE("when to come back is kept", "[secret_error]") {
  CHECK(secret_write_error(503, "", "7").retry_after == std::chrono::seconds(7));
  CHECK(secret_read_error(503, "", "7").retry_after == std::chrono::seconds(7));
}

}  // namespace
}  // namespace quartermaster::kubeapi
