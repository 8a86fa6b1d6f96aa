// restartConsumers=true: who uses a secret is restarted when it changes, and the answer says who was not.
#include "test/contract/accounts.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

/// A pod's spec that uses the secret s.
json::object using_secret() {
  return {
      {"containers",
       {{{"name", "main"}, {"image", "registry.example/main:1"}, {"envFrom", {{{"secretRef", {{"name", "s"}}}}}}}}}};
}

json::object workload(const std::string& name, const json::object& extra = {}) {
  const json::object labels = {{"app", name}};
  return merged({{"metadata", {{"name", name}}},
                 {"spec",
                  {{"selector", {{"matchLabels", labels}}},
                   {"template", {{"metadata", {{"labels", labels}}}, {"spec", using_secret()}}}}}},
                {{"spec", extra}});
}

void create_secret(const Namespace& ns) {
  ns.create("secrets", {{"metadata", {{"name", "s"}}}, {"data", {{"k", "YzRuNHJ5LXZhbHVl"}}}});
}

json::value change(const Namespace& ns, const std::string& value, const std::string& query = {}) {
  const HttpAnswer answer = service().patch("/api/v1/secret/" + ns.name() + "/name/s?restartConsumers=true" + query,
                                            R"({"stringData": {"k": "c4n4ry-value)" + value + "\"}}");
  REQUIRE(answer.status == 200);
  return at(answer.json(), "/consumers");
}

/// "Deployment/web" of those in a list, with the reason if there is one: "Pod/a Unmanaged".
std::vector<std::string> names(const json::value& list) {
  std::vector<std::string> all;
  for (const json::value& item : list.as_array()) {
    all.push_back(text_at(item, "/kind") + "/" + text_at(item, "/name"));
    if (find(item, "/reason") != nullptr) all.back() += " " + text_at(item, "/reason");
  }
  return all;
}

