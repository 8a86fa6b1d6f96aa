// The bodies of secrets: what is 400, what is 422, and that no value is ever told.
#include "server/api/secret_body.hpp"

#include <catch2/catch.hpp>

#include "test/support/result.hpp"

namespace quartermaster::api {
namespace {

Result<SecretBody> parse(const std::string& text, bool update = false) {
  const auto document = json::parse(text, json::kRequestBody);
  if (!document) return document.error();
  return parse_secret_body(document->root(), update);
}

using Causes = std::vector<std::pair<std::string, std::string>>;  // field, reason

Causes causes_of(const Error& error) {
  Causes causes;
  for (const auto& cause : error.causes) causes.emplace_back(cause.field, cause.reason);
  return causes;
}

TEST_CASE("A body that names no data is not one that empties it") {
  CHECK(parse(R"({"name": "a", "labels": {"b": "c"}})", true)->data == std::nullopt);
  CHECK(parse(R"({"name": "a", "data": {}})", true)->data == StringMap{});
  CHECK(parse(R"({"name": "a", "stringData": {}})", true)->data == StringMap{});
  CHECK(parse(R"({"name": "a", "type": ""})", true)->type == std::nullopt);
}

TEST_CASE("Where nothing can be removed, null is refused") {
  const std::string body = R"({"name": "a", "labels": {"b": null}})";
  CHECK(parse(body, true));
  const auto refused = parse(body, false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::bad_request);
}

TEST_CASE("A secret's body is read") {
  const auto body = parse(R"({"name": "a.b", "type": "kubernetes.io/tls", "data": {"k": "AAE=", "both": "AA=="},
      "stringData": {"t": "h\u00e4", "both": "x"}, "labels": {"a": "b"}, "annotations": {"c": "d"},
      "immutable": true})");
  REQUIRE(body);
  CHECK(body->name == "a.b");
  CHECK(body->type == "kubernetes.io/tls");
  CHECK(body->data == StringMap{{"k", "AAE="}, {"t", "aMOk"}, {"both", "eA=="}});
  CHECK(body->labels == model::MapPatch{{"a", "b"}});
  CHECK(body->annotations == model::MapPatch{{"c", "d"}});
  CHECK(body->immutable == true);
  CHECK(body->resource_version == "");

  const auto least = parse(R"({"name": "a"})");
  REQUIRE(least);
  CHECK(least->type == std::nullopt);
  CHECK(least->data == std::nullopt);
  CHECK(least->immutable == std::nullopt);
}

TEST_CASE("An update may say which version it was made for") {
  CHECK(parse(R"({"name": "a", "resourceVersion": "5"})", true)->resource_version == "5");
  CHECK(parse(R"({"name": "a"})", true)->resource_version == "");
  CHECK(parse(R"({"name": "a", "resourceVersion": "5"})", false).error().code == ErrorCode::bad_request);
}

TEST_CASE("A secret's body of the wrong form is a bad request") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {R"({})", "name: must be given"},
      {R"({"name": ""})", "name: must be given"},
      {R"({"name": "A"})", "name: must consist of"},
      {R"({"name": "../x"})", "name: must consist of"},
      {R"({"name": 5})", "name: must be a string, not a number"},
      {R"({"name": "a", "data": {"k": 5}})", "data.k: must be a string, not a number"},
      {R"({"name": "a", "data": {"k": null}})", "data.k: must be a string, not null"},
      {R"({"name": "a", "stringData": {"k": ["s3cret"]}})", "stringData.k: must be a string, not an array"},
      {R"({"name": "a", "data": {"k": "czNjcmV0", "k": "czNjcmV0"}})", "data.k: duplicate key"},
      {R"({"name": "a", "immutable": "true"})", "immutable: must be a boolean, not a string"},
      {R"({"name": "a", "namespace": "b"})", "namespace: unknown field"},
      {R"([])", "body: must be an object, not an array"},
  }));
  CAPTURE(text);
  const auto body = parse(text);
  REQUIRE_FALSE(body);
  CHECK(body.error().code == ErrorCode::bad_request);
  CHECK_THAT(body.error().message, Catch::StartsWith(message));
  CHECK_THAT(body.error().message, !Catch::Contains("s3cret") && !Catch::Contains("czNjcmV0"));
}

