// Restarting a pod and waiting for the one that takes its place.
#include <algorithm>
#include <chrono>
#include <future>

#include "model/timestamp.hpp"
#include "test/contract/accounts.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::string restart_target(const Namespace& ns, const std::string& pod, const std::string& query) {
  return "/api/v1/pod/" + ns.name() + "/name/" + pod + "/restart?" + query;
}

/// Restarts on a thread of its own, which checks nothing, and does something meanwhile.
HttpAnswer restart_while(const std::string& target, const std::function<void()>& meanwhile) {
  const HttpRequest request{"POST", target};
  const Endpoint endpoint = service().endpoint();
  auto coming = std::async(std::launch::async, [&] { return exchange(endpoint, request); });
  meanwhile();
  HttpAnswer answer = coming.get();
  check_answer(request, answer);
  return answer;
}

/// The deployment web, whose pods never run by themselves; returns when it has so many of them.
void create_web(const Namespace& ns, int replicas) {
  const json::object labels = {{"app", "web"}};
  ns.create("deployments",
            {{"metadata", {{"name", "web"}}},
             {"spec",
              {{"replicas", replicas},
               {"selector", {{"matchLabels", labels}}},
               {"template",
                {{"metadata", {{"labels", labels}}},
                 {"spec", {{"containers", {{{"name", "main"}, {"image", "registry.example/main:1"}}}}}}}}}}});
}

/// The pods that are there and are not going.
std::vector<json::value> pods_of(const Namespace& ns) {
  std::vector<json::value> all;
  const json::value list = cluster().get(ns.path("pods"));
  for (const json::value& pod : at(list, "/items").as_array()) {
    if (find(pod, "/metadata/deletionTimestamp") == nullptr) all.push_back(pod);
  }
  return all;
}

std::string name_of(const json::value& object) { return text_at(object, "/metadata/name"); }

/// Waits for a pod of another name.
json::value next_pod(const Namespace& ns, const std::string& not_this) {
  json::value found;
  const bool came = poll_until([&] {
    for (const json::value& pod : pods_of(ns)) {
      if (name_of(pod) != not_this) found = pod;
    }
    return !found.is_null();
  });
  if (!came) throw std::runtime_error("no new pod");
  return found;
}

std::string first_pod(const Namespace& ns) { return name_of(next_pod(ns, "")); }

void make_ready(const Namespace& ns, const std::string& name) {
  set_status(cluster(), ns.path("pods", name),
             {{"phase", "Running"},
              {"conditions", {{{"type", "PodScheduled"}, {"status", "True"}}, {{"type", "Ready"}, {"status", "True"}}}},
              {"containerStatuses", json::array{running_container("main")}}});
}

/// The quota q lets the namespace have so many, once this returns.
void limit_pods(const Namespace& ns, const std::string& pods) {
  if (!cluster().exists(ns.path("resourcequotas", "q"))) ns.create("resourcequotas", {{"metadata", {{"name", "q"}}}});
  cluster().patch(ns.path("resourcequotas", "q"), {{"spec", {{"hard", {{"pods", pods}}}}}});
  REQUIRE(poll_until([&] {
    const json::value quota = cluster().get(ns.path("resourcequotas", "q"));
    const auto* const hard = find(quota, "/status/hard/pods");
    return hard != nullptr && *hard == json::value(pods);
  }));
}

