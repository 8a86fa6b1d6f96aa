// Secrets: values are bytes that come back as they went in, and show up nowhere else. All begin with the canary.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::string base(const Namespace& ns) { return "/api/v1/secret/" + ns.name(); }
std::string detail(const Namespace& ns, const std::string& name) { return base(ns) + "/name/" + name; }

json::value read(const Namespace& ns, const std::string& name, const std::string& query = {}) {
  const HttpAnswer answer = service().get(detail(ns, name) + query);
  REQUIRE(answer.status == 200);
  return answer.json();
}

}  // namespace

TEST_CASE("a secret shows all its fields") {
  const Namespace ns(cluster());
  const json::value stored = ns.create("secrets", parse_json(R"({"metadata": {"name": "s", "labels": {"app": "web"},
      "annotations": {"note": "x"}}, "type": "example.com/own", "data": {"k": "YzRuNHJ5LXZhbHVldg==", "empty": ""}})")
                                                      .as_object());
  const json::value expected = parse_json(R"({"name": "s", "namespace": ")" + ns.name() + R"(", "kind": "Secret",
      "state": {"status": "Ready", "reason": "", "message": ""}, "type": "example.com/own",
      "data": {"k": "YzRuNHJ5LXZhbHVldg==", "empty": ""}, "labels": {"app": "web"}, "annotations": {"note": "x"}, "immutable": false,
      "resourceVersion": ")" + text_at(stored, "/metadata/resourceVersion") +
                                          R"("})");
  const json::value body = read(ns, "s");
  for (const auto& [key, value] : expected.as_object()) {
    INFO(std::string(key));
    if (key != "state") CHECK(at(body, "/" + std::string(key)) == value);
  }
  CHECK(find(body, "/state/status") != nullptr);
}

TEST_CASE("the list has keys and sizes instead of values, unless values=true") {
  const Namespace ns(cluster());
  ns.create(
      "secrets",
      parse_json(R"({"metadata": {"name": "s"}, "data": {"one": "YzRuNHJ5LXZhbHVlAAEC", "two": ""}})").as_object());
  const json::value list = service().get(base(ns)).json();
  CHECK(at(list, "/num") == json::value(1));
  CHECK(find(list, "/items/0/data") == nullptr);
  CHECK(at(list, "/items/0/keys") == parse_json(R"([{"name": "one", "bytes": 15}, {"name": "two", "bytes": 0}])"));
  const json::value with_values = service().get(base(ns) + "?values=true").json();
  CHECK(at(with_values, "/items/0/data") == parse_json(R"({"one": "YzRuNHJ5LXZhbHVlAAEC", "two": ""})"));
}

TEST_CASE("a secret is created as it is asked for: 201 with the object") {
  const Namespace ns(cluster());
  const HttpAnswer answer = service().post(base(ns), R"({"name": "s", "type": "example.com/own",
      "data": {"binary": "YzRuNHJ5LXZhbHVlAP/+gA==", "k": "YzRuNHJ5LXZhbHVldg=="}, "stringData": {"text": "c4n4ry-valuecaf\u00e9", "k2": ""},
      "labels": {"app": "web"}, "annotations": {"note": "x"}, "immutable": true})");
  REQUIRE(answer.status == 201);
  const json::value body = answer.json();
  CHECK(text_at(body, "/name") == "s");
  CHECK(
      at(body, "/data") ==
      parse_json(
          R"({"binary": "YzRuNHJ5LXZhbHVlAP/+gA==", "k": "YzRuNHJ5LXZhbHVldg==", "text": "YzRuNHJ5LXZhbHVlY2Fmw6k=", "k2": ""})"));
  const json::value stored = cluster().get(ns.path("secrets", "s"));
  CHECK(at(stored, "/data") == at(body, "/data"));
  CHECK(text_at(stored, "/type") == "example.com/own");
  CHECK(at(stored, "/metadata/labels") == parse_json(R"({"app": "web"})"));
  CHECK(at(stored, "/metadata/annotations") == parse_json(R"({"note": "x"})"));
  CHECK(at(stored, "/immutable") == json::value(true));
  CHECK(read(ns, "s") == body);
}

