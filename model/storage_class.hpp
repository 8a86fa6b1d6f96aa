// Storage classes (storage.k8s.io/v1): what is read of them, which one is the default, and their DTO.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/object_meta.hpp"
#include "model/record.hpp"

namespace quartermaster::model {

struct StorageClass {
  ObjectMeta meta;
  std::string provisioner;
  std::string reclaim_policy;
  std::string volume_binding_mode;
  bool allow_volume_expansion = false;
  bool is_default = false;  // by the GA or the beta annotation
  StringMap parameters;
  std::vector<std::string> mount_options;
};

StorageClass storage_class_from(json::Value raw);

/// Of all classes, the one that a claim without a class gets: the newest default; of several made in the same second,
/// the first by name. Null if none is a default. The rule is that of Kubernetes 1.26 and later; older ones refuse such
/// claims.
const StorageClass* effective_default(std::span<const StorageClass> classes);

/// `{name, namespace, kind, state, provisioner, reclaimPolicy, allowVolumeExpansion, volumeBindingMode, isDefault,
/// isEffectiveDefault, parameters, mountOptions, labels}`; the state is Ready, or Terminating.
void write(json::Writer& writer, const StorageClass& storage_class, bool is_effective_default);

/// A storage class's record has one hole, for `isEffectiveDefault`. This says which record of all gets true: as
/// effective_default(). Nothing if none does.
class EffectiveDefault {
 public:
  void add(const RecordView& record);
  const std::optional<std::string>& name() const { return name_; }

 private:
  std::optional<std::string> name_;
  Timestamp created_;
};

}  // namespace quartermaster::model
