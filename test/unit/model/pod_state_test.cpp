// A pod's state in a word, and why.
#include "model/pod.hpp"
#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

struct Case {
  std::string name;
  std::string raw;
  State expected;
};

// Containers "a" and "b", and the init container "i", with the status that follows.
std::string pod(const std::string& status, const std::string& metadata = "{}") {
  return R"({"metadata": )" + metadata + R"(, "spec": {"initContainers": [{"name": "i"}],
      "containers": [{"name": "a"}, {"name": "b"}]}, "status": )" +
         status + "}";
}

const std::string kDeleted = R"({"deletionTimestamp": "2019-07-05T04:17:59Z", "finalizers": ["x/y"]})";

TEST_CASE("A pod's state") {
  const auto c = GENERATE(values<Case>({
      {"not scheduled",
       pod(R"({"phase": "Pending", "conditions": [
           {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}]})"),
       {"Pending", "Unschedulable", "0/3 nodes are available"}},
      {"not initialized",
       pod(R"({"phase": "Pending", "conditions": [
           {"type": "Initialized", "status": "False", "reason": "ContainersNotInitialized", "message": "incomplete: [i]"},
           {"type": "Ready", "status": "False", "reason": "ContainersNotReady"},
           {"type": "PodScheduled", "status": "True"}]})"),
       {"Pending", "ContainersNotInitialized", "incomplete: [i]"}},
      {"scheduling comes before initialization, whatever the order",
       pod(R"({"phase": "Pending", "conditions": [
           {"type": "Initialized", "status": "False", "reason": "I"},
           {"type": "PodScheduled", "status": "Unknown", "reason": "S"}]})"),
       {"Pending", "S", ""}},
      {"the first waiting container",
       pod(R"({"phase": "Pending",
           "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Initialized", "status": "True"},
                          {"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
           "initContainerStatuses": [{"name": "i", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}],
           "containerStatuses": [{"name": "a", "state": {"running": {}}},
             {"name": "b", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]})"),
       {"Pending", "ImagePullBackOff", "no such image"}},
      {"a waiting init container comes first",
       pod(R"({"phase": "Pending",
           "initContainerStatuses": [{"name": "i", "state": {"waiting": {"reason": "ErrImagePull"}}}],
           "containerStatuses": [{"name": "a", "state": {"waiting": {"reason": "PodInitializing"}}}]})"),
       {"Pending", "ErrImagePull", ""}},
      {"a container without a status does not hide one that says why",
       pod(R"({"phase": "Pending", "containerStatuses": [{"name": "b", "state": {"waiting": {"reason": "R"}}}]})"),
       {"Pending", "R", ""}},
      {"just created", pod(R"({"phase": "Pending"})"), {"Pending", "", ""}},
      {"ready",
       pod(R"({"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "reason": "ignored"}]})"),
       {"Ready", "", ""}},
      {"running, not ready",
       pod(R"({"phase": "Running", "conditions": [
           {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "unready status: [a]"}]})"),
       {"Running", "ContainersNotReady", "unready status: [a]"}},
      {"running, readiness unknown", pod(R"({"phase": "Running"})"), {"Running", "", ""}},
      {"succeeded",
       pod(R"({"phase": "Succeeded", "conditions": [{"type": "Ready", "status": "False", "reason": "PodCompleted"}]})"),
       {"Succeeded", "", ""}},
      {"failed with a container's message",
       pod(R"({"phase": "Failed", "containerStatuses": [
           {"name": "a", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}},
           {"name": "b", "state": {"terminated": {"exitCode": 2, "reason": "Error", "message": "panic"}}}]})"),
       {"Failed", "Error", "panic"}},
      {"failed without one",
       pod(R"({"phase": "Failed", "containerStatuses": [
           {"name": "a", "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}]})"),
       {"Failed", "OOMKilled", "container a ended with exit code 137"}},
      {"failed in an init container",
       pod(R"({"phase": "Failed",
           "initContainerStatuses": [{"name": "i", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}],
           "containerStatuses": [{"name": "a", "state": {"waiting": {"reason": "PodInitializing"}}}]})"),
       {"Failed", "Error", "container i ended with exit code 1"}},
      {"evicted: the pod knows better than its containers",
       pod(R"({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory.",
           "containerStatuses": [{"name": "a", "state": {"terminated": {"exitCode": 137, "reason": "Error"}}}]})"),
       {"Failed", "Evicted", "The node was low on resource: memory."}},
      {"failed, nobody knows why", pod(R"({"phase": "Failed"})"), {"Failed", "", ""}},
      {"being deleted",
       pod(R"({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]})", kDeleted),
       {"Terminating", "", "waiting for finalizers: x/y"}},
      {"being deleted on a lost node",
       pod(R"({"phase": "Running", "reason": "NodeLost", "message": "gone"})", kDeleted),
       {"Terminating", "NodeLost", "gone"}},
      {"unknown", pod(R"({"phase": "Unknown", "reason": "NodeLost"})"), {"Unknown", "NodeLost", ""}},
      {"a phase of the future", pod(R"({"phase": "Hibernating"})"), {"Unknown", "", ""}},
      {"no phase", pod("{}"), {"Unknown", "", ""}},
  }));
  INFO(c.name);
  const State state = state_of(from_json(c.raw, pod_from));
  CHECK(state.status == c.expected.status);
  CHECK(state.reason == c.expected.reason);
  CHECK(state.message == c.expected.message);
}

}  // namespace
}  // namespace quartermaster::model
