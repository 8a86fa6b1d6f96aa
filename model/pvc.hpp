// Persistent volume claims: what is read of them and their DTO.
#pragma once

#include <string>
#include <vector>

#include "model/dto.hpp"
#include "model/json.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

struct Pvc {
  ObjectMeta meta;
  std::string phase;
  std::string storage_class;  // by the annotation that came before the field, else the field
  std::string volume_name;
  std::string capacity;  // of the volume; "" until bound
  std::string requested;
  std::vector<std::string> access_modes;  // of the volume; until bound, those asked for
  std::string volume_mode;
  std::vector<Condition> conditions;
};

Pvc pvc_from(json::Value raw);

/// The phase, explained by the first condition that holds (a resize under way), or Terminating.
State state_of(const Pvc& pvc);

/// `{name, namespace, kind, state, labels, storageClass, volumeName, capacity, accessModes, volumeMode, requested}`
void write(json::Writer& writer, const Pvc& pvc, Record* record = nullptr);

}  // namespace quartermaster::model