TEST_CASE("a secret's type defaults to Opaque, and its data to nothing") {
  const Namespace ns(cluster());
  const json::value body = service().post(base(ns), R"({"name": "s"})").json();
  CHECK(text_at(body, "/type") == "Opaque");
  CHECK(at(body, "/data") == json::value(json::object{}));
  CHECK(at(body, "/immutable") == json::value(false));
}

TEST_CASE("decode=true moves the values that are text to stringData") {
  const Namespace ns(cluster());
  ns.create("secrets", parse_json(R"({"metadata": {"name": "s"},
      "data": {"text": "YzRuNHJ5LXZhbHVlY2Fmw6k=", "binary": "YzRuNHJ5LXZhbHVlAP/+gA==", "empty": ""}})")
                           .as_object());
  const json::value body = read(ns, "s", "?decode=true");
  CHECK(at(body, "/data") == parse_json(R"({"binary": "YzRuNHJ5LXZhbHVlAP/+gA=="})"));
  CHECK(at(body, "/stringData") == parse_json(R"({"text": "c4n4ry-valuecaf\u00e9", "empty": ""})"));
  CHECK(at(read(ns, "s", "?decode=false"), "/data/text") == json::value("YzRuNHJ5LXZhbHVlY2Fmw6k="));
}

TEST_CASE("a bad value or key is 422 that names the key, and never shows the value") {
  const Namespace ns(cluster());
  struct Row {
    const char* body;
    const char* field;
  };
  const std::vector<Row> rows = {
      {R"({"name": "s", "data": {"good": "YzRuNHJ5LXZhbHVldg==", "bad": "YzRuNHJ5LXZhbHVl!"}})", "data.bad"},
      {R"({"name": "s", "data": {"bad": "YzRuNHJ5LXZhbHVl"}, "stringData": {"also bad": "c4n4ry-value"}})", "also bad"},
      {R"({"name": "s", "data": {"unpadded": "YzRuNHJ5LXZhbHVl="}})", "data.unpadded"},
      {R"({"name": "s", "data": {"no spaces": "YzRuNHJ5LXZhbHVldg=="}})", "no spaces"},
      {R"({"name": "s", "data": {"": "YzRuNHJ5LXZhbHVldg=="}})", "data"},
      {R"({"name": "s", "data": {"..": "YzRuNHJ5LXZhbHVldg=="}})", "data"},
      {R"({"name": "s", "data": {"a/b": "YzRuNHJ5LXZhbHVldg=="}})", "a/b"},
  };
  check_stays_local([&] {
    for (const Row& row : rows) {
      for (const std::string method : {"POST", "PUT"}) {
        INFO(method << " " << row.body);
        const HttpAnswer answer =
            method == "POST" ? service().post(base(ns), row.body) : service().put(base(ns), row.body);
        CHECK(outcome(answer) == "422 Invalid");
        CHECK_THAT(print(at(answer.json(), "/details/causes")), Catch::Contains(row.field));
      }
    }
  });
}

TEST_CASE("bad names, labels and annotations of a secret are refused with the place") {
  const Namespace ns(cluster());
  struct Row {
    const char* body;
    const char* field;
  };
  const std::vector<Row> rows = {
      {R"({"name": "s", "labels": {"-bad": "x"}})", "labels"},
      {R"({"name": "s", "labels": {"a": "not a value"}})", "labels"},
      {R"({"name": "s", "annotations": {"bad key": "x"}})", "annotations"},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    const HttpAnswer answer = service().post(base(ns), row.body);
    CHECK(outcome(answer) == "422 Invalid");
    CHECK_THAT(print(at(answer.json(), "/details/causes")), Catch::Contains(row.field));
  }
  for (const std::string body : {R"({"name": "Not_A_Name"})", R"({"name": ""})", "{}", R"({"data": {}})"}) {
    INFO(body);
    CHECK(outcome(service().post(base(ns), body)) == "400 BadRequest");
    CHECK(outcome(service().put(base(ns), body)) == "400 BadRequest");
  }
}

