// Lists as streams: the list, then each change, and on from where one was.
#include <set>

#include "test/contract/accounts.hpp"
#include "test/contract/suite.hpp"
#include "test/support/event_stream.hpp"

namespace quartermaster::test {

namespace {

const HeaderList kEvents = {{"Accept", "text/event-stream"}};

/// One with caches, whatever the suite's own has.
Service& streaming() {
  static std::unique_ptr<Service> one;
  if (!one || !one->process().running()) {
    one = std::make_unique<Service>(cluster().kubeconfig());
    one->wait_until_ready();
  }
  return *one;
}

/// A listener, as a browser is one.
class Listener {
 public:
  explicit Listener(const std::string& target, std::string key = "name", HeaderList headers = {},
                    Service& service = streaming())
      : reader_(service.open({.target = target, .headers = with_accept(std::move(headers))})), view_(std::move(key)) {}

  const HttpAnswer& head() { return reader_.head(); }
  /// Reads on until `condition` holds.
  template <class Condition>
  void until(Condition&& condition) {
    while (!condition()) {
      const auto bytes = reader_.more();
      if (bytes.empty()) {
        ended_ = true;
        FAIL("the stream has ended; last was " << (seen_.empty() ? "nothing" : seen_.back().name));
      }
      parser_.feed(bytes);
      while (auto event = parser_.next()) {
        view_.apply(*event);
        seen_.push_back(std::move(*event));
      }
    }
  }
  /// Until the view holds just these.
  void expect(const std::set<std::string>& names) {
    INFO(print(json::value_from(names)));
    until([&] { return this->names() == names; });
  }
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& [name, item] : view_.items()) all.insert(name);
    return all;
  }
  json::value item(const std::string& name) const { return parse_json(view_.items().at(name)); }
  const ListView& view() const { return view_; }
  const std::string& last_id() const { return parser_.last_id(); }
  const std::string& retry() const { return parser_.retry(); }
  std::vector<std::string> events_of(const std::string& name) const {
    std::vector<std::string> all;
    for (const auto& event : seen_)
      if (event.data.find("\"name\":\"" + name + "\"") != std::string::npos && event.name != "list")
        all.push_back(event.name);
    return all;
  }
  std::string to_end() {
    for (auto bytes = reader_.more(); !bytes.empty(); bytes = reader_.more()) {
      parser_.feed(bytes);
      while (auto event = parser_.next()) view_.apply(*event);
    }
    return view_.closed().value_or("");
  }
  bool complete() const { return reader_.complete(); }

 private:
  static HeaderList with_accept(HeaderList headers) {
    headers.insert(headers.end(), kEvents.begin(), kEvents.end());
    return headers;
  }
  AnswerReader reader_;
  EventParser parser_;
  ListView view_;
  std::vector<StreamEvent> seen_;
  bool ended_ = false;
};

json::object labelled(const std::string& name, const std::string& app) {
  return claim(name, {{"metadata", {{"labels", {{"app", app}}}}}});
}

constexpr const char* kClaims = "persistentvolumeclaims";

}  // namespace

TEST_CASE("watch: a listener gets the list, and each change of it") {
  const Namespace ns(cluster());
  ns.create(kClaims, labelled("a", "web"));
  Listener listener("/api/v1/pvc/" + ns.name());
  CHECK(listener.head().status == 200);
  CHECK(listener.head().header("Content-Type") == "text/event-stream");
  CHECK(listener.head().header("Cache-Control") == "no-store");
  CHECK(listener.head().header("Vary") == "Accept");
  listener.expect({"a"});
  CHECK_FALSE(listener.retry().empty());
  ns.create(kClaims, labelled("b", "web"));
  listener.expect({"a", "b"});
  cluster().patch(ns.path(kClaims, "a"), {{"metadata", {{"labels", {{"app", "db"}}}}}});
  listener.until([&] { return text_at(listener.item("a"), "/labels/app") == "db"; });
  cluster().patch(ns.path(kClaims, "b"), {{"metadata", {{"finalizers", nullptr}}}});
  cluster().remove(ns.path(kClaims, "b"));
  listener.expect({"a"});
  CHECK(listener.view().lists() <= 2);  // the cache may have had to learn of "a" first
  CHECK(listener.view().surprises().empty());
  // What it knows is what the list route answers.
  const auto list = streaming().get("/api/v1/pvc/" + ns.name() + "?resourceVersion=" + listener.last_id()).json();
  CHECK(print(at(list, "/items/0")) == print(listener.item("a")));
}

