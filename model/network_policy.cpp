// Reads and writes network policies.
#include "model/network_policy.hpp"

#include "model/dto.hpp"
#include "model/manifest.hpp"

namespace quartermaster::model {
namespace {

void write_rules(json::Writer& writer, const IsolationSpec& spec) {
  writer.key("policyTypes").begin_array().string("Ingress").end_array();
  writer.key("ingress").begin_array().begin_object().key("from").begin_array();
  writer.begin_object().key("podSelector").begin_object().end_object().end_object();
  for (const auto& labels : spec.allowed) {
    writer.begin_object().key("namespaceSelector").begin_object();
    write_field(writer, "matchLabels", labels);
    writer.end_object().end_object();
  }
  writer.end_array().end_object().end_array();
}

}  // namespace

NetworkPolicy network_policy_from(json::Value raw) {
  NetworkPolicy policy{.meta = object_meta_from(raw), .spec = {}};
  for (const auto& [key, value] : raw["spec"].members()) policy.spec.emplace(key, value.text());
  return policy;
}

void write_manifest(json::Writer& writer, const IsolationSpec& spec) {
  writer.begin_object();
  write_manifest_head(writer, Kind::network_policy, spec.name, managed_labels());
  writer.key("spec").begin_object();
  writer.key("podSelector").begin_object().end_object();
  write_rules(writer, spec);
  writer.end_object().end_object();
}

void write_patch(json::Writer& writer, const NetworkPolicy& current, const IsolationSpec& spec) {
  writer.begin_object();
  write_patch_metadata(writer, current.meta, Precondition::same_object, {});
  writer.key("spec").begin_object();
  writer.key("podSelector").begin_object().key("matchLabels").null().key("matchExpressions").null().end_object();
  writer.key("egress").null();
  write_rules(writer, spec);
  writer.end_object().end_object();
}

}  // namespace quartermaster::model
