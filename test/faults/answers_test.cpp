// What the API server can answer, and what becomes of it.
#include <algorithm>

#include "test/faults/setting.hpp"

namespace quartermaster::test {

namespace {

using apisim::Fault;

Fault answer_with(unsigned status, std::string reason = {}, std::string message = {}) {
  Fault fault;
  fault.count = Fault::kAlways;
  fault.action = Fault::Action::answer;
  fault.status = status;
  fault.reason = std::move(reason);
  fault.message = std::move(message);
  return fault;
}

/// From now on the API server says that to each delete of the claim.
void answer_delete(Setting& setting, const std::string& claim, Fault fault) {
  fault.method = "DELETE";
  fault.target = "/persistentvolumeclaims/" + claim;
  setting.server().inject(fault);
}

Fault with_body(std::string body, std::string content_type = "application/json") {
  Fault fault;
  fault.count = Fault::kAlways;
  fault.body = std::move(body);
  fault.content_type = std::move(content_type);
  return fault;
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("an update of a tenant is tried first, and what fails in spite of that says what was done before it") {
  Setting setting;
  setting.server().put(R"({"apiVersion": "v1", "kind": "Namespace",
      "metadata": {"name": "demo", "labels": {"multi-tenant": "tenant-tiller-demo"}}, "status": {"phase": "Active"}})");
  const auto put = [&] {
    return setting.service().put("/api/v1/tenant/demo", R"({"tenantLabels": {"touched": "yes"},
        "tenantLimits": [{"type": "Pod", "max": {"cpu": "1"}}]})");
  };
  Fault fault = answer_with(403, "Forbidden", "no");
  SECTION("the trial fails") {
    fault.target = "/limitranges.*dryRun=All";
    setting.server().inject(fault);
    const auto answer = put();
    CHECK(outcome(answer) == "403 Forbidden");
    CHECK_THAT(answer.body, Catch::Contains("creating limit range") && Catch::Contains("; nothing was changed"));
  }
  SECTION("the write itself fails") {
    fault.target = "/limitranges(?!.*dryRun)";
    fault.method = "POST";
    setting.server().inject(fault);
    const auto answer = put();
    CHECK(outcome(answer) == "403 Forbidden");
    CHECK_THAT(answer.body,
               Catch::Contains("creating limit range") && Catch::Contains("; done before: Namespace demo"));
  }
  SECTION("a webhook cannot be tried") {
    fault = answer_with(400, "BadRequest", "admission webhook \"w\" does not support dry run");
    fault.target = "/limitranges.*dryRun=All";
    setting.server().inject(fault);
    CHECK(outcome(put()) == "200");
  }
}

TEST_CASE("a refusal of our credentials is tried once more") {
  Setting setting;
  CHECK(setting.read() == "200");
  Fault once = answer_with(401, "Unauthorized", "Unauthorized");
  once.count = 1;
  setting.server().inject(once);
  CHECK(setting.read() == "200");
}

TEST_CASE("a second refusal of our credentials is 502, and not the caller's 401") {
  Setting setting;
  CHECK(setting.read() == "200");
  setting.server().refuse_tokens(true);
  setting.server().clear_requests();
  CHECK(setting.read() == "502 BadGateway");
  CHECK(setting.requests("/persistentvolumeclaims") <= 2);
  setting.server().refuse_tokens(false);
  CHECK(setting.read() == "200");
}

TEST_CASE("each status of the API server becomes the one of the contract") {
  struct Row {
    Fault fault;
    const char* outcome;
  };
  const std::vector<Row> rows = {
      {answer_with(400, "BadRequest", "no good"), "400 BadRequest"},
      {answer_with(403, "Forbidden", "you may not"), "403 Forbidden"},
      {answer_with(410, "Expired", "too old"), "410 Expired"},
      {answer_with(429, "TooManyRequests", "later"), "503 ServiceUnavailable"},
      {answer_with(500, "InternalError", "etcd is sad"), "502 BadGateway"},
      {answer_with(503, "ServiceUnavailable", "starting"), "503 ServiceUnavailable"},
      {answer_with(504, "Timeout", "too slow"), "504 Timeout"},
      {answer_with(301), "502 BadGateway"},
  };
  Setting setting;
  setting.make_namespace();
  for (const Row& row : rows) {
    INFO(row.fault.status);
    setting.server().inject(row.fault);
    const HttpAnswer answer = setting.service().get("/api/v1/secret/demo?limit=1&timeout=1s");
    CHECK(outcome(answer) == row.outcome);
    if (row.fault.status == 403) CHECK(text_at(answer.json(), "/errMessage") == "you may not");
    if (answer.status == 503) CHECK_FALSE(answer.header("Retry-After").empty());
    setting.server().clear_faults();
  }
  CHECK(setting.read() == "200");
}

TEST_CASE("Retry-After is passed on") {
  Setting setting;
  Fault fault = answer_with(429, "TooManyRequests", "later");
  fault.retry_after = 7;
  setting.server().inject(fault);
  CHECK(setting.service().get("/api/v1/pvc/demo?timeout=5s").header("Retry-After") == "7");
}

TEST_CASE("an answer that makes no sense is 502, and harms nobody") {
  const std::vector<Fault> faults = {
      with_body(""),
      with_body("{"),
      with_body("nonsense"),
      with_body("<html>a proxy's page</html>", "text/html"),
      with_body("[]"),
      with_body("null"),
      with_body(R"({"kind": "PersistentVolumeClaimList", "apiVersion": "v1"})"),
      with_body(R"({"kind": "PersistentVolumeClaimList", "apiVersion": "v1", "items": {}})"),
      with_body("{\"kind\": \"PersistentVolumeClaimList\", \"items\": [\"\xff\"]}"),
      with_body(R"({"kind": "PersistentVolumeClaimList", "items": )" + repeated("[", 200'000) + "}"),
      with_body(repeated("[", 1'000'000)),
  };
  Setting setting;
  for (const Fault& fault : faults) {
    INFO(fault.body->substr(0, 80));
    setting.server().inject(fault);
    CHECK(setting.read() == "502 BadGateway");
    setting.server().clear_faults();
    CHECK(setting.read() == "200");
  }
}

TEST_CASE("objects with absent, null and wrongly typed fields are shown as far as they go") {
  Setting setting;
  setting.server().inject(with_body(R"({"kind": "PersistentVolumeClaimList", "apiVersion": "v1",
      "metadata": {"resourceVersion": "5"}, "items": [
        {"metadata": {"name": "a", "namespace": "demo"}},
        {"metadata": {"name": "b", "namespace": "demo", "labels": null}, "spec": null, "status": null},
        {"metadata": {"name": "c", "namespace": "demo", "labels": [1]}, "spec": 7, "status": {"phase": {}}}]})"));
  const HttpAnswer answer = setting.service().get("/api/v1/pvc/demo");
  CHECK(answer.status == 200);
  CHECK(at(answer.json(), "/items").as_array().size() == 3);
  CHECK(at(answer.json(), "/items/2/labels") == json::value(json::object{}));
}

TEST_CASE("an answer that is half a body, or never comes, is told apart") {
  Setting setting;
  Fault half;
  half.target = "persistentvolumeclaims";
  half.cut_after = 10;
  setting.server().inject(half);
  CHECK(setting.read() == "502 BadGateway");
  Fault hang;
  hang.action = Fault::Action::hang;
  hang.count = Fault::kAlways;
  setting.server().inject(hang);
  CHECK(setting.read("?timeout=1s") == "504 Timeout");
  setting.server().clear_faults();
  CHECK(setting.read() == "200");
}

TEST_CASE("the request id travels to the API server") {
  Setting setting;
  setting.read();
  setting.server().clear_requests();
  setting.service().get("/api/v1/pvc/demo", {{"X-Request-Id", "travels-far"}});
  const auto requests = setting.server().requests();
  CHECK(std::any_of(requests.begin(), requests.end(), [](const apisim::Request& request) {
    return request.target.find("/persistentvolumeclaims") != std::string::npos && request.request_id == "travels-far";
  }));
}

TEST_CASE("a create that fails on the way undoes what it made, and says which step failed") {
  struct Row {
    const char* target;
    const char* step;
  };
  const Row row = GENERATE(Row{"/resourcequotas", "quota"}, Row{"/limitranges", "limitrange"});
  Setting setting;
  Fault fault = answer_with(403, "Forbidden", "no more of these");
  fault.method = "POST";
  fault.target = row.target;
  setting.server().inject(fault);
  const HttpAnswer answer =
      setting.service().post("/api/v1/tenant/team", R"({"tenantQuotas": [{"quotaName": "q", "hard": {"pods": "1"}}]})");
  CHECK(outcome(answer) == "403 Forbidden");
  const std::string message = text_at(answer.json(), "/errMessage");
  CHECK_THAT(message, Catch::Contains(row.step, Catch::CaseSensitive::No) && Catch::Contains("no more of these"));
  CHECK(poll_until([&] { return !setting.server().find("Namespace", "", "team"); }));
}

TEST_CASE("a bulk delete that fails half way tries the rest, and is 207 with each one's result") {
  Setting setting;
  setting.make_namespace();
  for (const std::string name : {"a", "b", "c"}) setting.make_claim(name);
  answer_delete(setting, "b", answer_with(403, "Forbidden", "not this one"));
  const HttpAnswer answer = setting.service().del("/api/v1/pvc/demo?labelselector=app%3Dx");
  CHECK(answer.status == 207);
  const json::value body = answer.json();
  CHECK(text_at(body, "/items/0/result") == "deleted");
  CHECK(text_at(body, "/items/1/result") == "failed");
  CHECK_THAT(text_at(body, "/items/1/message"), Catch::Contains("not this one"));
  CHECK(text_at(body, "/items/2/result") == "deleted");
  CHECK(setting.server().find("PersistentVolumeClaim", "demo", "b"));
  CHECK_FALSE(setting.server().find("PersistentVolumeClaim", "demo", "c"));
}

namespace {

/// What a planned bulk delete in "demo" answers when the API server finds a claim changed at the last moment.
HttpAnswer planned_delete(Setting& setting, const std::string& changed) {
  setting.make_namespace();
  for (const std::string name : {"a", "b", "c"}) setting.make_claim(name);
  const std::string all = "/api/v1/pvc/demo?labelselector=app%3Dx";
  const std::string token = text_at(setting.service().del(all + "&dryRun=true").json(), "/plan/token");
  answer_delete(setting, changed, answer_with(409, "Conflict", "it has been modified"));
  return setting.service().del(all + "&plan=" + token);
}

}  // namespace

TEST_CASE("a plan that no longer holds at the first delete is 409, and nothing is deleted") {
  Setting setting;
  const HttpAnswer answer = planned_delete(setting, "a");
  CHECK(outcome(answer) == "409 Conflict");
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains("nothing was deleted"));
  for (const std::string name : {"a", "b", "c"}) CHECK(setting.server().find("PersistentVolumeClaim", "demo", name));
}

TEST_CASE("a plan that no longer holds half way is not gone on with") {
  Setting setting;
  const HttpAnswer answer = planned_delete(setting, "b");
  CHECK(answer.status == 207);
  const json::value body = answer.json();
  CHECK(text_at(body, "/items/0/result") == "deleted");
  CHECK(text_at(body, "/items/1/result") == "failed");
  CHECK(text_at(body, "/items/2/result") == "failed");
  CHECK_THAT(text_at(body, "/items/2/message"), Catch::Contains("not tried"));
  CHECK_FALSE(setting.server().find("PersistentVolumeClaim", "demo", "a"));
  for (const std::string name : {"b", "c"}) CHECK(setting.server().find("PersistentVolumeClaim", "demo", name));
}

TEST_CASE("a planned delete of one claim that changes at the last moment is 409") {
  Setting setting;
  setting.make_namespace();
  setting.make_claim("a");
  const std::string one = "/api/v1/pvc/demo/name/a";
  const std::string token = text_at(setting.service().del(one + "?dryRun=true").json(), "/plan/token");
  Fault fault = answer_with(409, "Conflict", "it has been modified");
  fault.method = "DELETE";
  setting.server().inject(fault);
  const HttpAnswer answer = setting.service().del(one + "?plan=" + token);
  CHECK(outcome(answer) == "409 Conflict");
  CHECK_THAT(text_at(answer.json(), "/errMessage"), Catch::Contains("nothing was deleted"));
  for (const auto& request : setting.server().requests()) {
    if (request.method != "DELETE") continue;
    CHECK_THAT(request.body, Catch::Contains("\"uid\":\"") && Catch::Contains("\"resourceVersion\":\""));
  }
}

TEST_CASE("a dry run that the API server refuses for one claim has no token, and says why") {
  Setting setting;
  setting.make_namespace();
  for (const std::string name : {"a", "b"}) setting.make_claim(name);
  answer_delete(setting, "b", answer_with(403, "Forbidden", "not this one"));
  const HttpAnswer answer = setting.service().del("/api/v1/pvc/demo?labelselector=app%3Dx&dryRun=true");
  CHECK(answer.status == 207);
  const json::value body = answer.json();
  CHECK(text_at(body, "/plan/token").empty());
  CHECK(text_at(body, "/plan/claims/1/action") == "refuse");
  CHECK(text_at(body, "/plan/claims/1/reason") == "Forbidden");
  CHECK_THAT(text_at(body, "/plan/claims/1/message"), Catch::Contains("not this one"));
}

TEST_CASE("a plan is not made from half of what it takes") {
  Setting setting;
  setting.make_namespace();
  setting.server().create(R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
      "metadata": {"namespace": "demo", "name": "c"},
      "spec": {"accessModes": ["ReadWriteOnce"], "volumeName": "v", "resources": {"requests": {"storage": "1Gi"}}}})");
  const auto plan = [&setting] {
    return outcome(setting.service().del("/api/v1/pvc/demo/name/c?dryRun=true&timeout=5s"));
  };
  CHECK(plan() == "202");
  for (const std::string part : {"/persistentvolumes/v", "/statefulsets", "/pods"}) {
    INFO(part);
    Fault fault = answer_with(500, "InternalError", "broken");
    fault.target = part;
    setting.server().inject(fault);
    CHECK(plan() == "502 BadGateway");
    setting.server().clear_faults();
  }
  CHECK(plan() == "202");
}

TEST_CASE("a kubelet that does not answer does not keep a claim's usage from being told") {
  Setting setting;
  setting.make_namespace();
  setting.make_claim("c");
  setting.server().create(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "demo", "name": "p"},
      "spec": {"nodeName": "n", "containers": [{"name": "main", "image": "i"}],
               "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]}})");
  const auto reason = [&setting] {
    const HttpAnswer answer = setting.service().get("/api/v1/pvc/demo/name/c/usage?timeout=1s");
    CHECK(answer.status == 200);
    CHECK(text_at(answer.json(), "/users/0/name") == "p");
    CHECK(text_at(answer.json(), "/stats/node") == "n");
    return text_at(answer.json(), "/stats/reason");
  };
  Fault fault;
  fault.target = "/nodes/n/proxy/";
  SECTION("it hangs") {
    fault.action = Fault::Action::hang;
    setting.server().inject(fault);
    CHECK(reason() == "Timeout");
  }
  SECTION("it cannot be reached") {
    fault = answer_with(503, "ServiceUnavailable", "error trying to reach service: dial tcp: connection refused");
    fault.target = "/nodes/n/proxy/";
    setting.server().inject(fault);
    CHECK(reason() == "ServiceUnavailable");
  }
  SECTION("we may not ask it") {
    fault = answer_with(403, "Forbidden", "nodes is forbidden");
    fault.target = "/nodes/n/proxy/";
    setting.server().inject(fault);
    CHECK(reason() == "Forbidden");
  }
  SECTION("it speaks no JSON") {
    fault.body = "<html>";
    fault.action = Fault::Action::answer;
    fault.status = 200;
    setting.server().inject(fault);
    CHECK(reason() == "BadGateway");
  }
}

TEST_CASE("an update without a version is tried again after a conflict with another writer") {
  Setting setting;
  setting.make_namespace();
  setting.server().create(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "demo", "name": "s"}})");
  Fault conflict = answer_with(409, "Conflict", "the object has been modified");
  conflict.count = 1;
  for (const std::string method : {"PUT", "PATCH"}) {
    conflict.method = method;
    setting.server().inject(conflict);
  }
  const HttpAnswer answer = setting.service().put("/api/v1/secret/demo", R"({"name": "s", "stringData": {"k": "v"}})");
  CHECK(answer.status == 200);
  CHECK(text_at(*setting.server().find("Secret", "demo", "s"), "/data/k") == "dg==");
}

