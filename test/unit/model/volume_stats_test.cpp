// What a kubelet's summary says of a claim's volume. The sample has the shape that kubelet 1.20 answers with.
#include "model/volume_stats.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

constexpr std::string_view kSummary = R"({
 "node": {"nodeName": "node-1", "startTime": "2021-03-01T08:00:00Z",
  "cpu": {"time": "2021-03-02T10:15:29Z", "usageNanoCores": 236153322, "usageCoreNanoSeconds": 9361532204128},
  "memory": {"time": "2021-03-02T10:15:29Z", "availableBytes": 29137928192, "usageBytes": 5107789824},
  "fs": {"time": "2021-03-02T10:15:29Z", "availableBytes": 68409044992, "capacityBytes": 101241290752,
         "usedBytes": 28456976384, "inodesFree": 6015713, "inodes": 6258720, "inodesUsed": 243007}},
 "pods": [
  {"podRef": {"name": "web-0", "namespace": "demo", "uid": "5f1d7c6b-0001"}, "startTime": "2021-03-01T09:12:44Z",
   "containers": [{"name": "main", "startTime": "2021-03-01T09:12:46Z",
     "rootfs": {"time": "2021-03-02T10:15:24Z", "availableBytes": 68409044992, "capacityBytes": 101241290752,
                "usedBytes": 53248, "inodesFree": 6015713, "inodes": 6258720, "inodesUsed": 14}, "userDefinedMetrics": null}],
   "network": {"time": "2021-03-02T10:15:22Z", "name": "eth0", "rxBytes": 3081, "interfaces": [{"name": "eth0"}]},
   "volume": [
    {"time": "2021-03-01T09:13:05Z", "availableBytes": 16862998528, "capacityBytes": 16863010816, "usedBytes": 12288,
     "inodesFree": 4116941, "inodes": 4116950, "inodesUsed": 9, "name": "default-token-x7kqp"},
    {"time": "2021-03-02T10:14:38Z", "availableBytes": 7314796544, "capacityBytes": 8350298112, "usedBytes": 1018724352,
     "inodesFree": 523977, "inodes": 524288, "inodesUsed": 311, "name": "data",
     "pvcRef": {"name": "data-web-0", "namespace": "demo"}},
    {"time": "2021-03-02T10:14:38Z", "availableBytes": 100, "capacityBytes": 200, "usedBytes": 100, "name": "scratch"}],
   "ephemeral-storage": {"time": "2021-03-02T10:15:24Z", "usedBytes": 53248, "inodesUsed": 14}},
  {"podRef": {"name": "reader", "namespace": "demo", "uid": "5f1d7c6b-0002"},
   "volume": [{"time": "2021-03-02T10:15:01Z", "availableBytes": 1, "capacityBytes": 3, "usedBytes": 2, "name": "in",
               "pvcRef": {"name": "shared", "namespace": "demo"}}]},
  {"podRef": {"name": "writer", "namespace": "demo", "uid": "5f1d7c6b-0003"},
   "volume": [{"time": "2021-03-02T10:15:09.5Z", "availableBytes": 2, "capacityBytes": 4, "usedBytes": 2, "name": "out",
               "pvcRef": {"name": "shared", "namespace": "demo"}}]},
  {"podRef": {"name": "raw", "namespace": "demo", "uid": "5f1d7c6b-0004"},
   "volume": [{"time": "2021-03-02T10:15:01Z", "capacityBytes": 1073741824, "name": "disk",
               "pvcRef": {"name": "block", "namespace": "demo"}}]}]})";

std::optional<VolumeStats> stats_of(std::string_view claim, std::vector<ClaimUser> users = {},
                                    std::string_view ns = "demo") {
  const json::Document summary = parsed(kSummary);
  return volume_stats_from(summary.root(), ns, claim, users);
}

std::string told(const std::optional<VolumeStats>& stats) {
  if (!stats) return "nothing";
  return stats->time + written([&](json::Writer& writer) {
           writer.begin_object();
           write_members(writer, *stats);
           writer.end_object();
         });
}

TEST_CASE("A claim's volume is found in a kubelet's summary") {
  CHECK(told(stats_of("data-web-0")) ==
        R"(2021-03-02T10:14:38Z{"usedBytes":1018724352,"capacityBytes":8350298112,"availableBytes":7314796544,)"
        R"("inodesUsed":311,"inodes":524288,"inodesFree":523977})");
  CHECK(told(stats_of("data-web-0", {}, "other")) == "nothing");
  CHECK(told(stats_of("data-web-1")) == "nothing");
}

TEST_CASE("Of several measurements the newest counts") {
  CHECK(told(stats_of("shared")) == R"(2021-03-02T10:15:09.5Z{"usedBytes":2,"capacityBytes":4,"availableBytes":2})");
}

TEST_CASE("A block volume has but a capacity") {
  CHECK(told(stats_of("block")) == R"(2021-03-02T10:15:01Z{"capacityBytes":1073741824})");
}

TEST_CASE("A volume without its claim's name is known by its pod") {
  const ClaimUser user{.kind = "Pod", .name = "web-0", .through = "scratch", .uid = "5f1d7c6b-0001"};
  CHECK(told(stats_of("web-0-scratch", {user})) ==
        R"(2021-03-02T10:14:38Z{"usedBytes":100,"capacityBytes":200,"availableBytes":100})");
  CHECK(told(stats_of("web-0-scratch")) == "nothing");
  auto namesake = user;
  namesake.uid = "another";
  CHECK(told(stats_of("web-0-scratch", {namesake})) == "nothing");
  auto nobody = user;
  nobody.uid.clear();
  CHECK(told(stats_of("web-0-scratch", {nobody})) == "nothing");
  // One that has a claim's name is that claim's only.
  auto mistaken = user;
  mistaken.through = "data";
  CHECK(told(stats_of("data-web-1", {mistaken})) == "nothing");
}

TEST_CASE("Numbers that make no sense are left out") {
  const json::Document summary = parsed(R"({"pods": [{"volume": [
      {"pvcRef": {"name": "c", "namespace": "n"}, "usedBytes": -1, "capacityBytes": 18446744073709551615,
       "availableBytes": 5, "inodes": 1.5, "inodesUsed": "7", "time": 3},
      {"pvcRef": {"name": "d", "namespace": "n"}, "inodes": 3}]}]})");
  CHECK(told(volume_stats_from(summary.root(), "n", "c", {})) == R"({"availableBytes":5})");
  CHECK(told(volume_stats_from(summary.root(), "n", "d", {})) == "nothing");  // nothing was measured
}

}  // namespace
}  // namespace quartermaster::model