TEST_CASE("watch: a selector lets objects come and go with their labels") {
  const Namespace ns(cluster());
  ns.create("pods", pod("p"));
  Listener web("/api/v1/pod/" + ns.name() + "?labelselector=app%3Dweb"), all("/api/v1/pod/" + ns.name());
  all.expect({"p"});
  const auto label = [&](const json::value& app) {
    cluster().patch(ns.path("pods", "p"), {{"metadata", {{"labels", {{"app", app}}}}}});
  };
  label("web");
  web.expect({"p"});
  label("db");
  web.expect({});
  CHECK(web.events_of("p") == std::vector<std::string>{"added", "deleted"});
  label("web");
  web.expect({"p"});
  all.until([&] { return all.events_of("p").size() >= 3; });
  CHECK(web.view().surprises().empty());
  CHECK(all.view().surprises().empty());
}

TEST_CASE("watch: storage classes and tenants can be listened to, too") {
  const std::string mark = unique_name("mark"), name = unique_name("c");
  const json::object labels = {{"labels", {{"mark", mark}}}};
  Listener classes("/api/v1/storageclass?labelselector=mark%3D" + mark);
  cluster().create("/apis/storage.k8s.io/v1/storageclasses", storage_class(name, {{"metadata", labels}}));
  classes.expect({name});
  cluster().remove("/apis/storage.k8s.io/v1/storageclasses/" + name);
  classes.expect({});

  Listener tenants("/api/v1/tenant?labelselector=mark%3D" + mark, "tenantName");
  Listener multi("/api/v1/tenant?multiTenant=true&labelselector=mark%3D" + mark, "tenantName");
  cluster().create("/api/v1/namespaces", {{"metadata", merged({{"name", name}}, labels)}});
  const Namespace ns(cluster(), name);
  tenants.expect({name});
  ns.create("resourcequotas", {{"metadata", {{"name", "q"}}}, {"spec", {{"hard", {{"pods", "7"}}}}}});
  tenants.until([&] { return find(tenants.item(name), "/tenantQuotas/0") != nullptr; });
  CHECK(text_at(tenants.item(name), "/tenantQuotas/0/hard/pods") == "7");
  cluster().patch(namespace_path(name), {{"metadata", {{"labels", {{"multi-tenant", "x"}}}}}});
  multi.expect({name});
  CHECK(text_at(multi.item(name), "/tenantQuotas/0/hard/pods") == "7");
  CHECK(tenants.last_id().find('-') != std::string::npos);
}

TEST_CASE("watch: who comes back gets what it has missed, on any replica") {
  const Namespace ns(cluster());
  ns.create(kClaims, labelled("a", "web"));
  const std::string target = "/api/v1/pvc/" + ns.name();
  Service other(cluster().kubeconfig());
  other.wait_until_ready();
  Listener there(target, "name", {}, other);  // so that it keeps changes, too
  there.expect({"a"});
  std::string id;
  {
    Listener listener(target);
    listener.expect({"a"});
    id = listener.last_id();
  }
  ns.create(kClaims, labelled("b", "web"));
  ns.create(kClaims, labelled("c", "web"));
  there.expect({"a", "b", "c"});
  for (Service* replica : {&streaming(), &other}) {
    Listener again(target, "name", {{"Last-Event-ID", id}}, *replica);
    again.expect({"b", "c"});
    CHECK(again.view().lists() == 0);
    CHECK(again.view().resets() == 0);
    CHECK(std::stoull(again.last_id()) > std::stoull(id));
  }
  // From there on, of what has not been yet.
  Listener later(target, "name", {{"Last-Event-ID", there.last_id()}});
  ns.create(kClaims, labelled("d", "web"));
  later.expect({"d"});
}

TEST_CASE("watch: an id that is not known gets a reset, and the list") {
  const Namespace ns(cluster());
  ns.create(kClaims, labelled("a", "web"));
  for (const std::string id : {"1", "nonsense", "12-13"}) {
    Listener listener("/api/v1/pvc/" + ns.name(), "name", {{"Last-Event-ID", id}});
    listener.expect({"a"});
    CHECK(listener.view().resets() == 1);
  }
}

TEST_CASE("watch: a listener can ask for a list that is not older than a version") {
  const Namespace ns(cluster());
  const auto a = ns.create(kClaims, labelled("a", "web"));
  const std::string target = "/api/v1/pvc/" + ns.name() + "?resourceVersion=";
  Listener listener(target + text_at(a, "/metadata/resourceVersion"));
  listener.expect({"a"});
  CHECK(listener.view().lists() == 1);
  CHECK(outcome(streaming().get(target + "999999999&timeout=1s", kEvents)) == "504 Timeout");
}

TEST_CASE("watch: JSON is the default, and browsers' Cache-Control is none of a stream's business") {
  const Namespace ns(cluster());
  const std::string target = "/api/v1/pvc/" + ns.name();
  for (const std::string accept :
       {"*/*", "application/json, text/event-stream", "text/event-stream;q=0.1, application/json"}) {
    INFO(accept);
    const auto answer = streaming().get(target, {{"Accept", accept}});
    CHECK(answer.header("Content-Type") == "application/json");
    CHECK_FALSE(answer.header("ETag").empty());
  }
  ns.create(kClaims, labelled("a", "web"));
  Listener listener(target, "name", {{"Cache-Control", "no-cache"}, {"If-None-Match", "*"}});
  listener.expect({"a"});
  const auto head = streaming().call({"HEAD", target, kEvents});
  CHECK(head.status == 200);
  CHECK(head.header("Content-Type") == "text/event-stream");
}

