// Reads and writes volume statistics.
#include "model/volume_stats.hpp"

#include <algorithm>

#include "model/timestamp.hpp"

namespace quartermaster::model {
namespace {

std::optional<std::int64_t> amount(json::Value value) {
  const auto number = value.integer();
  return number && *number >= 0 ? number : std::nullopt;
}

VolumeStats stats_from(json::Value volume) {
  return {.time = std::string(volume["time"].string()),
          .used_bytes = amount(volume["usedBytes"]),
          .capacity_bytes = amount(volume["capacityBytes"]),
          .available_bytes = amount(volume["availableBytes"]),
          .inodes_used = amount(volume["inodesUsed"]),
          .inodes = amount(volume["inodes"]),
          .inodes_free = amount(volume["inodesFree"])};
}

bool is_of_claim(json::Value pod, json::Value volume, std::string_view ns, std::string_view claim,
                 std::span<const ClaimUser> users) {
  const json::Value reference = volume["pvcRef"];
  if (reference.is_object()) return reference["namespace"].string() == ns && reference["name"].string() == claim;
  const auto uid = pod["podRef"]["uid"].string();
  const auto name = volume["name"].string();
  return std::ranges::any_of(users, [&](const auto& u) { return !uid.empty() && u.uid == uid && u.through == name; });
}

bool is_newer(const VolumeStats& a, const VolumeStats& b) {
  const auto time = parse_timestamp(a.time);
  const auto other = parse_timestamp(b.time);
  return time && (!other || *time > *other);
}

void write_field(json::Writer& writer, std::string_view name, const std::optional<std::int64_t>& value) {
  if (value) writer.field(name, *value);
}

}  // namespace

std::optional<VolumeStats> volume_stats_from(json::Value summary, std::string_view ns, std::string_view claim,
                                             std::span<const ClaimUser> users) {
  std::optional<VolumeStats> newest;
  for (const json::Value pod : summary["pods"].items()) {
    for (const json::Value volume : pod["volume"].items()) {
      if (!is_of_claim(pod, volume, ns, claim, users)) continue;
      auto stats = stats_from(volume);
      const bool measured = stats.used_bytes || stats.capacity_bytes || stats.available_bytes;
      if (measured && (!newest || is_newer(stats, *newest))) newest = std::move(stats);
    }
  }
  return newest;
}

void write_members(json::Writer& writer, const VolumeStats& stats) {
  write_field(writer, "usedBytes", stats.used_bytes);
  write_field(writer, "capacityBytes", stats.capacity_bytes);
  write_field(writer, "availableBytes", stats.available_bytes);
  write_field(writer, "inodesUsed", stats.inodes_used);
  write_field(writer, "inodes", stats.inodes);
  write_field(writer, "inodesFree", stats.inodes_free);
}

}  // namespace quartermaster::model
