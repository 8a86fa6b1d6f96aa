// k8s.io/api/apps/v1; the annotation: k8s.io/kubectl/pkg/polymorphichelpers, objectrestarter.go.
#include "model/workload.hpp"

#include "model/manifest.hpp"
#include "model/object_selector.hpp"

namespace quartermaster::model {

Workload workload_from(json::Value raw) {
  const auto spec = raw["spec"];
  // A deployment calls it otherwise.
  const auto strategy = spec["updateStrategy"].is_object() ? spec["updateStrategy"] : spec["strategy"];
  return {.meta = object_meta_from(raw),
          .paused = spec["paused"].boolean(),
          .update_strategy = std::string(strategy["type"].string("RollingUpdate")),
          .partition = strategy["rollingUpdate"]["partition"].integer().value_or(0),
          .selector = object_selector_from(spec["selector"])};
}

void write_restart_patch(json::Writer& writer, const Workload& current, Timestamp now) {
  writer.begin_object();
  write_patch_metadata(writer, current.meta, Precondition::same_object, {});
  writer.key("spec").begin_object().key("template").begin_object().key("metadata").begin_object();
  write_field(writer, "annotations", MapPatch{{"kubectl.kubernetes.io/restartedAt", format_timestamp(now)}});
  writer.end_object().end_object().end_object().end_object();
}

}  // namespace quartermaster::model
