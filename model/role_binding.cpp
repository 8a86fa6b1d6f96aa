// Reads and writes role bindings.
#include "model/role_binding.hpp"

#include "model/manifest.hpp"

namespace quartermaster::model {
namespace {

constexpr std::string_view kClusterRole = "ClusterRole";

void write_subjects(json::Writer& writer, const std::vector<Subject>& subjects) {
  writer.key("subjects").begin_array();
  for (const auto& subject : subjects) {
    writer.begin_object().field("kind", subject.kind).field("name", subject.name);
    if (subject.ns.empty()) {
      writer.field("apiGroup", info(Kind::role_binding).group);
    } else {
      writer.field("namespace", subject.ns);
    }
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

std::string to_string(const Subject& subject) {
  return subject.kind + " " + (subject.ns.empty() ? "" : subject.ns + ":") + subject.name;
}

RoleBinding role_binding_from(json::Value raw) {
  RoleBinding binding{.meta = object_meta_from(raw),
                      .role_kind = std::string(raw["roleRef"]["kind"].string()),
                      .role_name = std::string(raw["roleRef"]["name"].string()),
                      .subjects = {}};
  for (const json::Value subject : raw["subjects"].items()) {
    binding.subjects.push_back({.kind = std::string(subject["kind"].string()),
                                .ns = std::string(subject["namespace"].string()),
                                .name = std::string(subject["name"].string())});
  }
  return binding;
}

bool binds_the_role_of(const RoleBinding& current, const RoleBindingSpec& spec) {
  return current.role_kind == kClusterRole && current.role_name == spec.cluster_role;
}

void write_manifest(json::Writer& writer, const RoleBindingSpec& spec) {
  writer.begin_object();
  write_manifest_head(writer, Kind::role_binding, spec.name, managed_labels());
  writer.key("roleRef").begin_object().field("apiGroup", info(Kind::role_binding).group);
  writer.field("kind", kClusterRole).field("name", spec.cluster_role).end_object();
  write_subjects(writer, spec.subjects);
  writer.end_object();
}

void write_patch(json::Writer& writer, const RoleBinding& current, const RoleBindingSpec& spec) {
  writer.begin_object();
  write_patch_metadata(writer, current.meta, Precondition::same_object, {});
  write_subjects(writer, spec.subjects);
  writer.end_object();
}

}  // namespace quartermaster::model
