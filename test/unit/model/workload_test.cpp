// Workloads: what keeps a restart from their pods, and the patch that is one.
#include "model/workload.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

TEST_CASE("A workload says what keeps a rollout from its pods") {
  const auto set = from_json(R"({"metadata": {"name": "db", "uid": "u"},
      "spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}}})",
                             workload_from);
  CHECK(set.meta.name == "db");
  CHECK(set.update_strategy == "RollingUpdate");
  CHECK(set.partition == 2);
  CHECK_FALSE(set.paused);
  const auto deployment = from_json(R"({"spec": {"paused": true, "strategy": {"type": "Recreate"}}})", workload_from);
  CHECK(deployment.paused);
  CHECK(deployment.update_strategy == "Recreate");
  CHECK(deployment.partition == 0);
  CHECK_FALSE(deployment.selector);
  const auto selected = from_json(R"({"spec": {"selector": {"matchLabels": {"a": "b"}}}})", workload_from);
  REQUIRE(selected.selector);
  CHECK(selected.selector->to_string() == "a=b");
  CHECK(from_json(R"({"spec": {"updateStrategy": {"type": "OnDelete"}}})", workload_from).update_strategy ==
        "OnDelete");
  CHECK(from_json("{}", workload_from).update_strategy == "RollingUpdate");
}

TEST_CASE("A restart is an annotation of the pod template, of this very object") {
  const auto workload = from_json(R"({"metadata": {"name": "db", "uid": "u", "resourceVersion": "7"}})", workload_from);
  const auto now = parse_timestamp("2026-11-25T23:59:00.000000001Z");
  CHECK(written([&](json::Writer& w) { write_restart_patch(w, workload, *now); }) ==
        R"({"metadata":{"uid":"u"},"spec":{"template":{"metadata":{"annotations":)"
        R"({"kubectl.kubernetes.io/restartedAt":"2026-11-25T23:59:00.000000001Z"}}}}})");
}

}  // namespace
}  // namespace quartermaster::model