TEST_CASE("watch: a part of a list cannot be listened to, nor one that is not cached") {
  const Namespace ns(cluster());
  Service direct(cluster().kubeconfig(), {"--no-cache"});
  std::string many = "k0";
  for (int i = 1; i < 65; ++i) many += ",k" + std::to_string(i);
  for (const std::string& list : {"/api/v1/pod/" + ns.name(), "/api/v1/pvc/" + ns.name(),
                                  std::string("/api/v1/storageclass"), std::string("/api/v1/tenant")}) {
    INFO(list);
    CHECK(outcome(streaming().get(list + "?limit=1", kEvents)) == "400 BadRequest");
    CHECK(outcome(streaming().get(list + "?continue=x", kEvents)) == "400 BadRequest");
    CHECK(outcome(streaming().get(list + "?labelselector=" + many, kEvents)) == "400 BadRequest");
    CHECK(streaming().get(list + "?labelselector=" + many).status == 200);
    CHECK(outcome(direct.get(list, kEvents)) == "406 NotAcceptable");
    CHECK(direct.get(list).status == 200);
  }
  Service some(cluster().kubeconfig(), {"--namespaces", ns.name()});
  some.wait_until_ready();
  CHECK(outcome(some.get("/api/v1/pod/default", kEvents)) == "406 NotAcceptable");
  CHECK(outcome(some.get("/api/v1/tenant", kEvents)) == "406 NotAcceptable");
  Listener listener("/api/v1/pod/" + ns.name(), "name", {}, some);
  ns.create("pods", pod("p"));
  listener.expect({"p"});
}

TEST_CASE("watch: listeners are bounded, and cost the API server nothing") {
  const Namespace ns(cluster());
  Service few(cluster().kubeconfig(), {"--max-watchers", "3", "--max-watchers-per-caller", "2"});
  few.wait_until_ready();
  const std::string target = "/api/v1/pvc/" + ns.name();
  const auto upstream = few.upstream_requests();
  Listener one(target, "name", {}, few);
  auto two = std::make_unique<Listener>(target, "name", HeaderList(), few);
  const auto refused = few.get(target, kEvents);
  CHECK(outcome(refused) == "429 TooManyRequests");
  CHECK_FALSE(refused.header("Retry-After").empty());
  CHECK(few.get(target).status == 200);
  CHECK(poll_until(
      [&] { return few.get("/metrics").body.find("quartermaster_http_watchers 2\n") != std::string::npos; }));
  CHECK(few.upstream_requests() == upstream);
  two.reset();
  CHECK(poll_until([&] {
    auto reader = few.open({.target = target, .headers = kEvents});
    return reader.head().status == 200;
  }));
}

TEST_CASE("watch: a listener needs list and watch, and ends when they are taken away") {
  auto& accounts = dynamic_cast<Accounts&>(cluster());
  Service guarded(cluster().kubeconfig(), {"--auth-mode", "delegated", "--auth-audiences", "quartermaster"});
  guarded.wait_until_ready();
  const Namespace ns(cluster());
  const std::string target = "/api/v1/pvc/" + ns.name();
  const Account account{ns.name(), unique_name("a")};
  accounts.make_account(account);
  const std::string token = accounts.token_of(account, "quartermaster");
  const HeaderList bearer = {{"Authorization", "Bearer " + token}};
  HeaderList both = bearer;
  both.insert(both.end(), kEvents.begin(), kEvents.end());
  accounts.grant(account, {.ns = ns.name(), .verb = "list", .resource = kClaims});
  CHECK(guarded.get(target, bearer).status == 200);
  const auto denied = guarded.get(target, both);
  CHECK(outcome(denied) == "403 Forbidden");
  CHECK(text_at(denied.json(), "/errMessage").find("watch") != std::string::npos);
  CHECK(outcome(guarded.get(target, kEvents)) == "401 Unauthorized");

  const Account listening{ns.name(), unique_name("b")};
  accounts.make_account(listening);
  for (const std::string verb : {"list", "watch"})
    accounts.grant(listening, {.ns = ns.name(), .verb = verb, .resource = kClaims});
  Listener listener(target, "name", {{"Authorization", "Bearer " + accounts.token_of(listening, "quartermaster")}},
                    guarded);
  ns.create(kClaims, labelled("a", "web"));
  listener.expect({"a"});
  accounts.delete_account(listening);
  const auto closed = listener.to_end();
  CHECK(closed.find("Unauthorized") != std::string::npos);
  CHECK(listener.complete());
}

}  // namespace quartermaster::test