TEST_CASE("what only the API server knows to be wrong with a secret is 422 with its causes") {
  const Namespace ns(cluster());
  const std::string half = "c4n4ry-value" + std::string(600'000, 'x');
  REQUIRE(service().post(base(ns), R"({"name": "s", "stringData": {"a": ")" + half + R"("}})").status == 201);
  const HttpAnswer answer = service().patch(detail(ns, "s"), R"({"stringData": {"b": ")" + half + R"("}})");
  CHECK(outcome(answer) == "422 Invalid");
  CHECK_THAT(print(at(answer.json(), "/details/causes")), Catch::Contains("1048576"));
}

TEST_CASE("a secret's name that is taken is 409 AlreadyExists") {
  const Namespace ns(cluster());
  REQUIRE(service().post(base(ns), R"({"name": "s", "data": {"k": "YzRuNHJ5LXZhbHVldg=="}})").status == 201);
  CHECK(outcome(service().post(base(ns), R"({"name": "s"})")) == "409 AlreadyExists");
  CHECK(at(read(ns, "s"), "/data") == parse_json(R"({"k": "YzRuNHJ5LXZhbHVldg=="})"));
}

TEST_CASE("a secret in a namespace that is not there is 404") {
  CHECK(outcome(service().post("/api/v1/secret/no-such-namespace", R"({"name": "s"})")) == "404 NotFound");
}

TEST_CASE("an update replaces data and keeps what it does not name") {
  const Namespace ns(cluster());
  const json::value owner = ns.create("statefulsets", stateful_set("web", {}, 0));
  ns.create("secrets", {{"metadata",
                         {{"name", "s"},
                          {"labels", {{"app", "web"}}},
                          {"annotations", {{"note", "x"}}},
                          {"ownerReferences", json::array{owner_reference(owner, "apps/v1", "StatefulSet")}}}},
                        {"data", {{"old", "YzRuNHJ5LXZhbHVldg=="}, {"kept", "YzRuNHJ5LXZhbHVldg=="}}}});
  const HttpAnswer answer = service().put(
      base(ns), R"({"name": "s", "data": {"kept": "YzRuNHJ5LXZhbHVldw=="}, "stringData": {"new": "c4n4ry-valuen"}})");
  REQUIRE(answer.status == 200);
  CHECK(at(answer.json(), "/data") == parse_json(R"({"kept": "YzRuNHJ5LXZhbHVldw==", "new": "YzRuNHJ5LXZhbHVlbg=="})"));
  const json::value stored = cluster().get(ns.path("secrets", "s"));
  CHECK(at(stored, "/data") == parse_json(R"({"kept": "YzRuNHJ5LXZhbHVldw==", "new": "YzRuNHJ5LXZhbHVlbg=="})"));
  CHECK(at(stored, "/metadata/labels") == parse_json(R"({"app": "web"})"));
  CHECK(at(stored, "/metadata/annotations") == parse_json(R"({"note": "x"})"));
  CHECK(text_at(stored, "/metadata/ownerReferences/0/name") == "web");

  CHECK(service().put(base(ns), R"({"name": "s", "labels": {"b": "2"}})").status == 200);
  CHECK(at(read(ns, "s"), "/data") == parse_json(R"({"kept": "YzRuNHJ5LXZhbHVldw==", "new": "YzRuNHJ5LXZhbHVlbg=="})"));
  CHECK(service()
            .put(base(ns), R"({"name": "s", "labels": {"b": "2"}, "data": {"kept": "YzRuNHJ5LXZhbHVldw=="}})")
            .status == 200);
  CHECK(at(read(ns, "s"), "/labels/b") == json::value("2"));
  CHECK(at(read(ns, "s"), "/annotations") == parse_json(R"({"note": "x"})"));
}

TEST_CASE("an update of what is not there is 404, and makes nothing") {
  const Namespace ns(cluster());
  CHECK(outcome(service().put(base(ns), R"({"name": "absent", "data": {}})")) == "404 NotFound");
  CHECK_FALSE(cluster().exists(ns.path("secrets", "absent")));
}

TEST_CASE("an update with a version that has passed is 409 Conflict") {
  const Namespace ns(cluster());
  const std::string version = text_at(service().post(base(ns), R"({"name": "s"})").json(), "/resourceVersion");
  const std::string body =
      R"({"name": "s", "stringData": {"k": "c4n4ry-value2"}, "resourceVersion": ")" + version + "\"}";
  CHECK(service().put(base(ns), body).status == 200);
  CHECK(outcome(service().put(base(ns), body)) == "409 Conflict");
  CHECK(at(read(ns, "s"), "/data") == parse_json(R"({"k": "YzRuNHJ5LXZhbHVlMg=="})"));
}

