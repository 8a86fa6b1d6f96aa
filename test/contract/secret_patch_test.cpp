// Secrets, key by key: a JSON merge patch.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

constexpr const char* kOld = "YzRuNHJ5LXZhbHVlb2xk";  // c4n4ry-valueold
constexpr const char* kNew = "YzRuNHJ5LXZhbHVlbmV3";  // c4n4ry-valuenew

std::string detail(const Namespace& ns, const std::string& name = "s") {
  return "/api/v1/secret/" + ns.name() + "/name/" + name;
}

/// The secret s with three keys.
json::value create(const Namespace& ns, const json::object& extra = {}) {
  return ns.create(
      "secrets", merged({{"metadata", {{"name", "s"}, {"labels", {{"app", "web"}}}, {"annotations", {{"note", "x"}}}}},
                         {"data", {{"a", kOld}, {"b", kOld}, {"c", kOld}}}},
                        extra));
}

json::value stored(const Namespace& ns) { return cluster().get(ns.path("secrets", "s")); }

}  // namespace

TEST_CASE("a patch sets and removes the keys that it names, and leaves the others") {
  const Namespace ns(cluster());
  create(ns);
  const HttpAnswer answer =
      service().patch(detail(ns), R"({"data": {"a": ")" + std::string(kNew) + R"(", "b": null, "no": null},
                      "stringData": {"text": "c4n4ry-valuenew", "gone": null}})");
  REQUIRE(answer.status == 200);
  const json::value data = {{"a", kNew}, {"c", kOld}, {"text", kNew}};
  CHECK(at(answer.json(), "/data") == data);
  CHECK(at(stored(ns), "/data") == data);
  CHECK(at(stored(ns), "/metadata/labels") == json::value{{"app", "web"}});
  CHECK(at(stored(ns), "/metadata/annotations") == json::value{{"note", "x"}});
  CHECK(answer.header("X-Resource-Version") == text_at(stored(ns), "/metadata/resourceVersion"));
  CHECK(answer.header("Cache-Control") == "no-store");
}

TEST_CASE("text wins over base64 in a patch, in setting and in removing") {
  const Namespace ns(cluster());
  create(ns);
  const HttpAnswer answer = service().patch(
      detail(ns), R"({"data": {"a": ")" + std::string(kOld) + R"(", "b": null, "c": ")" + std::string(kNew) +
                      R"("}, "stringData": {"a": "c4n4ry-valuenew", "b": "c4n4ry-valuenew", "c": null}})");
  CHECK(at(answer.json(), "/data") == json::value{{"a", kNew}, {"b", kNew}});
}

TEST_CASE("a patch merges labels and annotations, and an empty one changes nothing") {
  const Namespace ns(cluster());
  const json::value before = create(ns);
  const HttpAnswer empty = service().patch(detail(ns), "{}");
  CHECK(empty.status == 200);
  CHECK(text_at(empty.json(), "/resourceVersion") == text_at(before, "/metadata/resourceVersion"));
  const HttpAnswer answer =
      service().patch(detail(ns), R"({"labels": {"app": null, "tier": "db"}, "annotations": {"more": "y"}})");
  REQUIRE(answer.status == 200);
  CHECK(at(answer.json(), "/labels") == json::value{{"tier", "db"}});
  CHECK(at(answer.json(), "/annotations") == json::value{{"more", "y"}, {"note", "x"}});
  CHECK(at(stored(ns), "/data") == at(before, "/data"));
}

TEST_CASE("a patch for a version that has passed is 409 Conflict, and changes nothing") {
  const Namespace ns(cluster());
  const std::string version = text_at(create(ns), "/metadata/resourceVersion");
  const std::string body = R"({"stringData": {"a": "c4n4ry-valuenew"}, "resourceVersion": ")" + version + "\"}";
  CHECK(service().patch(detail(ns), body).status == 200);
  const json::value after = stored(ns);
  const HttpAnswer answer =
      service().patch(detail(ns), R"({"data": {"c": null}, "resourceVersion": ")" + version + "\"}");
  CHECK(outcome(answer) == "409 Conflict");
  CHECK_THAT(text_at(answer.json(), "/errMessage"),
             Catch::Contains("is at resource version " + text_at(after, "/metadata/resourceVersion")));
  CHECK(text_at(answer.json(), "/details/causes/0/field") == "resourceVersion");
  CHECK(stored(ns) == after);
}

TEST_CASE("a precondition in If-Match is not passed over") {
  const Namespace ns(cluster());
  create(ns);
  const HttpAnswer answer = service().call({"PATCH",
                                            detail(ns),
                                            {{"Content-Type", "application/merge-patch+json"}, {"If-Match", "\"1\""}},
                                            R"({"data": {"c": null}})"});
  CHECK(outcome(answer) == "400 BadRequest");
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::StartsWith("If-Match"));
  CHECK(find(stored(ns), "/data/c") != nullptr);
}

TEST_CASE("a patch of an immutable secret is 409 Immutable, of none 404") {
  const Namespace ns(cluster());
  create(ns, {{"immutable", true}});
  CHECK(outcome(service().patch(detail(ns), R"({"data": {"a": null}})")) == "409 Immutable");
  CHECK(outcome(service().patch(detail(ns, "absent"), R"({"data": {"a": null}})")) == "404 NotFound");
  CHECK_FALSE(cluster().exists(ns.path("secrets", "absent")));
}

TEST_CASE("a dry run of a patch answers what would be, and changes nothing") {
  const Namespace ns(cluster());
  const json::value before = create(ns);
  const HttpAnswer answer = service().patch(detail(ns) + "?dryRun=true", R"({"data": {"a": null, "b": null}})");
  REQUIRE(answer.status == 200);
  CHECK(at(answer.json(), "/data") == json::value{{"c", kOld}});
  CHECK_FALSE(answer.has_header("X-Resource-Version"));
  CHECK(stored(ns) == before);
}

TEST_CASE("bad keys and values of a patch are 422 that names them, and never shows a value") {
  const Namespace ns(cluster());
  struct Row {
    const char* body;
    const char* field;
  };
  const std::vector<Row> rows = {
      {R"({"data": {"bad": "YzRuNHJ5LXZhbHVl!"}})", "data.bad"},
      {R"({"data": {"a/b": null}})", "data[a/b]"},
      {R"({"stringData": {"a b": "c4n4ry-value"}})", "stringData[a b]"},
      {R"({"labels": {"-bad": "x"}})", "labels.-bad"},
      {R"({"annotations": {"bad key": null}})", "annotations[bad key]"},
  };
  check_stays_local([&] {
    for (const Row& row : rows) {
      INFO(row.body);
      const HttpAnswer answer = service().patch(detail(ns), row.body);
      CHECK(outcome(answer) == "422 Invalid");
      CHECK(text_at(answer.json(), "/details/causes/0/field") == row.field);
    }
  });
}

}  // namespace quartermaster::test
