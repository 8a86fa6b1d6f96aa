// Reads and writes namespaces.
#include "model/namespace.hpp"

#include <algorithm>
#include <iterator>

namespace quartermaster::model {

Namespace namespace_from(json::Value raw) {
  return {.meta = object_meta_from(raw),
          .phase = std::string(raw["status"]["phase"].string()),
          .conditions = conditions_from(raw["status"]["conditions"])};
}

std::vector<Condition> holding_conditions(const Namespace& ns) {
  std::vector<Condition> holding;
  if (ns.phase != "Terminating") return holding;
  std::copy_if(ns.conditions.begin(), ns.conditions.end(), std::back_inserter(holding),
               [](const Condition& condition) { return condition.status != "False"; });
  return holding;
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