std::string now() {
  return format_timestamp(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

/// "ReplicaSet FailedCreate", of each.
std::vector<std::string> causes_of(const json::value& replacement) {
  std::vector<std::string> all;
  for (const json::value& cause : at(replacement, "/causes").as_array())
    all.push_back(text_at(cause, "/kind") + " " + text_at(cause, "/reason"));
  return all;
}

const json::value kNoState = {{"status", ""}, {"reason", ""}, {"message", ""}};

}  // namespace

TEST_CASE("with a wait, a restart answers with the new pod once it is ready") {
  NEEDS_CONTROLLERS();
  const Namespace ns(cluster());
  create_web(ns, 1);
  std::string old = first_pod(ns);
  for (const std::string mode : {"delete", "evict", "rollout"}) {
    INFO(mode);
    json::value next;
    const HttpAnswer answer = restart_while(restart_target(ns, old, "wait=60s&mode=" + mode), [&] {
      next = next_pod(ns, old);
      make_ready(ns, name_of(next));
    });
    REQUIRE(answer.status == 200);
    CHECK(text_at(answer.json(), "/pod/name") == old);
    CHECK(at(answer.json(), "/replacement") ==
          json::value{{"name", name_of(next)},
                      {"uid", text_at(next, "/metadata/uid")},
                      {"node", ""},
                      {"ready", true},
                      {"state", {{"status", "Ready"}, {"reason", ""}, {"message", ""}}},
                      {"causes", json::array{}}});
    CHECK((find(answer.json(), "/workload") != nullptr) == (mode == "rollout"));
    CHECK_FALSE(answer.header("X-Resource-Version").empty());
    // A rollout takes the old one away, too.
    REQUIRE(poll_until([&] { return pods_of(ns).size() == 1; }));
    old = name_of(next);
  }
}

TEST_CASE("a new pod that has no place is shown with what the scheduler says") {
  NEEDS_CONTROLLERS();
  const Namespace ns(cluster());
  create_web(ns, 1);
  const std::string old = first_pod(ns);
  const std::string why = "0/3 nodes are available: 3 Insufficient cpu.";
  std::string name;
  const HttpAnswer answer = restart_while(restart_target(ns, old, "wait=10s"), [&] {
    const json::value next = next_pod(ns, old);
    name = name_of(next);
    const json::object condition = {
        {"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}, {"message", why}};
    set_status(cluster(), ns.path("pods", name), {{"conditions", json::array{condition}}});
    ns.create("events", event("e", "Pod", next,
                              {{"type", "Warning"},
                               {"reason", "FailedScheduling"},
                               {"message", why},
                               {"firstTimestamp", now()},
                               {"lastTimestamp", now()}}));
    ns.create("events", event("f", "Pod", next, {{"type", "Warning"}, {"reason", "OfLongAgo"}}));
  });
  REQUIRE(answer.status == 200);
  const json::value replacement = at(answer.json(), "/replacement");
  CHECK(text_at(replacement, "/name") == name);
  CHECK(at(replacement, "/ready") == json::value(false));
  CHECK(at(replacement, "/state") == json::value{{"status", "Pending"}, {"reason", "Unschedulable"}, {"message", why}});
  const json::value cause = {{"kind", "Pod"}, {"name", name}, {"reason", "FailedScheduling"}, {"message", why}};
  CHECK(at(replacement, "/causes").as_array() == json::array{cause});
}

TEST_CASE("a quota that keeps the new pod away is told, from its replica set") {
  NEEDS_CONTROLLERS();
  const Namespace ns(cluster());
  limit_pods(ns, "1");
  create_web(ns, 2);  // one of which is refused
  const std::string old = first_pod(ns);
  limit_pods(ns, "0");
  const auto refused = [&] {
    const json::value events = cluster().get(ns.path("events"));
    for (const json::value& each : at(events, "/items").as_array()) {
      if (text_at(each, "/reason") == "FailedCreate") return true;
    }
    return false;
  };
  REQUIRE(poll_until(refused));
  const HttpAnswer answer = service().post(restart_target(ns, old, "wait=1s"), "");
  REQUIRE(answer.status == 200);
  const json::value replacement = at(answer.json(), "/replacement");
  CHECK(text_at(replacement, "/name").empty());
  CHECK(text_at(replacement, "/uid").empty());
  CHECK(at(replacement, "/ready") == json::value(false));
  CHECK(at(replacement, "/state") == kNoState);
  REQUIRE_FALSE(causes_of(replacement).empty());
  CHECK(causes_of(replacement).front() == "ReplicaSet FailedCreate");
  CHECK(text_at(replacement, "/causes/0/name") == text_at(answer.json(), "/controller/name"));
  CHECK_THAT(text_at(replacement, "/causes/0/message"), Catch::Contains("exceeded quota: q"));
}

TEST_CASE("a quota that keeps the pods of a rollout away is told, from the new replica set") {
  NEEDS_CONTROLLERS();
  const Namespace ns(cluster());
  create_web(ns, 1);
  const std::string old = first_pod(ns);
  limit_pods(ns, "0");
  HttpAnswer answer;
  json::value cause;
  // How soon the controllers get there, nobody knows.
  for (const std::string wait : {"2s", "10s", "60s"}) {
    answer = service().post(restart_target(ns, old, "mode=rollout&wait=" + wait), "");
    REQUIRE(answer.status == 200);
    const json::value restarted = answer.json();
    for (const json::value& each : at(restarted, "/replacement/causes").as_array()) {
      if (text_at(each, "/reason") == "FailedCreate") cause = each;
    }
    if (!cause.is_null()) break;
  }
  REQUIRE_FALSE(cause.is_null());
  CHECK(text_at(cause, "/kind") == "ReplicaSet");
  CHECK(text_at(cause, "/name") != text_at(answer.json(), "/controller/name"));
  CHECK_THAT(text_at(cause, "/message"), Catch::Contains("exceeded quota: q"));
  CHECK(text_at(answer.json(), "/workload/kind") == "Deployment");
  CHECK(text_at(answer.json(), "/replacement/name").empty());
  CHECK(at(answer.json(), "/replacement/ready") == json::value(false));
}

TEST_CASE("an old pod that does not end keeps the place of the new one, and is told") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "web-0", {"main"}, {{"metadata", {{"labels", {{"app", "web"}}}}}});
  const json::value set = ns.create("statefulsets", stateful_set("web", {}, 1));
  cluster().patch(ns.path("pods", "web-0"),
                  {{"metadata", {{"ownerReferences", json::array{owner_reference(set, "apps/v1", "StatefulSet")}}}}});
  const HttpAnswer answer = service().post(restart_target(ns, "web-0", "wait=500ms"), "");
  REQUIRE(answer.status == 200);
  CHECK(causes_of(at(answer.json(), "/replacement")) == std::vector<std::string>{"Pod Terminating"});
  CHECK(text_at(answer.json(), "/replacement/name").empty());
}

TEST_CASE("nothing takes the place of a pod that had no controller, and nobody waits for it") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "p");
  const HttpAnswer answer = service().post(restart_target(ns, "p", "wait=60s&force=true"), "");
  REQUIRE(answer.status == 200);
  CHECK(causes_of(at(answer.json(), "/replacement")) == std::vector<std::string>{"Pod Unmanaged"});
}

