// The verbs: what they ask for, and what they make of the answers.
#include <algorithm>
#include <catch2/catch.hpp>

#include "kubeapi/pages.hpp"
#include "model/object_meta.hpp"
#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

using kubeapi::Api;
using model::Kind;

struct ApiFixture : ClientFixture {
  std::optional<Api> api_;
  Api& api() {
    if (!api_) api_.emplace(client());
    return *api_;
  }
  template <class T>
  T wait(Task<T> task) {
    return run(loop, std::move(task));
  }
  /// The request line of the n-th request, without the version.
  std::string line(std::size_t n = 0) {
    const auto& request = server().requests().at(n);
    return request.substr(0, request.find(" HTTP/1.1"));
  }
  std::string body(std::size_t n = 0) {
    const auto& request = server().requests().at(n);
    return request.substr(request.find("\r\n\r\n") + 4);
  }
  void answers(std::vector<std::string> bodies, unsigned status = 200) {
    Script script;
    for (auto& each : bodies) script.push_back(answer(http_answer(status, each)));
    script.push_back(hang());
    server().script(script);
  }
};

const std::string kPod = R"({"kind":"Pod","metadata":{"name":"p"}})";
const std::string kPods = R"({"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[]})";

TEST_CASE_METHOD(ApiFixture, "get", "[api]") {
  answers({kPod, kPod, R"({"kind":"StorageClass","metadata":{"name":"s"}})"});
  const auto pod = wait(api().get(Kind::pod, "ns", "p", "", {}));
  REQUIRE(pod);
  CHECK(pod->root()["metadata"]["name"].string() == "p");
  CHECK(line() == "GET /api/v1/namespaces/ns/pods/p");
  REQUIRE(wait(api().get(Kind::pod, "ns", "p", "17", {})));
  CHECK(line(1) == "GET /api/v1/namespaces/ns/pods/p?resourceVersion=17");
  REQUIRE(wait(api().get(Kind::storage_class, "", "s", "", {})));
  CHECK(line(2) == "GET /apis/storage.k8s.io/v1/storageclasses/s");
  CHECK(observer.done.at(2).resource == "storageclasses");
}

TEST_CASE_METHOD(ApiFixture, "the deadline goes upstream in whole seconds", "[api]") {
  answers({kPod, kPods});
  REQUIRE(wait(api().get(Kind::pod, "ns", "p", "", within(std::chrono::seconds(20)))));
  CHECK(line() == "GET /api/v1/namespaces/ns/pods/p?timeout=20s");
}

TEST_CASE_METHOD(ApiFixture, "an answer that is not what was asked for makes no sense", "[api]") {
  const auto body = GENERATE(as<std::string>{}, "", "{", "[]", "null", R"({"kind":"Secret","metadata":{}})",
                             R"({"kind":"Pod"})", R"({"kind":"PodList","metadata":{}})",
                             R"({"kind":"Status","metadata":{},"status":"Success"})", R"({"metadata":{"name":"p"}})");
  answers({body, body, body});
  const auto one = wait(api().get(Kind::pod, "ns", "p", "", {}));
  REQUIRE_FALSE(one);
  CHECK(one.error().code == ErrorCode::bad_gateway);
  CHECK(one.error().message == "the API server's answer makes no sense");
  const auto list = wait(api().list(Kind::pod, "ns", {}, {}));
  REQUIRE_FALSE(list);
  CHECK(list.error().code == ErrorCode::bad_gateway);
  CHECK(wait(api().create(Kind::pod, "ns", "{}", {}, {})).error().code == ErrorCode::bad_gateway);
}

TEST_CASE_METHOD(ApiFixture, "list", "[api]") {
  answers({kPods, kPods, R"({"kind":"PodList","metadata":{},"items":null})"});
  kubeapi::ListOptions wanted;
  wanted.label_selector = "a in (b,c),!d=e&f";
  wanted.field_selector = "spec.nodeName=n";
  wanted.limit = 5;
  wanted.continue_token = "abc+/=";
  wanted.resource_version = "7";
  REQUIRE(wait(api().list(Kind::pod, "ns", wanted, {})));
  CHECK(line() ==
        "GET /api/v1/namespaces/ns/pods?labelSelector=a%20in%20%28b%2Cc%29%2C%21d%3De%26f&fieldSelector="
        "spec.nodeName%3Dn&continue=abc%2B%2F%3D&resourceVersion=7&limit=5");
  REQUIRE(wait(api().list(Kind::pod, "", {}, {})));
  CHECK(line(1) == "GET /api/v1/pods");
  const auto null_items = wait(api().list(Kind::pod, "", {}, {}));
  REQUIRE(null_items);
  CHECK(null_items->root()["items"].size() == 0);
}

std::string page(const std::string& continue_token) {
  return R"({"kind":"PodList","metadata":{"continue":")" + continue_token + R"("},"items":[{}]})";
}