std::string restarted_at(const Namespace& ns, const std::string& plural, const std::string& name) {
  const json::value object = cluster().get(ns.path(plural, name));
  const auto* const annotations = find(object, "/spec/template/metadata/annotations");
  if (annotations == nullptr || !annotations->is_object()) return "";
  const auto* const found = annotations->as_object().if_contains("kubectl.kubernetes.io/restartedAt");
  return found == nullptr ? "" : std::string(found->as_string());
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("stateful sets and daemon sets whose pods use a secret are restarted when it changes") {
  const Namespace ns(cluster());
  create_secret(ns);
  const json::value set = ns.create("statefulsets", workload("db", {{"serviceName", "db"}}));
  create_pod_of(cluster(), ns, set, "db-0", using_secret());
  const json::value agent = ns.create("daemonsets", workload("agent"));
  create_pod_of(cluster(), ns, agent, "agent-0", using_secret());
  const json::value bystander = ns.create("statefulsets", stateful_set("other", {}, 0));

  const json::value consumers = change(ns, "1");
  CHECK(at(consumers, "/changed") == json::value(true));
  CHECK(names(at(consumers, "/restarted")) == Names{"DaemonSet/agent", "StatefulSet/db"});
  CHECK(at(consumers, "/restarted/1/pods") == json::value{"db-0"});
  CHECK(at(consumers, "/notRestarted") == json::value(json::array{}));
  CHECK(at(consumers, "/unread") == json::value(json::array{}));
  const std::string first = restarted_at(ns, "statefulsets", "db");
  CHECK_THAT(first, Catch::Matches("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z"));
  CHECK_FALSE(restarted_at(ns, "daemonsets", "agent").empty());
  CHECK(restarted_at(ns, "statefulsets", "other").empty());
  CHECK(cluster().get(ns.path("statefulsets", "other")).at("metadata").at("generation") ==
        bystander.at("metadata").at("generation"));

  // Once more within the second is one more restart.
  CHECK_FALSE(names(at(change(ns, "2"), "/restarted")).empty());
  CHECK(restarted_at(ns, "statefulsets", "db") != first);
}

TEST_CASE("a deployment is restarted through its replica set, a paused one is not") {
  NEEDS_CONTROLLERS();
  const Namespace ns(cluster());
  create_secret(ns);
  for (const std::string name : {"web", "still"}) ns.create("deployments", workload(name, {{"replicas", 2}}));
  const auto pods = [&](const std::string& app) {
    return item_names(service().get("/api/v1/pod/" + ns.name() + "?labelselector=app%3D" + app));
  };
  REQUIRE(poll_until([&] { return pods("web").size() == 2 && pods("still").size() == 2; }));
  cluster().patch(ns.path("deployments", "still"), {{"spec", {{"paused", true}}}});
  const Names before = pods("web");

  const json::value consumers = change(ns, "1");
  CHECK(names(at(consumers, "/restarted")) == Names{"Deployment/web"});
  CHECK(at(consumers, "/restarted/0/pods").as_array().size() == 2);
  CHECK(names(at(consumers, "/notRestarted")) == Names{"Deployment/still Paused"});
  CHECK_THAT(text_at(consumers, "/notRestarted/0/message"), Catch::Contains("resume"));
  CHECK_FALSE(restarted_at(ns, "deployments", "web").empty());
  CHECK(restarted_at(ns, "deployments", "still").empty());
  CHECK(poll_until([&] { return pods("web") != before; }));
}

TEST_CASE("what does not roll out is told, with the reason") {
  const Namespace ns(cluster());
  create_secret(ns);
  ns.create("pods", {{"metadata", {{"name", "bare"}}}, {"spec", using_secret()}});
  ns.create("pods", pod("puller", {"main"}, {{"spec", {{"imagePullSecrets", {{{"name", "s"}}}}}}}));
  const json::value set = ns.create(
      "statefulsets", workload("manual", {{"serviceName", "manual"}, {"updateStrategy", {{"type", "OnDelete"}}}}));
  create_pod_of(cluster(), ns, set, "manual-0", using_secret());
  const json::value job =
      ns.create("jobs", {{"metadata", {{"name", "import"}}},
                         {"spec", {{"template", {{"spec", merged(using_secret(), {{"restartPolicy", "Never"}})}}}}}});
  create_pod_of(cluster(), ns, job, "import-x", using_secret());
  create_running_pod(cluster(), ns, "done", {"main"}, {{"spec", using_secret()}});
  set_status(cluster(), ns.path("pods", "done"), {{"phase", "Succeeded"}});

  const json::value consumers = change(ns, "1");
  CHECK(at(consumers, "/restarted") == json::value(json::array{}));
  CHECK(names(at(consumers, "/notRestarted")) ==
        Names{"Pod/bare Unmanaged", "Pod/puller ImagePull", "Job/import Job", "StatefulSet/manual OnDelete"});
  for (const json::value& item : at(consumers, "/notRestarted").as_array()) {
    CHECK(at(item, "/pods").as_array().size() == 1);
    CHECK_FALSE(text_at(item, "/message").empty());
  }
  CHECK(restarted_at(ns, "statefulsets", "manual").empty());
}

TEST_CASE("nobody is restarted if the data stay as they are, in a dry run, or unasked") {
  const Namespace ns(cluster());
  create_secret(ns);
  const json::value set = ns.create("statefulsets", workload("db", {{"serviceName", "db"}}));
  create_pod_of(cluster(), ns, set, "db-0", using_secret());
  const std::string base = "/api/v1/secret/" + ns.name();

  const json::value same = change(ns, "");
  CHECK(same == json::value{{"changed", false},
                            {"restarted", json::array{}},
                            {"notRestarted", json::array{}},
                            {"unread", json::array{}}});
  const HttpAnswer labels = service().put(base + "?restartConsumers=true", R"({"name": "s", "labels": {"a": "b"}})");
  CHECK(at(labels.json(), "/consumers/changed") == json::value(false));
  const json::value dry = change(ns, "1", "&dryRun=true");
  CHECK(names(at(dry, "/restarted")) == Names{"StatefulSet/db"});
  for (const std::string query : {"", "?restartConsumers=false"}) {
    const HttpAnswer plain = service().patch(base + "/name/s" + query, R"({"stringData": {"k": "c4n4ry-value2"}})");
    CHECK(plain.status == 200);
    CHECK(find(plain.json(), "/consumers") == nullptr);
  }
  CHECK(restarted_at(ns, "statefulsets", "db").empty());

  const HttpAnswer put =
      service().put(base + "?restartConsumers=true", R"({"name": "s", "stringData": {"k": "c4n4ry-value3"}})");
  CHECK(names(at(put.json(), "/consumers/restarted")) == Names{"StatefulSet/db"});
  CHECK_FALSE(restarted_at(ns, "statefulsets", "db").empty());
}

TEST_CASE("what the service itself may not read is said, and the secret is changed all the same") {
  const Namespace ns(cluster());
  create_secret(ns);
  auto& accounts = dynamic_cast<Accounts&>(cluster());
  const Account account{ns.name(), "poor"};
  accounts.make_account(account);
  for (const std::string verb : {"get", "patch"})
    accounts.grant(account, {.ns = ns.name(), .verb = verb, .resource = "secrets"});
  Service poor(accounts.kubeconfig_for(account), {"--no-cache"});
  const std::string target = "/api/v1/secret/" + ns.name() + "/name/s";
  const HttpAnswer answer = poor.patch(target + "?restartConsumers=true", R"({"stringData": {"k": "c4n4ry-valuex"}})");
  REQUIRE(answer.status == 200);
  CHECK(at(answer.json(), "/consumers/changed") == json::value(true));
  CHECK(text_at(answer.json(), "/consumers/unread/0/resource") == "pods");
  CHECK(text_at(answer.json(), "/consumers/unread/0/reason") == "Forbidden");
  const json::value usage = poor.get(target + "/usage").json();
  CHECK(at(usage, "/exists") == json::value(true));
  CHECK(at(usage, "/unread").as_array().size() == 3);
}

TEST_CASE("a partitioned update restarts what it covers, and says so") {
  const Namespace ns(cluster());
  create_secret(ns);
  const json::object strategy = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"partition", 1}}}};
  const json::value set =
      ns.create("statefulsets", workload("db", {{"serviceName", "db"}, {"updateStrategy", strategy}}));
  create_pod_of(cluster(), ns, set, "db-0", using_secret());
  CHECK_THAT(text_at(change(ns, "1"), "/restarted/0/message"), Catch::Contains("from ordinal 1 on"));
}

}  // namespace quartermaster::test