TEST_CASE("A secret's body that is not acceptable is invalid, with all its causes and none of its values") {
  const std::string long_text(1 << 20, 'x');
  const auto [fields, causes] = GENERATE_COPY(table<std::string, Causes>({
      {R"("data": {"k": "czNjcmV0="})", {{"data.k", "FieldValueInvalid"}}},
      {R"("data": {"k": "s3cret"})", {{"data.k", "FieldValueInvalid"}}},
      {R"("data": {"k": "czNj cmV0"})", {{"data.k", "FieldValueInvalid"}}},
      {R"("data": {"k": "czNjcmV_"})", {{"data.k", "FieldValueInvalid"}}},
      {R"("data": {"a/b": "czNjcmV0"})", {{"data[a/b]", "FieldValueInvalid"}}},
      {R"("data": {"": ""})", {{"data[]", "FieldValueInvalid"}}},
      {R"("data": {"..": ""})", {{"data[..]", "FieldValueInvalid"}}},
      {R"("stringData": {"a b": "s3cret"})", {{"stringData[a b]", "FieldValueInvalid"}}},
      {R"("data": {"a": "!", "b": "?"}, "stringData": {"!": ""})",
       {{"data.a", "FieldValueInvalid"}, {"data.b", "FieldValueInvalid"}, {"stringData[!]", "FieldValueInvalid"}}},
      {R"("stringData": {"k": ")" + long_text + R"("})", {}},
      {R"("stringData": {"k": ")" + long_text + R"(x"})", {{"data", "FieldValueTooLong"}}},
      {R"("data": {"k": "czNjcmV0"}, "stringData": {"k": ")" + long_text + R"("})", {}},  // it wins, and is all
      {R"("data": {"j": "czNjcmV0"}, "stringData": {"k": ")" + long_text + R"("})", {{"data", "FieldValueTooLong"}}},
      {R"("labels": {"-": "a"})", {{"labels.-", "FieldValueInvalid"}}},
      {R"("labels": {"a": "s3cret!"})", {{"labels.a", "FieldValueInvalid"}}},
      {R"("labels": {"Example.com/a": "b"})", {{"labels[Example.com/a]", "FieldValueInvalid"}}},
      {R"("annotations": {"Example.com/a": "b c!"})", {}},
      {R"("annotations": {"a b": "s3cret"})", {{"annotations[a b]", "FieldValueInvalid"}}},
      {R"("annotations": {"a": ")" + long_text + R"("})", {{"annotations", "FieldValueTooLong"}}},
  }));
  CAPTURE(fields.substr(0, 100));
  const auto body = parse(R"({"name": "a", )" + fields + "}");
  REQUIRE(body.has_value() == causes.empty());
  if (body) return;
  const auto& error = body.error();
  CHECK(error.code == ErrorCode::invalid);
  CHECK(causes_of(error) == causes);
  std::string told = error.message;
  for (const auto& cause : error.causes) {
    CHECK_FALSE(cause.message.empty());
    CHECK_THAT(error.message, Catch::Contains(cause.field + ": " + cause.message));
    told += cause.message;
  }
  CHECK_THAT(told, !Catch::Contains("s3cret") && !Catch::Contains("czNjcmV0") && !Catch::Contains("xxx"));
}

Result<SecretBody> parse_patch(const std::string& text) {
  const auto document = json::parse(text, json::kRequestBody);
  if (!document) return document.error();
  return parse_secret_patch(document->root(), "a");
}

TEST_CASE("A patch sets and removes, and text wins") {
  const auto body = parse_patch(R"({"data": {"k": "AAE=", "gone": null, "x": "AA==", "y": null},
      "stringData": {"x": null, "y": "t", "z": "t"}, "labels": {"a": null}, "annotations": {"b": "c"},
      "resourceVersion": "7"})");
  REQUIRE(body);
  CHECK(body->name == "a");
  CHECK(body->data == std::nullopt);
  const std::nullopt_t no = std::nullopt;
  CHECK(body->changes == model::MapPatch{{"gone", no}, {"k", "AAE="}, {"x", no}, {"y", "dA=="}, {"z", "dA=="}});
  CHECK(body->text_keys == KeySet{"x", "y", "z"});
  CHECK(body->labels == model::MapPatch{{"a", no}});
  CHECK(body->annotations == model::MapPatch{{"b", "c"}});
  CHECK(body->resource_version == "7");
  CHECK(parse_patch("{}")->changes.empty());
}

TEST_CASE("A patch of anything else is refused with the field") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {R"({"name": "a"})", "name: unknown field; known: data, stringData, labels, annotations, resourceVersion"},
      {R"({"type": "Opaque"})", "type: unknown field"},
      {R"({"immutable": true})", "immutable: unknown field"},
      {R"({"metadata": {}})", "metadata: unknown field"},
      {R"({"data": null})", "data: must be an object, not null"},
      {R"({"data": {"k": ["s3cret"]}})", "data.k: must be a string or null, not an array"},
      {R"({"stringData": "s3cret"})", "stringData: must be an object, not a string"},
      {"null", "body: must be an object, not null"},
  }));
  CAPTURE(text);
  const auto body = parse_patch(text);
  REQUIRE_FALSE(body);
  CHECK(body.error().code == ErrorCode::bad_request);
  CHECK_THAT(body.error().message, Catch::StartsWith(message) && !Catch::Contains("s3cret"));
}

TEST_CASE("A patch's keys and values are checked as those of a body") {
  const auto body = parse_patch(R"({"data": {"k": "!", "a/b": null, "x": "!"}, "stringData": {"x": "", "": null}})");
  REQUIRE_FALSE(body);
  CHECK(causes_of(body.error()) == Causes{{"data[a/b]", "FieldValueInvalid"},
                                          {"data.k", "FieldValueInvalid"},
                                          {"data.x", "FieldValueInvalid"},
                                          {"stringData[]", "FieldValueInvalid"}});
}

TEST_CASE("A body with very much wrong in it is not answered with as much") {
  std::string text = R"({"name": "a", "data": {)";
  for (int i = 0; i < 10'000; ++i) text += (i == 0 ? "\"" : ", \"") + std::to_string(i) + R"(": "!")";
  const auto body = parse(text + "}}");
  REQUIRE_FALSE(body);
  CHECK(body.error().causes.size() <= 100);
  CHECK(body.error().message.size() < 10'000);
  CHECK_THAT(body.error().message, Catch::EndsWith("; and 9900 more"));
}

}  // namespace
}  // namespace quartermaster::api