/// Counts the objects of a list, all pages of it.
Result<std::size_t> count_objects(ApiFixture& fixture, kubeapi::ListOptions wanted) {
  std::size_t count = 0;
  const auto each = [&count](json::Value) { ++count; };
  const auto restart = [&count] { count = 0; };
  const auto end =
      fixture.wait(kubeapi::for_each_object(fixture.api(), Kind::pod, "ns", std::move(wanted), {}, each, restart));
  if (!end) return end.error();
  return count;
}

TEST_CASE_METHOD(ApiFixture, "all pages of a list", "[api]") {
  answers({page("one"), page("two"), page("")});
  kubeapi::ListOptions wanted;
  wanted.resource_version = "5";
  const auto count = count_objects(*this, wanted);
  REQUIRE(count);
  CHECK(*count == 3);
  CHECK(line(0) == "GET /api/v1/namespaces/ns/pods?resourceVersion=5&limit=500");
  CHECK(line(1) == "GET /api/v1/namespaces/ns/pods?continue=one&limit=500");
  CHECK(line(2) == "GET /api/v1/namespaces/ns/pods?continue=two&limit=500");
}

TEST_CASE_METHOD(ApiFixture, "one page, if a limit is asked for", "[api]") {
  answers({page("one")});
  kubeapi::ListOptions wanted;
  wanted.limit = 1;
  std::size_t count = 0;
  const auto each = [&count](json::Value) { ++count; };
  const auto end = wait(kubeapi::for_each_object(api(), Kind::pod, "ns", wanted, {}, each, [] {}));
  REQUIRE(end);
  CHECK(count == 1);
  CHECK(end->continue_token == "one");
}

std::string pods(std::size_t count, const std::string& continue_token, const std::string& version = "9") {
  std::string items;
  for (std::size_t i = 0; i < count; ++i) items += (items.empty() ? "" : ",") + kPod;
  return R"({"kind":"PodList","metadata":{"resourceVersion":")" + version + R"(","continue":")" + continue_token +
         R"("},"items":[)" + items + "]}";
}

TEST_CASE_METHOD(ApiFixture, "whatever limit is asked for, the API server is asked for pages", "[api]") {
  answers({pods(500, "one"), pods(300, "two", "10"), pods(400, "three", "10")});
  kubeapi::ListOptions wanted;
  wanted.limit = 1200;
  wanted.continue_token = "zero";
  std::size_t count = 0;
  const auto each = [&count](json::Value) { ++count; };
  const auto end = wait(kubeapi::for_each_object(api(), Kind::pod, "ns", wanted, {}, each, [] {}));
  REQUIRE(end);
  CHECK(count == 1200);
  CHECK(end->continue_token == "three");
  CHECK(end->resource_version == "9");  // of the first page
  CHECK(line(0) == "GET /api/v1/namespaces/ns/pods?continue=zero&limit=500");
  CHECK(line(1) == "GET /api/v1/namespaces/ns/pods?continue=one&limit=500");
  CHECK(line(2) == "GET /api/v1/namespaces/ns/pods?continue=two&limit=400");
  CHECK(server().requests().size() == 3);
}

TEST_CASE_METHOD(ApiFixture, "no more pages are read than are wanted", "[api]") {
  answers({page("one"), page("two")});
  std::size_t count = 0;
  const auto each = [&count](json::Value) { ++count; };
  const auto enough = [&count] { return count >= 2; };
  REQUIRE(wait(kubeapi::for_each_object(
      api(), Kind::pod, "ns", {}, {}, each, [] {}, enough)));
  CHECK(server().requests().size() == 2);
}

