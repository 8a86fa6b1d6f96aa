// etcd and kube-apiserver killed, cut off and made to forget, in the middle of lists, watches and writes.
#include <catch2/catch.hpp>
#include <csignal>

#include "test/faults_real/stage.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::test {
namespace {

using Mode = FaultProxy::Mode;

const HeaderList kPastTheCache = {{"Cache-Control", "no-cache"}};
constexpr const char* kList = "/api/v1/pvc/faults";

std::string read_directly(Stage& stage) {
  return outcome(stage.service().get(std::string(kList) + "?timeout=2s", kPastTheCache));
}

/// Of etcd's content, so that no version before is known any more. Its JSON gateway wants the revision.
void compact(RealCluster& cluster) {
  const auto post = [&](const std::string& path, const std::string& body) {
    return exchange(cluster.etcd(), {"POST", path, {{"Content-Type", "application/json"}}, body});
  };
  const auto now = post("/v3/kv/range", R"({"key": "AA=="})").json();
  const auto revision = text_at(now, "/header/revision");
  REQUIRE(post("/v3/kv/compaction", R"({"revision": ")" + revision + R"(", "physical": true})").status == 200);
}

}  // namespace

TEST_CASE("kube-apiserver is killed in the middle of everything, twice") {
  Stage stage(real_cluster());
  const auto failures = stage.stat("failures");
  stage.begin();
  stage.until_written(1);
  for (int i = 0; i < 2; ++i) {
    stage.cluster().process("kube-apiserver").signal(SIGKILL);
    // Reads that need it fail at once, and the others go on: the readers see to that.
    CHECK(poll_until([&] { return read_directly(stage) == "503 ServiceUnavailable"; }));
    CHECK(poll_until([&] { return stage.metric("quartermaster_upstream_circuit_open ") == 1; }));
    stage.cluster().restart("kube-apiserver");  // the second time it dies while the caches are busy catching up
  }
  stage.await_upstream();
  stage.until_written(1);
  stage.rest();
  stage.check_all_is_well();
  CHECK(stage.stat("failures") > failures);
  CHECK(stage.metric("quartermaster_upstream_circuit_openings_total") >= 2);
}

TEST_CASE("etcd is killed in the middle of everything") {
  Stage stage(real_cluster());
  stage.begin();
  stage.until_written(1);
  stage.cluster().process("etcd").signal(SIGKILL);
  CHECK(poll_until([&] { return read_directly(stage).starts_with("5"); }));
  stage.cluster().restart("etcd");
  stage.await_upstream();
  stage.until_written(2);
  stage.rest();
  stage.check_all_is_well();
}

TEST_CASE("all packets vanish in the middle of everything") {
  Stage stage(real_cluster());
  stage.begin();
  stage.until_written(1);
  stage.network().mode(Mode::black_hole);
  CHECK(poll_until([&] { return read_directly(stage) == "503 ServiceUnavailable"; }));
  CHECK(stage.metric("quartermaster_upstream_circuit_openings_total") >= 1);
  CHECK(stage.metric("quartermaster_upstream_circuit_refusals_total") >= 1);
  stage.until_written(2);
  // What the network swallowed is lost: the connections there are can only die.
  stage.network().mode(Mode::reset);
  stage.network().mode(Mode::pass);
  stage.await_upstream();
  stage.until_written(1);
  stage.rest();
  stage.check_all_is_well();
}

TEST_CASE("what the caches have seen last is forgotten while they are cut off") {
  Stage stage(real_cluster());
  const auto relists = stage.stat("relists");
  stage.begin();
  const auto part = stage.service().get(std::string(kList) + "?limit=7", kPastTheCache).json();
  stage.network().mode(Mode::refuse);
  stage.until_written(2);
  // An API server that starts anew knows nothing from before, and etcd neither.
  compact(stage.cluster());
  stage.cluster().restart("kube-apiserver");
  stage.network().mode(Mode::pass);
  stage.await_upstream();
  CHECK(poll_until([&] { return stage.stat("relists") > relists; }));
  const auto token = text_at(part, "/continue");
  CHECK(outcome(stage.service().get(std::string(kList) + "?limit=7&continue=" + token, kPastTheCache)) ==
        "410 Expired");
  stage.until_written(1);
  stage.rest();
  stage.check_all_is_well();
}

}  // namespace quartermaster::test
