// Bodies are read strictly, and nothing of their values is told.
#include "server/api/body_reader.hpp"

#include <catch2/catch.hpp>

namespace quartermaster::api {
namespace {

/// Reads a body that knows one field of each type; the error's message, or "".
std::string read(const std::string& text) {
  const auto document = json::parse(text, json::kRequestBody);
  if (!document) return document.error().message;
  FirstError error;
  ObjectReader reader(document->root(), "", error);
  reader.string("text");
  reader.boolean("flag");
  reader.string_map("map");
  reader.map_patch("patch");
  for (auto& item : reader.objects("items")) {
    if (auto inner = item.object("inner")) {
      inner->string("name");
      inner->finish();
    }
    item.finish();
  }
  reader.finish();
  if (!error) return "";
  CHECK(error->code == ErrorCode::bad_request);
  return error->message;
}

TEST_CASE("What is wrong with a body is said with its place, and without its values") {
  const std::string known = "; known: text, flag, map, patch, items";
  const auto [text, message] = GENERATE_COPY(table<std::string, std::string>({
      {R"({})", ""},
      {R"({"text": "", "flag": true, "map": {"a": "b"}, "patch": {"a": "b", "c": null}, "items": []})", ""},
      {R"({"items": [{}, {"inner": {}}, {"inner": {"name": "x"}}]})", ""},
      {R"([])", "body: must be an object, not an array"},
      {R"("s3cret")", "body: must be an object, not a string"},
      {R"(null)", "body: must be an object, not null"},
      {R"(5)", "body: must be an object, not a number"},
      {R"(true)", "body: must be an object, not a boolean"},
      {R"({"text": null})", "text: must be a string, not null"},
      {R"({"text": 5})", "text: must be a string, not a number"},
      {R"({"text": ["s3cret"]})", "text: must be a string, not an array"},
      {R"({"flag": "s3cret"})", "flag: must be a boolean, not a string"},
      {R"({"flag": 1})", "flag: must be a boolean, not a number"},
      {R"({"map": "s3cret"})", "map: must be an object, not a string"},
      {R"({"map": {"a": "x", "b": 1}})", "map.b: must be a string, not a number"},
      {R"({"map": {"a": null}})", "map.a: must be a string, not null"},
      {R"({"map": {"x/y.z": 1}})", "map[x/y.z]: must be a string, not a number"},
      {R"({"map": {"": 1}})", "map[]: must be a string, not a number"},
      {R"({"patch": []})", "patch: must be an object, not an array"},
      {R"({"patch": {"a": false}})", "patch.a: must be a string or null, not a boolean"},
      {R"({"items": {}})", "items: must be an array, not an object"},
      {R"({"items": [{}, 5]})", "items[1]: must be an object, not a number"},
      {R"({"items": [{}, {"inner": "s3cret"}]})", "items[1].inner: must be an object, not a string"},
      {R"({"items": [{}, {"inner": {"name": {}}}]})", "items[1].inner.name: must be a string, not an object"},
      {R"({"items": [{"inner": {"nam": "s3cret"}}]})", "items[0].inner.nam: unknown field; known: name"},
      {R"({"Text": "s3cret"})", "Text: unknown field" + known},
      {R"({"text ": "s3cret"})", "[text ]: unknown field" + known},
      {R"({"text": 5, "unknown": 1})", "text: must be a string, not a number"},  // the first one
      {R"({"text": "a", "text": "s3cret"})", "text: duplicate key"},
      {R"({"text": s3cret})", "byte 9: "},
  }));
  CAPTURE(text);
  const auto said = read(text);
  if (message.ends_with(": ")) {
    CHECK_THAT(said, Catch::StartsWith(message));
  } else {
    CHECK(said == message);
  }
  CHECK_THAT(said, !Catch::Contains("s3cret"));
}

TEST_CASE("A key of megabytes is not told in full") {
  CHECK(read(R"({")" + std::string(1 << 20, 'k') + R"(": 1})").size() < 300);
}

TEST_CASE("What is read is what was sent") {
  const auto document =
      json::parse(R"({"text": "a\u0000b", "flag": false, "map": {"a": "b"}, "patch": {"a": null, "b": "c"}})").value();
  FirstError error;
  ObjectReader reader(document.root(), "", error);
  CHECK(reader.string("text") == std::string("a\0b", 3));
  CHECK(reader.boolean("flag") == false);
  CHECK(reader.string_map("map") == StringMap{{"a", "b"}});
  CHECK(reader.map_patch("patch") == model::MapPatch{{"a", std::nullopt}, {"b", "c"}});
  CHECK(reader.string("absent") == std::nullopt);
  CHECK(reader.boolean("absent") == std::nullopt);
  CHECK(reader.string_map("absent") == std::nullopt);
  CHECK(reader.map_patch("absent") == std::nullopt);
  CHECK_FALSE(reader.object("absent"));
  CHECK(reader.objects("absent").empty());
  CHECK_FALSE(error);
}

TEST_CASE("A body without fields takes none") {
  const auto document = json::parse(R"({"a": 1})").value();
  FirstError error;
  ObjectReader reader(document.root(), "", error);
  reader.finish();
  REQUIRE(error);
  CHECK(error->message == "a: unknown field; this takes none");
}

}  // namespace
}  // namespace quartermaster::api
