// Reads and writes namespaces.
#include "model/namespace.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace quartermaster::model {
namespace {

/// "Some resources are remaining: pods. has 2 resource instances, jobs.batch has 1 resource instances" with " has ";
/// what does not look like this is left out.
std::vector<Remaining> counted(std::string_view message, std::string_view word) {
  std::vector<Remaining> all;
  const auto colon = message.find(": ");
  if (colon == message.npos) return all;
  for (auto rest = message.substr(colon + 2); !rest.empty();) {
    const auto end = std::min(rest.find(", "), rest.size());
    const auto item = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    const auto middle = item.rfind(word);
    if (middle == item.npos) continue;
    auto what = item.substr(0, middle);
    if (what.ends_with('.')) what.remove_suffix(1);  // of the core group
    const auto number = item.substr(middle + word.size());
    std::int64_t count = 0;
    const auto [last, code] = std::from_chars(number.data(), number.data() + number.size(), count);
    if (code == std::errc() && last != number.data()) all.push_back({std::string(what), count});
  }
  return all;
}

void write_counts(json::Writer& writer, std::string_view name, std::string_view what,
                  const std::vector<Remaining>& all) {
  writer.key(name).begin_array();
  for (const auto& one : all) writer.begin_object().field(what, one.what).field("count", one.count).end_object();
  writer.end_array();
}

}  // namespace

Namespace namespace_from(json::Value raw) {
  return {.meta = object_meta_from(raw),
          .phase = std::string(raw["status"]["phase"].string()),
          .conditions = conditions_from(raw["status"]["conditions"]),
          .own_finalizers = strings_from(raw["spec"]["finalizers"])};
}

std::vector<Condition> holding_conditions(const Namespace& ns) {
  std::vector<Condition> holding;
  if (ns.phase != "Terminating") return holding;
  std::copy_if(ns.conditions.begin(), ns.conditions.end(), std::back_inserter(holding),
               [](const Condition& condition) { return condition.status != "False"; });
  return holding;
}

DeletionProgress deletion_progress(const Namespace& ns) {
  DeletionProgress progress;
  const auto message_of = [&ns](std::string_view type) -> std::string_view {
    const Condition* condition = find_condition(ns.conditions, type);
    return condition == nullptr || condition->status != "True" ? "" : std::string_view(condition->message);
  };
  progress.resources = counted(message_of("NamespaceContentRemaining"), " has ");
  progress.finalizers = counted(message_of("NamespaceFinalizersRemaining"), " in ");
  progress.own_finalizers = ns.meta.finalizers;
  progress.own_finalizers.insert(progress.own_finalizers.end(), ns.own_finalizers.begin(), ns.own_finalizers.end());
  return progress;
}

void write(json::Writer& writer, const DeletionProgress& progress) {
  writer.begin_object();
  write_counts(writer, "remaining", "resource", progress.resources);
  write_counts(writer, "finalizers", "finalizer", progress.finalizers);
  write_field(writer, "namespaceFinalizers", progress.own_finalizers);
  writer.end_object();
}

State state_of(const Namespace& ns) {
  const std::vector<Condition> holding = holding_conditions(ns);
  if (holding.empty()) return {ns.phase, "", ""};
  return {ns.phase, holding.front().reason, holding.front().message};
}

void write_namespace_manifest(json::Writer& writer, std::string_view name, const StringMap& labels,
                              const StringMap& annotations) {
  writer.begin_object();
  write_manifest_head(writer, Kind::namespace_, name, labels, annotations);
  writer.end_object();
}

void write_patch(json::Writer& writer, const Namespace& current, const MetadataPatch& patch) {
  writer.begin_object();
  write_patch_metadata(writer, current.meta, Precondition::same_object, patch);
  writer.end_object();
}

}  // namespace quartermaster::model
