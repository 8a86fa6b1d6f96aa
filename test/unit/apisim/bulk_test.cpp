// Many objects at once, and their steady change.
#include "test/unit/apisim/fixture.hpp"

namespace quartermaster::apisim {
namespace {

TEST_CASE("claims and pods are filled into namespaces of 500 and 1000") {
  Fixture sim({.controllers = false});
  sim.server.fill("persistentvolumeclaims", 501);
  sim.server.fill("pods", 1001);
  CHECK(sim.server.list("PersistentVolumeClaim", "bench-0").size() == 500);
  CHECK(sim.server.list("PersistentVolumeClaim", "bench-1").size() == 1);
  CHECK(sim.server.list("Pod", "bench-0").size() == 1000);
  CHECK(sim.server.find("Namespace", "", "bench-1").has_value());
  const auto pod = sim.get("/api/v1/namespaces/bench-1/pods/web-7c5d9b8f64-001000").json();
  CHECK(test::text_at(pod, "/kind") == "Pod");
  CHECK(test::text_at(pod, "/spec/volumes/0/persistentVolumeClaim/claimName") == "data-000500");
  CHECK(test::text_at(pod, "/metadata/resourceVersion") == sim.server.resource_version());
  const auto shard = sim.get("/api/v1/pods?labelSelector=shard%3D7&limit=1000").json();
  CHECK(test::at(shard, "/items").get_array().size() == 100);
  CHECK_THROWS(sim.server.fill("secrets", 1));
}

TEST_CASE("filled objects are as large as real ones, and valid") {
  Fixture sim({.controllers = false});
  sim.server.fill("persistentvolumeclaims", 1);
  sim.server.fill("pods", 1);
  const auto claim = sim.get("/api/v1/namespaces/bench-0/persistentvolumeclaims/data-000000");
  CHECK(claim.body.size() > 1100);
  CHECK(claim.body.size() < 1700);
  const auto pod = sim.get("/api/v1/namespaces/bench-0/pods/web-7c5d9b8f64-000000");
  CHECK(pod.body.size() > 4000);
  CHECK(pod.body.size() < 6500);
  // A write checks the whole object.
  for (const auto* path : {"persistentvolumeclaims/data-000000", "pods/web-7c5d9b8f64-000000"}) {
    const auto target = "/api/v1/namespaces/bench-0/" + std::string(path);
    const auto patched = sim.merge(target, R"({"metadata": {"labels": {"new": "1"}}})");
    INFO(patched.body);
    CHECK(patched.status == 200);
  }
}

TEST_CASE("filled pods change at a steady rate, until they do not") {
  Fixture sim({.controllers = false});
  sim.server.fill("pods", 2);
  WatchReader watch(sim.open("/api/v1/pods?watch=1&resourceVersion=" + sim.server.resource_version()));
  sim.server.change_pods(500);
  for (const auto* line : {"MODIFIED web-7c5d9b8f64-000000", "MODIFIED web-7c5d9b8f64-000001"}) {
    CHECK(watch.next_line() == line);
  }
  const auto event = watch.next();
  CHECK(test::at(event, "/object/status/containerStatuses/1/restartCount") == json::value(2));
  sim.server.change_pods(0);
  const auto version = sim.server.resource_version();
  sim.make_namespace("other");
  CHECK(std::stoul(sim.server.resource_version()) == std::stoul(version) + 1);
}

}  // namespace
}  // namespace quartermaster::apisim
