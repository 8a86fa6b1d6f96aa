// The checker of answers against the API description: a test tool that must be able to fail.
#include "test/support/json_schema.hpp"

#include <catch2/catch.hpp>

#include "test/support/openapi.hpp"

namespace quartermaster::test {

namespace {

constexpr const char* kDocument = R"({
  "Pet": {
    "type": "object", "required": ["name"],
    "properties": {
      "name": {"type": "string", "pattern": "^[a-z]+$"},
      "kind": {"enum": ["cat", "dog"]},
      "age": {"type": ["integer", "null"], "minimum": 0, "maximum": 30},
      "tags": {"type": "array", "items": {"type": "string"}},
      "labels": {"type": "object", "additionalProperties": {"type": "string"}},
      "friend": {"$ref": "#/Pet"}
    }
  },
  "Either": {"oneOf": [{"type": "string"}, {"$ref": "#/Pet"}]},
  "Both": {"allOf": [{"$ref": "#/Pet"}], "type": "object", "properties": {"owner": {"type": "string"}}},
  "Free": {"type": "object", "additionalProperties": true},
  "Odd": {"type": "object", "unevaluatedProperties": false}
})";

}  // namespace

TEST_CASE("a schema accepts what fits and complains of all else") {
  struct Row {
    const char* schema;
    const char* value;
    const char* complaint;  // "" if it fits
  };
  const Row row = GENERATE(
      Row{"/Pet", R"({"name": "rex"})", ""}, Row{"/Pet", R"({})", "/name is missing"},
      Row{"/Pet", R"({"name": 3})", "/name: 3 is not of type"}, Row{"/Pet", R"({"name": "Rex"})", "does not match"},
      Row{"/Pet", R"([])", "is not of type"}, Row{"/Pet", R"({"name": "a", "kind": "cow"})", "is none of"},
      Row{"/Pet", R"({"name": "a", "age": null})", ""}, Row{"/Pet", R"({"name": "a", "age": 1.5})", "is not of type"},
      Row{"/Pet", R"({"name": "a", "age": -1})", "too small"}, Row{"/Pet", R"({"name": "a", "age": 31})", "too large"},
      Row{"/Pet", R"({"name": "a", "tags": ["b", 1]})", "/tags/1: 1 is not of type"},
      Row{"/Pet", R"({"name": "a", "labels": {"b": "c"}})", ""},
      Row{"/Pet", R"({"name": "a", "labels": {"b": 1}})", "/labels/b: 1 is not of type"},
      Row{"/Pet", R"({"name": "a", "colour": "red"})", "/colour is not documented"},
      Row{"/Pet", R"({"name": "a", "friend": {"name": "b", "friend": {}}})", "/friend/friend/name is missing"},
      Row{"/Either", R"("text")", ""}, Row{"/Either", R"({"name": "a"})", ""}, Row{"/Either", "3", "is not of type"},
      Row{"/Both", R"({"name": "a", "owner": "b"})", ""}, Row{"/Both", R"({"owner": "b"})", "/name is missing"},
      Row{"/Both", R"({"name": "a", "other": "b"})", "/other is not documented"},
      Row{"/Free", R"({"anything": [1]})", ""}, Row{"/Odd", "{}", "does not know"});
  INFO(row.schema << " " << row.value);
  SchemaChecker checker(parse_json(kDocument));
  const auto messages = checker.check(row.schema, parse_json(row.value));
  if (*row.complaint == '\0') {
    CHECK(messages.empty());
  } else {
    REQUIRE_FALSE(messages.empty());
    CHECK_THAT(messages.front(), Catch::Contains(row.complaint));
  }
}

TEST_CASE("a schema remembers which properties were seen") {
  SchemaChecker checker(parse_json(kDocument));
  CHECK(checker.documented("/Pet").size() == 6);
  checker.check("/Pet", parse_json(R"({"name": "a", "friend": {"name": "b", "age": 1}})"));
  CHECK(checker.seen() ==
        std::set<std::string>{"/Pet/properties/name", "/Pet/properties/friend", "/Pet/properties/age"});
}

TEST_CASE("an API description judges exchanges, and knows what it has not seen") {
  OpenApi api(parse_json(R"({"paths": {"/pets/{name}": {
    "get": {"parameters": [{"name": "verbose", "in": "query"}],
            "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {
              "name": {"type": "string"}}}}}}, "404": {"description": "none"}}},
    "delete": {"responses": {"200": {"description": "done"}}}}}})"));
  const auto answer = [](unsigned status, const std::string& body, const std::string& allow = {}) {
    HttpAnswer result{.status = status, .body = body, .complete = true};
    result.headers.set("Content-Type", "application/json; charset=utf-8");
    if (!allow.empty()) result.headers.set("Allow", allow);
    return result;
  };
  const HttpRequest get{.target = "/pets/rex?verbose=1"};
  CHECK(api.unseen_answers().size() == 3);
  CHECK(api.check(get, answer(200, R"({"name": "rex"})")).empty());
  CHECK(api.unseen_answers() == std::set<std::string>{"DELETE /pets/{name} 200", "GET /pets/{name} 404"});
  CHECK(api.unseen_properties().empty());
  CHECK(api.unseen_parameters().empty());
  CHECK_FALSE(api.check(get, answer(200, R"({"colour": "red"})")).empty());
  CHECK_FALSE(api.check(get, answer(403, "{}")).empty());
  CHECK_FALSE(api.check({.method = "DELETE", .target = "/pets/rex?force=1"}, answer(200, "")).empty());
  CHECK(api.check({.method = "DELETE", .target = "/pets/rex"}, answer(200, "")).empty());
  CHECK(api.check({.method = "PUT", .target = "/pets/rex"}, answer(405, "{}", "GET, HEAD, DELETE")).empty());
  CHECK_FALSE(api.check({.method = "PUT", .target = "/pets/rex"}, answer(405, "{}", "GET")).empty());
  CHECK(api.check({.target = "/cars"}, answer(404, "{}")).empty());
  CHECK_FALSE(api.check({.target = "/cars"}, answer(200, "{}")).empty());
}

}  // namespace quartermaster::test
