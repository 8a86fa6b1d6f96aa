// How far containers have come.
#include "model/container_run.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace quartermaster;

namespace {

model::ContainerRun run_of(const std::string& pod, std::string_view container = "main") {
  return model::container_run(json::parse(pod).value().root(), container);
}

/// A pod with one container of some sort ("containers": status "containerStatuses") that has ended.
model::ContainerRun ended(const std::string& sort, const std::string& policy, int code, const std::string& more = {}) {
  const auto statuses = (sort == "containers" ? "container" : sort.substr(0, sort.size() - 1)) + "Statuses";
  return run_of(R"({"metadata": {"name": "p"}, "spec": {"restartPolicy": ")" + policy + R"(", ")" + sort +
                R"(": [{"name": "main")" + more + R"(}]}, "status": {"phase": "Running", ")" + statuses +
                R"(": [{"name": "main", "restartCount": 2, "state": {"terminated": {"exitCode": )" +
                std::to_string(code) + "}}}]}}");
}

}  // namespace

TEST_CASE("container run: a container that has ended comes back by the pod's restart policy") {
  CHECK_FALSE(ended("containers", "Always", 0).finished);
  CHECK_FALSE(ended("containers", "Always", 1).finished);
  CHECK(ended("containers", "OnFailure", 0).finished);
  CHECK_FALSE(ended("containers", "OnFailure", 1).finished);
  CHECK(ended("containers", "Never", 1).finished);
  CHECK(ended("containers", "Always", 0).restarts == 2);
  CHECK(ended("containers", "Always", 0).started);
}

TEST_CASE("container run: init containers end when they succeed, sidecars among them do not, ephemeral ones always") {
  CHECK(ended("initContainers", "Always", 0).finished);
  CHECK_FALSE(ended("initContainers", "Always", 1).finished);
  CHECK(ended("initContainers", "Never", 1).finished);
  CHECK_FALSE(ended("initContainers", "Always", 0, R"(, "restartPolicy": "Always")").finished);
  CHECK(ended("ephemeralContainers", "Always", 1).finished);
}

TEST_CASE("container run: in a pod that is done or being deleted nothing comes back") {
  const std::string spec = R"("spec": {"containers": [{"name": "main"}]}, )";
  CHECK(run_of("{" + spec + R"("status": {"phase": "Failed"}})").finished);
  CHECK(run_of("{" + spec + R"("status": {"phase": "Succeeded"}})").finished);
  CHECK(run_of(R"({"metadata": {"deletionTimestamp": "2024-01-01T00:00:00Z"}, )" + spec +
               R"("status": {"phase": "Running", "containerStatuses": [{"name": "main",
               "state": {"terminated": {"exitCode": 0}}}]}})")
            .finished);
}

TEST_CASE("container run: one that waits has started if it ran before") {
  const std::string spec = R"({"spec": {"containers": [{"name": "main"}]}, "status": {"containerStatuses": [)";
  const auto first = run_of(spec + R"({"name": "main", "state": {"waiting": {"reason": "ContainerCreating"}}}]}})");
  CHECK_FALSE(first.started);
  CHECK_FALSE(first.finished);
  const auto again = run_of(spec + R"({"name": "main", "restartCount": 4, "lastState": {"terminated": {"exitCode": 1}},
      "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}})");
  CHECK(again.started);
  CHECK_FALSE(again.finished);
  CHECK(again.restarts == 4);
  CHECK(run_of(spec + R"({"name": "main", "state": {"running": {}}}]}})").started);
  CHECK_FALSE(run_of("{}").started);
}