TEST_CASE("the waiting ends when the caller hangs up") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "web-0");
  const json::value set = ns.create("statefulsets", stateful_set("web", {}, 1));
  cluster().patch(ns.path("pods", "web-0"),
                  {{"metadata", {{"ownerReferences", json::array{owner_reference(set, "apps/v1", "StatefulSet")}}}}});
  const auto in_flight = [] {
    const std::string metrics = service().get("/metrics").body;
    const std::string name = "\nquartermaster_http_requests_in_flight ";
    const auto place = metrics.find(name);
    REQUIRE(place != std::string::npos);
    return metrics.substr(place + name.size(), metrics.find('\n', place + 1) - place - name.size());
  };
  {
    Connection caller = service().connect();
    caller.send(to_bytes({"POST", restart_target(ns, "web-0", "wait=60s")}));
    REQUIRE(poll_until([&] { return in_flight() == "1"; }));
  }
  CHECK(poll_until([&] { return in_flight() == "0"; }, std::chrono::seconds(30)));
}

TEST_CASE("what the service itself may not read of a replacement is said, and the pod restarted all the same") {
  const Namespace ns(cluster());
  create_running_pod(cluster(), ns, "web-0");
  const json::value set = ns.create("statefulsets", stateful_set("web", {}, 1));
  cluster().patch(ns.path("pods", "web-0"),
                  {{"metadata", {{"ownerReferences", json::array{owner_reference(set, "apps/v1", "StatefulSet")}}}}});
  auto& accounts = dynamic_cast<Accounts&>(cluster());
  const Account account{ns.name(), "poor"};
  accounts.make_account(account);
  for (const std::string verb : {"get", "list", "delete"})
    accounts.grant(account, {.ns = ns.name(), .verb = verb, .resource = "pods"});
  Service poor(accounts.kubeconfig_for(account), {"--no-cache"});
  const HttpAnswer answer = poor.post(restart_target(ns, "web-0", "wait=500ms"), "");
  REQUIRE(answer.status == 200);
  const auto causes = causes_of(at(answer.json(), "/replacement"));
  CHECK(std::find(causes.begin(), causes.end(), "StatefulSet Forbidden") != causes.end());
}

}  // namespace quartermaster::test
