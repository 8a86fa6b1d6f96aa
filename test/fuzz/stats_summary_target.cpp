// What kubelets say of volumes. The first line is the claim's name; the pods that use it are those of the summary.
#include "model/volume_stats.hpp"
#include "test/fuzz/object.hpp"

namespace json = quartermaster::json;
namespace model = quartermaster::model;
using quartermaster::fuzz::check;

namespace {

void check_number(json::Value written, const std::optional<std::int64_t>& value) {
  check(written.exists() == value.has_value(), "what is known is written");
  check(written.integer() == value && value.value_or(0) >= 0, "and reads back");
}

}  // namespace

FUZZ_TARGET(stats_summary) {
  quartermaster::fuzz::Front front(input);
  const auto claim = front.line();
  const auto document = json::parse(input);
  if (!document) return;
  std::vector<model::ClaimUser> users;
  for (const auto pod : document->root()["pods"].items()) {
    users.push_back({.kind = "Pod",
                     .name = std::string(pod["podRef"]["name"].string()),
                     .through = std::string(claim),
                     .uid = std::string(pod["podRef"]["uid"].string())});
  }
  const auto stats = model::volume_stats_from(document->root(), "demo", claim, users);
  if (!stats) return;
  check(stats->used_bytes || stats->capacity_bytes || stats->available_bytes, "something was measured");
  const auto text = quartermaster::fuzz::written([&](json::Writer& writer) {
    writer.begin_object();
    write_members(writer, *stats);
    writer.end_object();
  });
  const auto written = json::parse(text);
  check_number(written->root()["usedBytes"], stats->used_bytes);
  check_number(written->root()["capacityBytes"], stats->capacity_bytes);
  check_number(written->root()["availableBytes"], stats->available_bytes);
  check_number(written->root()["inodesUsed"], stats->inodes_used);
  check_number(written->root()["inodes"], stats->inodes);
  check_number(written->root()["inodesFree"], stats->inodes_free);
}
