// The end of the service, and starts that cannot work.
#include <algorithm>
#include <csignal>

#include "test/faults/setting.hpp"

namespace quartermaster::test {

using std::chrono::seconds;

TEST_CASE("SIGTERM without anything under way is the end, with exit code 0") {
  const int signal = GENERATE(SIGTERM, SIGINT);
  Setting setting;
  CHECK(setting.read() == "200");
  setting.service().process().signal(signal);
  CHECK(setting.service().process().wait(seconds(60)) == 0);
}

TEST_CASE("SIGTERM turns readiness red, while requests are still served") {
  Setting setting;
  Service& service = setting.start_service({"--shutdown-delay", "60s"});
  CHECK(service.get("/readyz").status == 200);
  service.process().signal(SIGTERM);
  REQUIRE(poll_until([&] { return service.get("/readyz").status == 503; }));
  CHECK(service.get("/readiness?verbose").status == 503);
  CHECK(service.get("/livez").status == 200);
  CHECK(setting.read() == "200");
  // A second signal does not want to wait.
  service.process().signal(SIGTERM);
  CHECK(service.process().wait(seconds(60)) == 0);
}

TEST_CASE("a request that is under way at SIGTERM is finished") {
  Setting setting;
  setting.make_namespace();
  Service& service = setting.start_service({"--drain-timeout", "60s"});
  CHECK(setting.read() == "200");
  apisim::Fault slow;
  slow.target = "/persistentvolumeclaims";
  slow.delay = std::chrono::milliseconds(1500);
  setting.server().inject(slow);
  Connection connection = service.connect();
  REQUIRE(connection.send(to_bytes({.target = "/api/v1/pvc/demo"})));
  // The first one was answered; this one is under way.
  REQUIRE(poll_until([&] { return setting.requests("/persistentvolumeclaims") == 2; }));
  service.process().signal(SIGTERM);
  const HttpAnswer answer = AnswerReader(std::move(connection)).rest();
  CHECK(answer.status == 200);
  CHECK(service.process().wait(seconds(60)) == 0);
  CHECK_THROWS(service.connect());
}

TEST_CASE("a follow that is under way at SIGTERM goes on until the drain's end, and is cut visibly") {
  Setting setting;
  setting.make_namespace();
  setting.make_running_pod("p");
  Service& service = setting.start_service({"--drain-timeout", "4s"});
  setting.server().logs().append({"demo", "p", "main"}, "before");
  AnswerReader reader = service.open({.target = "/api/v1/pod/demo/name/p/logs?follow=true"});
  CHECK(reader.more() == "before\n");
  service.process().signal(SIGTERM);
  setting.server().logs().append({"demo", "p", "main"}, "meanwhile");
  CHECK(reader.more() == "meanwhile\n");
  CHECK(reader.more().empty());
  CHECK_FALSE(reader.complete());
  CHECK(service.process().wait(seconds(60)) == 0);
}

TEST_CASE("a restart that waits at SIGTERM is answered at once, and says why it waits no longer") {
  Setting setting;
  setting.make_namespace();
  setting.server().put(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "demo", "name": "p",
      "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u", "controller": true}]},
      "spec": {"containers": [{"name": "main", "image": "i"}]}, "status": {"phase": "Running"}})");
  Service& service = setting.start_service({"--drain-timeout", "60s"});
  Connection connection = service.connect();
  REQUIRE(connection.send(to_bytes({.method = "POST", .target = "/api/v1/pod/demo/name/p/restart?wait=60s"})));
  REQUIRE(poll_until([&] { return !setting.server().find("Pod", "demo", "p"); }));
  service.process().signal(SIGTERM);
  const HttpAnswer answer = AnswerReader(std::move(connection)).rest();
  CHECK(answer.status == 200);
  CHECK(text_at(answer.json(), "/replacement/causes/0/reason") == "ShuttingDown");
  CHECK(service.process().wait(seconds(60)) == 0);
}

TEST_CASE("a configuration that cannot work is one line, and an exit code that is not 0") {
  struct Row {
    std::vector<std::string> command;
    std::string says;
  };
  const TempDir files;
  const std::string cluster = "{server: \"https://api.example:443\"}";
  const std::string good = files.write("good", kubeconfig_of(cluster, "{token: t}"));
  const std::string program = service_program();
  const auto with_config = [&](const std::string& text) {
    return service_command(files.write("kubeconfig-" + unique_name(), text), {});
  };
  const auto with_user = [&](const std::string& user) { return with_config(kubeconfig_of(cluster, user)); };
  const std::vector<Row> rows = {
      {{program, "--no-such-flag"}, "no-such-flag"},
      {service_command("/no/such/kubeconfig", {}), "/no/such/kubeconfig"},
      {{program, "--listen", "0.0.0.0:0", "--auth-mode", "none", "--kubeconfig", good}, "anonymous"},
      {{program, "--listen", "nonsense", "--auth-mode", "none", "--kubeconfig", good}, "listen"},
      {{program, "--listen", "127.0.0.1:0", "--auth-mode", "some", "--kubeconfig", good}, "auth-mode"},
      {service_command(good, {"--drain-timeout", "soon"}), "drain-timeout"},
      {service_command(good, {"--shutdown-delay", "-1s"}), "shutdown-delay"},
      {service_command(good, {"--log-level", "loud"}), "log-level"},
      {service_command(good, {"--context", "other"}), "other"},
      {with_config("nonsense: ["), "kubeconfig"},
      {with_config("{}"), "context"},
      {with_user("{exec: {command: aws}}"), "exec"},
      {with_user("{username: a, password: canary-password}"), "password"},
      {with_user("{client-certificate: /no/such/file, client-key: /no/such/key}"), "/no/such"},
      {{program, "--auth-mode", "none", "--listen", "127.0.0.1:0"}, "KUBERNETES_SERVICE_HOST"},
  };
  for (const Row& row : rows) {
    INFO(row.command.back() + " should say " + row.says);
    Subprocess process(row.command, {.unset = {"KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBECONFIG"}});
    const auto code = process.wait(seconds(60));
    REQUIRE(code.has_value());
    CHECK(*code != 0);
    CHECK(*code < 126);
    process.wait_for_line([](std::string_view) { return false; }, seconds(10));  // until the output has ended
    const std::string output = process.output();
    INFO(output);
    CHECK(std::count(output.begin(), output.end(), '\n') == 1);
    CHECK_THAT(output, Catch::Contains(row.says) && !Catch::Contains("canary-password"));
  }
}

TEST_CASE("the log says so if there may be fewer open files than connections") {
  Setting setting;
  auto& service = setting.start_service({"--max-connections", "4294967295"});
  CHECK(service.process().wait_for_line(
      [](std::string_view line) { return line.find("the limit of open files is too low") != line.npos; }, seconds(10)));
  CHECK(setting.read() == "200");
}

TEST_CASE("a port that is taken is an exit code that is not 0") {
  Setting setting;
  const std::string taken = "127.0.0.1:" + std::to_string(setting.service().endpoint().port);
  Subprocess second({service_program(), "--listen", taken, "--auth-mode", "none", "--kubeconfig",
                     setting.service().directory().path("kubeconfig")});
  const auto code = second.wait(seconds(60));
  REQUIRE(code.has_value());
  CHECK(*code != 0);
}

}  // namespace quartermaster::test
