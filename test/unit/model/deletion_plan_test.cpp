// What deleting a claim would do.
#include "model/deletion_plan.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

Pvc bound_claim(std::vector<std::string> finalizers = {}) {
  Pvc claim;
  claim.meta.name = "c";
  claim.meta.ns = "demo";
  claim.meta.uid = "u-1";
  claim.meta.resource_version = "7";
  claim.meta.finalizers = std::move(finalizers);
  claim.volume_name = "v";
  return claim;
}

VolumeLookup volume(const std::string& policy, const std::string& claim) {
  return {VolumeLookup::Outcome::found,
          from_json(R"({"metadata": {"name": "v", "uid": "v-1"}, "spec": {"persistentVolumeReclaimPolicy": ")" +
                        policy + R"(", "claimRef": )" + claim + "}}",
                    persistent_volume_from)};
}

std::string told(const DataLoss& loss) {
  return std::string(to_string(loss.answer)) + ", " + loss.message + ", " + loss.reclaim_policy;
}

TEST_CASE("Data is lost with a claim whose volume is not kept") {
  const std::string ours = R"({"namespace": "demo", "name": "c", "uid": "u-1"})";
  const auto [policy, claim, expected] = GENERATE_COPY(table<std::string, std::string, std::string>({
      {"Delete", ours, "yes, the volume v is deleted, too, Delete"},
      {"Recycle", ours, "yes, the volume v is emptied, Recycle"},
      {"Retain", ours, "no, the volume v is kept, Retain"},
      {"", ours, "unknown, the volume v has a reclaim policy that is not known here, "},
      {"Donate", ours, "unknown, the volume v has a reclaim policy that is not known here, Donate"},
      // Kept for a claim of that name, whichever.
      {"Delete", R"({"namespace": "demo", "name": "c"})", "yes, the volume v is deleted, too, Delete"},
      {"Delete", R"({"namespace": "demo", "name": "c", "uid": "u-2"})", "no, the volume v is not bound to it, Delete"},
      {"Delete", R"({"namespace": "other", "name": "c"})", "no, the volume v is not bound to it, Delete"},
      {"Delete", R"({"namespace": "demo", "name": "d"})", "no, the volume v is not bound to it, Delete"},
      {"Delete", "null", "no, the volume v is not bound to it, Delete"},
  }));
  CHECK(told(data_loss(bound_claim(), volume(policy, claim))) == expected);
}

TEST_CASE("What is not known of a volume is not taken for harmless") {
  CHECK(told(data_loss(bound_claim(), {VolumeLookup::Outcome::unknown, {}, "we may not ask"})) ==
        "unknown, we may not ask, ");
  CHECK(told(data_loss(bound_claim(), {})) == "no, there is no volume v, ");
  Pvc pending = bound_claim();
  pending.volume_name.clear();
  CHECK(told(data_loss(pending, {VolumeLookup::Outcome::unknown, {}, "?"})) == "no, no volume is bound to it, ");
}

TEST_CASE("A plan says what the delete does, and why") {
  const std::vector<ClaimUser> users = {{.kind = "Pod", .name = "p", .through = "data"}};
  const auto plan = [&](Pvc claim, bool used, bool force) {
    const auto planned = plan_delete(std::move(claim), used ? users : std::vector<ClaimUser>(), {}, force);
    return std::string(to_string(planned.action)) + "|" + planned.reason + "|" + planned.message;
  };
  auto going = bound_claim({"kubernetes.io/pvc-protection"});
  going.meta.terminating = true;
  const std::string waits = "waiting for finalizers: kubernetes.io/pvc-protection";
  CHECK(plan(bound_claim(), false, false) == "delete||");
  CHECK(plan(bound_claim(), true, false) == "refuse|InUse|used by pod/p");
  CHECK(plan(bound_claim(), true, true) == "delete||");
  CHECK(plan(bound_claim({"kubernetes.io/pvc-protection"}), false, false) == "terminate||" + waits);
  CHECK(plan(going, false, false) == "none|Terminating|" + waits);
  CHECK(plan(going, true, false) == "refuse|InUse|used by pod/p");
}

TEST_CASE("A plan is written") {
  const std::vector<PlannedDelete> plan = {
      plan_delete(bound_claim({"f"}), {{.kind = "Pod", .name = "p", .through = "data", .uid = "x", .node = "n"}},
                  volume("Delete", R"({"namespace": "demo", "name": "c", "uid": "u-1"})"), true)};
  CHECK(written([&](json::Writer& writer) { write_plan(writer, "1.a", plan); }) ==
        R"({"token":"1.a","claims":[{"name":"c","uid":"u-1","resourceVersion":"7","action":"terminate","reason":"",)"
        R"("message":"waiting for finalizers: f",)"
        R"("users":[{"kind":"Pod","name":"p","how":"volume","through":"data"}],"volume":"v","reclaimPolicy":"Delete",)"
        R"("dataLost":"yes","dataLostMessage":"the volume v is deleted, too","finalizers":["f"]}]})");
}

}  // namespace
}  // namespace quartermaster::model
