// Secrets: DTOs in all forms, and the bodies that create and update them.
#include "model/secret.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

// "text": "hello", "utf8": "é\n", "binary": ff 00 fe, "empty": no bytes, "bad": not base64.
constexpr std::string_view kRaw = R"({
    "metadata": {"name": "db", "namespace": "demo", "uid": "u1", "resourceVersion": "42", "labels": {"b": "2", "a": "1"},
                 "annotations": {"note": "n",
                                 "kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{\"text\":\"aGVsbG8=\"}}"}},
    "type": "kubernetes.io/basic-auth", "immutable": true,
    "data": {"utf8": "w6kK", "text": "aGVsbG8=", "binary": "/wD+", "empty": "", "bad": "%%%"}})";

constexpr std::string_view kHead =
    R"({"name":"db","namespace":"demo","kind":"Secret","state":{"status":"Ready","reason":"","message":""},)"
    R"("type":"kubernetes.io/basic-auth",)";
constexpr std::string_view kLastApplied =
    R"("kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"text\":\"aGVsbG8=\"}}",)";

Secret secret() { return from_json(kRaw, secret_from); }

std::string tail(std::string_view last_applied) {
  return R"("labels":{"a":"1","b":"2"},"annotations":{)" + std::string(last_applied) +
         R"("note":"n"},"immutable":true,"resourceVersion":"42"})";
}

TEST_CASE("A secret's DTO keeps base64") {
  CHECK(written([](json::Writer& w) { write(w, secret()); }) ==
        std::string(kHead) + R"("data":{"bad":"%%%","binary":"/wD+","empty":"","text":"aGVsbG8=","utf8":"w6kK"},)" +
            tail(kLastApplied));
}

TEST_CASE("A decoded secret has what is text as text, and the rest as base64") {
  CHECK(written([](json::Writer& w) { write(w, secret(), SecretValues::decoded); }) ==
        std::string(kHead) +
            R"("data":{"bad":"%%%","binary":"/wD+"},"stringData":{"empty":"","text":"hello","utf8":"é\n"},)" +
            tail(kLastApplied));
}

TEST_CASE("A secret in a list has keys and sizes, and no value anywhere") {
  auto raw = R"({"data": {"b": "aGVsbG8=", "a": "/wD+", "c": ""}})";
  CHECK(
      written([&](json::Writer& w) { write_item(w, from_json(raw, secret_from), false); }) ==
      R"({"name":"","namespace":"","kind":"Secret","state":{"status":"Ready","reason":"","message":""},"type":"Opaque",)"
      R"("keys":[{"name":"a","bytes":3},{"name":"b","bytes":5},{"name":"c","bytes":0}],)"
      R"("labels":{},"annotations":{},"immutable":false,"resourceVersion":""})");
  const std::string item = written([](json::Writer& w) { write_item(w, secret(), false); });
  CHECK_THAT(item, Catch::EndsWith(tail("")));
  CHECK_THAT(item, !Catch::Contains("aGVsbG8="));
}

TEST_CASE("A secret in a list has its data if asked for") {
  auto raw = R"({"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}},
                 "data": {"a": "/wD+"}})";
  CHECK(
      written([&](json::Writer& w) { write_item(w, from_json(raw, secret_from), true); }) ==
      R"({"name":"","namespace":"","kind":"Secret","state":{"status":"Ready","reason":"","message":""},"type":"Opaque",)"
      R"("keys":[{"name":"a","bytes":3}],"data":{"a":"/wD+"},)"
      R"("labels":{},"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"},)"
      R"("immutable":false,"resourceVersion":""})");
}

TEST_CASE("An empty secret's DTO has every field") {
  const auto raw = GENERATE("{}", "null", R"({"data": null, "type": 1, "immutable": "yes"})");
  CHECK(written([&](json::Writer& w) { write(w, from_json(raw, secret_from)); }) ==
        R"({"name":"","namespace":"","kind":"Secret","state":{"status":"Ready","reason":"","message":""},)"
        R"("type":"Opaque","data":{},"labels":{},"annotations":{},"immutable":false,"resourceVersion":""})");
}

TEST_CASE("A secret's manifest") {
  CHECK(written([](json::Writer& w) { write_manifest(w, {.name = "db"}); }) ==
        R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"db"},"type":"Opaque","data":{}})");
  CHECK(written([](json::Writer& w) {
          write_manifest(w, {.name = "db",
                             .type = "t",
                             .data = {{"k", "aGVsbG8="}},
                             .labels = {{"a", "1"}},
                             .annotations = {{"b", "2"}},
                             .immutable = true});
        }) ==
        R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"db","labels":{"a":"1"},"annotations":{"b":"2"}},)"
        R"("type":"t","data":{"k":"aGVsbG8="},"immutable":true})");
}

TEST_CASE("A secret's patch replaces the data and changes what is named, in this version only") {
  const SecretPatch patch{.data = StringMap{{"text", "bmV3"}, {"added", "eA=="}},
                          .metadata = {.labels = {{"a", std::nullopt}, {"c", "3"}}, .annotations = {{"note", ""}}},
                          .immutable = false};
  CHECK(
      written([&](json::Writer& w) { write_patch(w, secret(), patch); }) ==
      R"({"metadata":{"resourceVersion":"42","labels":{"a":null,"c":"3"},"annotations":{"note":""}},)"
      R"("data":{"added":"eA==","bad":null,"binary":null,"empty":null,"text":"bmV3","utf8":null},"immutable":false})");
}

TEST_CASE("A secret's patch of single keys leaves the others") {
  CHECK(written([](json::Writer& w) {
          write_patch(w, secret(), {.changes = {{"text", "bmV3"}, {"utf8", std::nullopt}}});
        }) == R"({"metadata":{"resourceVersion":"42"},"data":{"text":"bmV3","utf8":null}})");
}

TEST_CASE("A secret's patch without data leaves the data") {
  CHECK(written([](json::Writer& w) { write_patch(w, secret(), {}); }) == R"({"metadata":{"resourceVersion":"42"}})");
}

TEST_CASE("A secret's patch with no data in it removes all") {
  const Secret current = from_json(R"({"data": {"a": "", "b": ""}})", secret_from);
  CHECK_THAT(written([&](json::Writer& w) { write_patch(w, current, {.data = StringMap{}}); }),
             Catch::EndsWith(R"(,"data":{"a":null,"b":null}})"));
}

}  // namespace
}  // namespace quartermaster::model