TEST_CASE("nothing is deleted when what the claims are used by cannot be read") {
  Setting setting;
  setting.make_namespace();
  setting.make_claim("c");
  for (const std::string what : {"/pods", "/statefulsets"}) {
    Fault fault = answer_with(500, "InternalError", "broken");
    fault.method = "GET";
    fault.target = what;
    setting.server().inject(fault);
    CHECK(outcome(setting.service().del("/api/v1/pvc/demo/name/c")) == "502 BadGateway");
    CHECK(outcome(setting.service().del("/api/v1/pvc/demo?labelselector=app%3Dx")) == "502 BadGateway");
    setting.server().clear_faults();
  }
  CHECK(setting.server().find("PersistentVolumeClaim", "demo", "c"));
}

TEST_CASE("every delete is held to the object that was looked at, by its uid") {
  Setting setting;
  setting.make_namespace();
  for (const std::string name : {"one", "two"}) setting.make_claim(name);
  setting.make_running_pod("p");
  const auto uid = [&](const std::string& kind, const std::string& name) {
    return text_at(*setting.server().find(kind, "demo", name), "/metadata/uid");
  };
  const std::vector<std::string> uids = {uid("PersistentVolumeClaim", "one"), uid("PersistentVolumeClaim", "two"),
                                         uid("Pod", "p")};
  CHECK(setting.service().del("/api/v1/pvc/demo/name/one").status == 200);
  CHECK(setting.service().del("/api/v1/pvc/demo?labelselector=app%3Dx").status == 200);
  CHECK(setting.service().post("/api/v1/pod/demo/name/p/restart?force=true", "").status == 200);
  std::vector<std::string> held;
  for (const apisim::Request& request : setting.server().requests()) {
    if (request.method == "DELETE") held.push_back(text_at(parse_json(request.body), "/preconditions/uid"));
  }
  CHECK(held == uids);
}

TEST_CASE("what is replaced between the look and the delete is left alone") {
  Setting setting;
  setting.make_namespace();
  setting.make_running_pod("p");
  CHECK(setting.read() == "200");
  apisim::Fault slow;
  slow.method = "DELETE";
  slow.target = "/pods/p";
  slow.delay = std::chrono::milliseconds(1000);
  setting.server().inject(slow);
  Connection connection = setting.service().connect();
  REQUIRE(connection.send(to_bytes({.method = "POST", .target = "/api/v1/pod/demo/name/p/restart?force=true"})));
  REQUIRE(poll_until([&] {
    const auto requests = setting.server().requests();
    return !requests.empty() && requests.back().method == "DELETE";
  }));
  setting.server().remove("Pod", "demo", "p");
  setting.make_running_pod("p");
  const HttpAnswer answer = AnswerReader(std::move(connection)).rest();
  CHECK(outcome(answer).starts_with("409"));
  CHECK(setting.server().find("Pod", "demo", "p"));
}

}  // namespace quartermaster::test