TEST_CASE_METHOD(ApiFixture, "a large page keeps others from their turn only for short", "[api]") {
  answers({pods(20'000, "")});
  std::size_t count = 0, before = 0, most = 0;
  const auto each = [&count](json::Value) { ++count; };
  const auto restart = [] {};
  Running<Result<kubeapi::PagesEnd>> reading(loop,
                                             kubeapi::for_each_object(api(), Kind::pod, "ns", {}, {}, each, restart));
  run_until(loop, [&] {
    // One handler of the loop has run since.
    most = std::max(most, count - std::exchange(before, count));
    return reading.done();
  });
  REQUIRE(reading.get());
  CHECK(count == 20'000);
  CHECK(most < 1'000);
}

TEST_CASE_METHOD(ApiFixture, "a continue token that expires starts the list again, in the end whole", "[api]") {
  const auto begins = answer(http_answer(200, page("one")));
  const auto expired = answer(http_answer(410, R"({"kind":"Status","reason":"Expired"})"));
  server().script({begins, expired, begins, expired, begins, expired, answer(http_answer(200, kPods)), hang()});
  const auto count = count_objects(*this, {});
  REQUIRE(count);
  CHECK(*count == 0);
  for (const std::size_t first : {0U, 2U, 4U}) CHECK(line(first) == "GET /api/v1/namespaces/ns/pods?limit=500");
  CHECK(line(6) == "GET /api/v1/namespaces/ns/pods");
}

TEST_CASE_METHOD(ApiFixture, "a list that cannot be read to its end is an error, which quotes nothing", "[api]") {
  const auto body = GENERATE(as<std::string>{}, R"({"kind":"PodList","metadata":{},"items":[{"a":SECRETVALUE}]})",
                             R"({"kind":"PodList","metadata":{},"items":["SECRETVALUE"]})",
                             R"({"kind":"PodList","metadata":{},"items":[{}]} SECRETVALUE)",
                             R"({"kind":"SecretList","metadata":{},"items":[]})", R"({"kind":"PodList","items":[{})");
  answers({body});
  const auto count = count_objects(*this, {});
  REQUIRE_FALSE(count);
  CHECK(count.error().code == ErrorCode::bad_gateway);
  CHECK(count.error().message == "the API server's answer makes no sense");
}

TEST_CASE_METHOD(ApiFixture, "a list that starts again holds nothing twice", "[api]") {
  server().script({answer(http_answer(200, page("one"))), answer(http_answer(410, "{}")),
                   answer(http_answer(200, R"({"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[{},{}]})")),
                   hang()});
  const auto pods = wait(kubeapi::list_all(api(), Kind::pod, "ns", {}, {}, model::object_meta_from));
  REQUIRE(pods);
  CHECK(pods->objects.size() == 2);
  CHECK(pods->resource_version == "9");
}

TEST_CASE_METHOD(ApiFixture, "a list that fails on the way is an error", "[api]") {
  const auto status = GENERATE(500U, 404U);
  server().script({answer(http_answer(200, page("one"))), answer(http_answer(status, "{}")), hang()});
  CHECK_FALSE(count_objects(*this, {}));
  CHECK(server().requests().size() == 2);
}

TEST_CASE_METHOD(ApiFixture, "a first page that has expired is an error", "[api]") {
  server().script({answer(http_answer(410, "{}")), hang()});
  const auto count = count_objects(*this, {});
  REQUIRE_FALSE(count);
  CHECK(count.error().code == ErrorCode::expired);
}

TEST_CASE_METHOD(ApiFixture, "the caller's own token that has expired is an error", "[api]") {
  server().script({answer(http_answer(410, "{}")), hang()});
  kubeapi::ListOptions wanted;
  wanted.continue_token = "old";
  const auto count = count_objects(*this, wanted);
  REQUIRE_FALSE(count);
  CHECK(count.error().code == ErrorCode::expired);
}

TEST_CASE_METHOD(ApiFixture, "a delete that would hit everything is not sent", "[api]") {
  CHECK_FALSE(wait(api().remove(Kind::pvc, "ns", "", {}, {})));
  kubeapi::DeleteOptions by_uid;
  by_uid.by_uid = true;
  CHECK_FALSE(wait(api().remove(Kind::pvc, "ns", "claim", by_uid, {})));
  CHECK(server().requests().empty());
}

TEST_CASE_METHOD(ApiFixture, "create", "[api]") {
  answers({kPod, kPod}, 201);
  REQUIRE(wait(api().create(Kind::pod, "ns", kPod, {}, {})));
  CHECK(line() == "POST /api/v1/namespaces/ns/pods?fieldManager=quartermaster");
  CHECK(body() == kPod);
  CHECK(header(server().requests()[0], "Content-Type") == "application/json");
  REQUIRE(wait(api().create(Kind::pod, "ns", kPod, {.dry_run = true}, {})));
  CHECK(line(1) == "POST /api/v1/namespaces/ns/pods?dryRun=All&fieldManager=quartermaster");
}

TEST_CASE_METHOD(ApiFixture, "patch", "[api]") {
  answers({R"({"kind":"Namespace","metadata":{}})"});
  REQUIRE(wait(api().patch(Kind::namespace_, "", "n", R"({"metadata":{}})", {.dry_run = true}, {})));
  CHECK(line() == "PATCH /api/v1/namespaces/n?dryRun=All&fieldManager=quartermaster");
  CHECK(header(server().requests()[0], "Content-Type") == "application/merge-patch+json");
  CHECK(body() == R"({"metadata":{}})");
}

TEST_CASE_METHOD(ApiFixture, "what the API server says about a secret is not quoted, whatever the verb", "[api]") {
  const std::string quote = R"({"kind":"Status","message":"... SECRETVALUE ..."})";
  server().script({answer(http_answer(400, quote)), answer(http_answer(400, quote)), answer(http_answer(400, quote)),
                   answer(http_answer(500, quote)), answer(http_answer(200, "{SECRETVALUE")),
                   answer(http_answer(200, "{SECRETVALUE")), answer(http_answer(201, "{SECRETVALUE")), hang()});
  std::vector<Error> errors;
  errors.push_back(wait(api().create(Kind::secret, "ns", "{}", {}, {})).error());
  errors.push_back(wait(api().patch(Kind::secret, "ns", "s", "{}", {}, {})).error());
  errors.push_back(wait(api().remove(Kind::secret, "ns", "s", {}, {})).error());
  errors.push_back(wait(api().get(Kind::secret, "ns", "s", "", {})).error());
  errors.push_back(wait(api().get(Kind::secret, "ns", "s", "", {})).error());
  errors.push_back(wait(api().list(Kind::secret, "ns", {}, {})).error());
  errors.push_back(wait(api().create(Kind::secret, "ns", "{}", {}, {})).error());
  for (const auto& error : errors) {
    CHECK_FALSE(error.message.empty());
    CHECK(error.message.find("SECRETVALUE") == std::string::npos);
  }
}

TEST_CASE_METHOD(ApiFixture, "delete", "[api]") {
  const std::string gone = R"({"kind":"Status","status":"Success"})";
  answers({gone, gone});
  const auto deleted = wait(api().remove(Kind::pvc, "ns", "v", {}, {}));
  REQUIRE(deleted);
  CHECK(deleted->finished);
  CHECK(line() == "DELETE /api/v1/namespaces/ns/persistentvolumeclaims/v");
  CHECK(body() == R"({"apiVersion":"v1","kind":"DeleteOptions"})");

  kubeapi::DeleteOptions wanted;
  wanted.dry_run = true;
  wanted.uid = "u\"1";
  wanted.resource_version = "5";
  REQUIRE(wait(api().remove(Kind::pvc, "ns", "v", wanted, {})));
  CHECK(
      body(1) ==
      R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u\"1","resourceVersion":"5"},"dryRun":["All"]})");
}

TEST_CASE_METHOD(ApiFixture, "a delete has finished when nothing is waited for", "[api]") {
  const auto [answered, finished, version] = GENERATE(table<std::string, bool, std::string>({
      {R"({"kind":"Status","status":"Success","details":{"uid":"u"}})", true, ""},
      // A pod that had no node, and one that has.
      {R"({"kind":"Pod","metadata":{"resourceVersion":"5","deletionTimestamp":"2026-01-01T00:00:00Z","deletionGracePeriodSeconds":0}})",
       true, ""},
      {R"({"kind":"Pod","metadata":{"resourceVersion":"5","deletionTimestamp":"2026-01-01T00:00:00Z","deletionGracePeriodSeconds":30}})",
       false, "5"},
      {R"({"kind":"PersistentVolumeClaim","metadata":{"resourceVersion":"6","deletionTimestamp":"2026-01-01T00:00:00Z","deletionGracePeriodSeconds":0,"finalizers":["kubernetes.io/pvc-protection"]}})",
       false, "6"},
      {R"({"kind":"Namespace","metadata":{"resourceVersion":"7","deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Terminating"}})",
       false, "7"},
      {R"({"kind":"Secret","metadata":{"resourceVersion":"8"}})", true, ""},
      {"{}", true, ""},
  }));
  answers({answered});
  const auto deleted = wait(api().remove(Kind::pod, "ns", "p", {}, {}));
  REQUIRE(deleted);
  CHECK(deleted->finished == finished);
  CHECK(deleted->resource_version == version);
}

TEST_CASE_METHOD(ApiFixture, "logs", "[api]") {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("line\n") + chunk("");
  server().script({answer(chunked), answer(chunked), hang()});
  kubeapi::LogOptions wanted;
  wanted.container = "c";
  wanted.follow = true;
  wanted.previous = true;
  wanted.timestamps = true;
  wanted.tail_lines = 0;
  wanted.since_seconds = 60;
  wanted.limit_bytes = 1000;
  wanted.since_time = "2026-01-01T00:00:00Z";
  auto log = wait(api().pod_log("ns", "p", wanted, within(std::chrono::seconds(20))));
  REQUIRE(log);
  CHECK(line() ==
        "GET /api/v1/namespaces/ns/pods/p/log?container=c&follow=true&previous=true&timestamps=true&tailLines=0&"
        "sinceSeconds=60&sinceTime=2026-01-01T00%3A00%3A00Z&limitBytes=1000");
  CHECK(wait((*log)->read()).value() == "line\n");
  CHECK(wait((*log)->read()).value().empty());
  REQUIRE(wait(api().pod_log("ns", "p", {}, within(std::chrono::seconds(20)))));
  CHECK(line(1) == "GET /api/v1/namespaces/ns/pods/p/log");
  CHECK(observer.done[0].resource == "pods/log");
}

}  // namespace
}  // namespace quartermaster::test
