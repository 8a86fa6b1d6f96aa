// The shapes that all answers share.
#include "server/api/replies.hpp"

#include <catch2/catch.hpp>

#include "test/unit/server/api_fixture.hpp"

namespace quartermaster::test {
namespace {

using namespace std::chrono_literals;

std::string header(const http::Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "(none)";
}

TEST_CASE("Errors become JSON") {
  const auto reply = api::error_reply(
      Error{ErrorCode::invalid, "a \"b\"\n\xff", {{"data.a", "FieldValueInvalid", "bad"}, {"", "", ""}}}, "id-1");
  CHECK(reply.status == 422);
  CHECK(parse_json(reply.body) ==
        parse_json(R"({"errCode": 422, "errMessage": "a \"b\"\n\ufffd", "reason": "Invalid", "requestId": "id-1",
                       "details": {"causes": [{"field": "data.a", "reason": "FieldValueInvalid", "message": "bad"},
                                              {"field": "", "reason": "", "message": ""}]}})"));
  CHECK(header(reply, "Content-Type") == "application/json");
  CHECK(header(reply, "Retry-After") == "(none)");
  CHECK(header(reply, "WWW-Authenticate") == "(none)");
}

TEST_CASE("Some errors carry headers") {
  const auto [code, retry_after, name, value] =
      GENERATE(table<ErrorCode, std::optional<std::chrono::seconds>, std::string, std::string>({
          {ErrorCode::unauthorized, {}, "WWW-Authenticate", "Bearer"},
          {ErrorCode::unavailable, {}, "Retry-After", "1"},
          {ErrorCode::unavailable, 17s, "Retry-After", "17"},
          {ErrorCode::too_many_requests, 3s, "Retry-After", "3"},
          {ErrorCode::timeout, 3s, "Retry-After", "(none)"},
      }));
  Error error{code, "x"};
  error.retry_after = retry_after;
  CHECK(header(api::error_reply(error, "id"), name) == value);
}

TEST_CASE("What is not found is named") {
  const Error upstream{ErrorCode::not_found, "persistentvolumeclaims \"data-1\" not found", {{"name", "x", "y"}}};
  CHECK(api::about(upstream, "pvc", "demo", "data-1").message == "pvc demo/data-1 is not found");
  CHECK(api::about(upstream, "pvc", "demo", "data-1").causes.empty());
  CHECK(api::about(upstream, "storage class", "", "fast").message == "storage class fast is not found");
  CHECK(api::about(Error{ErrorCode::forbidden, "no"}, "pvc", "demo", "data-1").message == "no");
}

/// A request's context, as far as replies look at it.
struct Request {
  http::Message message{http::Verb::get, "/", 11};
  std::map<std::string, std::string, std::less<>> path = {};
  api::Query query = {};
  ApiFixture fixture = {};
  api::Services services{fixture.upstream, fixture.reader, fixture.caches,   fixture.settings,
                         fixture.metrics,  fixture.stats,  fixture.draining, fixture.overload};
  api::Trail trail = {};
  api::Context context{message, api::routes().front(), path, query, {}, {}, "", services, trail};
};

TEST_CASE("A cacheable answer is not sent again to whoever has it") {
  Request request;
  const auto digest = kubeapi::Digest::of("1"), other = kubeapi::Digest::of("2");
  const auto full = api::cacheable_reply(request.context, digest, "42", std::chrono::seconds(7));
  CHECK(full.status == 200);
  CHECK(header(full, "Age") == "7");
  CHECK(header(full, "Content-Type") == "application/json");
  CHECK(header(full, "X-Resource-Version") == "42");
  const auto tag = header(full, "ETag");
  CHECK_THAT(tag, Catch::Matches("\"[0-9a-f]{32}\""));

  const auto [condition, known] = GENERATE_COPY(table<std::string, bool>({
      {tag, true},
      {"W/" + tag, true},
      {"\"other\", " + tag, true},
      {"\"other\",W/" + tag + ",\"x\"", true},
      {"*", true},
      {"", false},
      {"\"other\"", false},
      {tag.substr(1, tag.size() - 2), false},  // without its quotes
      {"w/" + tag, false},
      {tag + "x", false},
  }));
  CAPTURE(condition);
  request.message.set(http::Field::if_none_match, condition);
  const auto reply = api::cacheable_reply(request.context, digest, "42", std::nullopt);
  CHECK(reply.status == (known ? 304 : 200));
  CHECK(header(reply, "Age") == "(none)");
  CHECK(header(reply, "ETag") == tag);
  CHECK(header(reply, "X-Resource-Version") == "42");
  CHECK(api::cacheable_reply(request.context, other, "42", std::nullopt).status == (condition == "*" ? 304 : 200));
}

TEST_CASE("An answer without a version has no header for it") {
  Request request;
  CHECK(header(api::cacheable_reply(request.context, {}, "", std::nullopt), "X-Resource-Version") == "(none)");
}

TEST_CASE("Lists have their number, and a way to go on while there is more") {
  CHECK(api::list_body({.num = 0, .items = "", .digest = {}, .continue_token = "", .resource_version = "1"}) ==
        R"({"num":0,"items":[]})");
  CHECK(
      api::list_body(
          {.num = 2, .items = R"({"a":1},{"a":2})", .digest = {}, .continue_token = "x\"y", .resource_version = "1"}) ==
      R"({"num":2,"items":[{"a":1},{"a":2}],"continue":"x\"y"})");
}

TEST_CASE("What a list request asks for") {
  Request request;
  const bool first = GENERATE(true, false);
  const std::string rest = first ? "&resourceVersion=7" : "&continue=tok";
  request.query =
      api::Query::parse(http::parse_target("/?labelSelector=a%3db&limit=5" + rest).value(),
                        std::vector<api::Parameter>{{"labelselector", api::ParameterType::selector},
                                                    {"limit", api::ParameterType::count},
                                                    {"continue", api::ParameterType::text},
                                                    {"resourceVersion", api::ParameterType::resource_version}},
                        true)
          .value();
  const auto [header_value, bypass] = GENERATE(table<std::string, bool>({
      {"", false},
      {"no-cache", true},
      {"max-age=0, No-Cache", true},
      {"no-cachex", false},
      {"max-age=0", false},
  }));
  CAPTURE(header_value);
  request.message.set(http::Field::cache_control, header_value);
  const auto list = api::list_request(request.context, "demo");
  CHECK(list.ns == "demo");
  CHECK(list.selector.to_string() == "a=b");
  CHECK(list.limit == 5);
  CHECK(list.continue_token == (first ? "" : "tok"));
  CHECK(list.freshness.not_older_than == (first ? "7" : ""));
  CHECK(list.freshness.bypass_cache == bypass);
}

TEST_CASE("A delete is done, or will be") {
  auto reply = api::deleted_reply("a", true, "9");
  CHECK(reply.status == 200);
  CHECK(reply.body == R"({"name":"a","result":"deleted"})");
  CHECK(header(reply, "X-Resource-Version") == "9");
  reply = api::deleted_reply("a", false, "");
  CHECK(reply.status == 202);
  CHECK(reply.body == R"({"name":"a","result":"terminating"})");
}

}  // namespace
}  // namespace quartermaster::test
