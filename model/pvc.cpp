// Reads and writes persistent volume claims.
#include "model/pvc.hpp"

#include <algorithm>

namespace quartermaster::model {
namespace {

// Wins over the field, as in Kubernetes.
constexpr std::string_view kStorageClassAnnotation = "volume.beta.kubernetes.io/storage-class";

}  // namespace

Pvc pvc_from(json::Value raw) {
  const json::Value spec = raw["spec"];
  const json::Value status = raw["status"];
  Pvc pvc;
  pvc.meta = object_meta_from(raw);
  pvc.phase = status["phase"].string();
  const auto annotation = pvc.meta.annotations.find(kStorageClassAnnotation);
  pvc.storage_class = annotation == pvc.meta.annotations.end() ? spec["storageClassName"].string()
                                                               : std::string_view(annotation->second);
  pvc.volume_name = spec["volumeName"].string();
  pvc.capacity = status["capacity"]["storage"].string();
  pvc.requested = spec["resources"]["requests"]["storage"].string();
  pvc.access_modes = strings_from(status["accessModes"]);
  if (pvc.access_modes.empty()) pvc.access_modes = strings_from(spec["accessModes"]);
  pvc.volume_mode = spec["volumeMode"].string("Filesystem");
  pvc.conditions = conditions_from(status["conditions"]);
  return pvc;
}

State state_of(const Pvc& pvc) {
  if (pvc.meta.terminating) return terminating_state(pvc.meta);
  const auto holds =
      std::find_if(pvc.conditions.begin(), pvc.conditions.end(), [](const auto& c) { return c.status == "True"; });
  if (holds == pvc.conditions.end()) return {pvc.phase, "", ""};
  return {pvc.phase, holds->reason.empty() ? holds->type : holds->reason, holds->message};
}

void write(json::Writer& writer, const Pvc& pvc, Record* record) {
  writer.begin_object();
  write_head(writer, Kind::pvc, pvc.meta, state_of(pvc));
  write_labels(writer, "labels", pvc.meta.labels, record);
  writer.field("storageClass", pvc.storage_class).field("volumeName", pvc.volume_name).field("capacity", pvc.capacity);
  write_field(writer, "accessModes", pvc.access_modes);
  writer.field("volumeMode", pvc.volume_mode).field("requested", pvc.requested);
  writer.end_object();
}

Record pvc_record(json::Value raw) {
  const Pvc pvc = pvc_from(raw);
  Record record = record_of(pvc.meta);
  json::Writer writer(record.dto);
  write(writer, pvc, &record);
  return record;
}

}  // namespace quartermaster::model