TEST_CASE("another type, or an immutable secret, is 409 Immutable") {
  const Namespace ns(cluster());
  REQUIRE(service().post(base(ns), R"({"name": "s", "data": {"k": "YzRuNHJ5LXZhbHVldg=="}})").status == 201);
  CHECK(outcome(service().put(base(ns), R"({"name": "s", "type": "example.com/other"})")) == "409 Immutable");
  CHECK(service().put(base(ns), R"({"name": "s", "type": "Opaque", "data": {"k": "YzRuNHJ5LXZhbHVldg=="}})").status ==
        200);
  CHECK(service().put(base(ns), R"({"name": "s", "data": {"k": "YzRuNHJ5LXZhbHVldg=="}, "immutable": true})").status ==
        200);
  CHECK(outcome(service().put(base(ns), R"({"name": "s", "data": {"k": "YzRuNHJ5LXZhbHVldw=="}})")) == "409 Immutable");
  CHECK(
      outcome(service().put(base(ns), R"({"name": "s", "data": {"k": "YzRuNHJ5LXZhbHVldg=="}, "immutable": false})")) ==
      "409 Immutable");
  CHECK(at(read(ns, "s"), "/data") == parse_json(R"({"k": "YzRuNHJ5LXZhbHVldg=="})"));
}

TEST_CASE("a secret is deleted by path, by parameter or by body") {
  const Namespace ns(cluster());
  for (const std::string name : {"a", "b", "c"}) ns.create("secrets", {{"metadata", {{"name", name}}}});
  CHECK(service().del(detail(ns, "a")).status == 200);
  CHECK(service().del(base(ns) + "?name=b").status == 200);
  CHECK(service().del(base(ns), R"({"name": "c"})").status == 200);
  CHECK(item_names(service().get(base(ns))).empty());
}

TEST_CASE("a delete of a secret without a name, or with two, is 400") {
  const Namespace ns(cluster());
  ns.create("secrets", {{"metadata", {{"name", "s"}}}});
  check_stays_local([&] {
    CHECK(outcome(service().del(base(ns))) == "400 BadRequest");
    CHECK(outcome(service().del(base(ns) + "?name=")) == "400 BadRequest");
    CHECK(outcome(service().del(base(ns), "{}")) == "400 BadRequest");
    CHECK(outcome(service().del(base(ns), R"({"name": ""})")) == "400 BadRequest");
    CHECK(outcome(service().del(base(ns) + "?name=s", R"({"name": "other"})")) == "400 BadRequest");
  });
  CHECK(cluster().exists(ns.path("secrets", "s")));
}

TEST_CASE("no refusal of a secret shows its values") {
  const Namespace ns(cluster());
  const std::string with_value = R"({"name": "s", "data": {"k": "YzRuNHJ5LXZhbHVl"}})";
  const std::string with_text = R"({"name": "t", "stringData": {"k": "c4n4ry-value"}})";
  for (const std::string& body : {with_value, with_text}) {  // check_answer() looks at all of these
    CHECK(service().post(base(ns), body).status == 201);
    CHECK(service().put(base(ns), body).status == 200);
    CHECK(service().post(base(ns), body).status == 409);
    CHECK(service().post("/api/v1/secret/no-such-namespace", body).status == 404);
    CHECK(service().put(base(ns), R"({"resourceVersion": "1", )" + body.substr(1)).status == 409);
    CHECK(service().post(base(ns), R"({"type": "kubernetes.io/tls", )" + body.substr(1)).status == 422);
    CHECK(service().post(base(ns), body.substr(0, body.size() - 1)).status == 400);
    const std::string patch = "{" + body.substr(body.find(", ") + 2);
    CHECK(service().patch(detail(ns, "s"), patch).status == 200);
    CHECK(service().patch(detail(ns, "absent"), patch).status == 404);
    CHECK(service().patch(detail(ns, "s"), R"({"resourceVersion": "1", )" + patch.substr(1)).status == 409);
    CHECK(service().patch(detail(ns, "s"), patch.substr(0, patch.size() - 1)).status == 400);
    CHECK(service().patch(detail(ns, "s"), "[" + patch + "]").status == 400);
  }
}

}  // namespace quartermaster::test
