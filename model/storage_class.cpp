// Reads and writes storage classes.
#include "model/storage_class.hpp"

#include <cstring>

#include "model/dto.hpp"

namespace quartermaster::model {
namespace {

bool is_marked_default(const ObjectMeta& meta) {
  for (const std::string_view key :
       {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"}) {
    const auto annotation = meta.annotations.find(key);
    if (annotation != meta.annotations.end() && annotation->second == "true") return true;
  }
  return false;
}

bool goes_before(const StorageClass& a, const StorageClass& b) {
  if (a.meta.created != b.meta.created) return a.meta.created > b.meta.created;
  return a.meta.name < b.meta.name;
}

// With a record: a hole for `isEffectiveDefault`.
void write(json::Writer& writer, const StorageClass& storage_class, bool is_effective_default, Record* record) {
  writer.begin_object();
  write_head(writer, Kind::storage_class, storage_class.meta, ready_state(storage_class.meta));
  writer.field("provisioner", storage_class.provisioner).field("reclaimPolicy", storage_class.reclaim_policy);
  writer.field("allowVolumeExpansion", storage_class.allow_volume_expansion);
  writer.field("volumeBindingMode", storage_class.volume_binding_mode);
  writer.field("isDefault", storage_class.is_default).key("isEffectiveDefault");
  if (record != nullptr)
    leave_hole(writer, *record);
  else
    writer.boolean(is_effective_default);
  write_field(writer, "parameters", storage_class.parameters);
  write_field(writer, "mountOptions", storage_class.mount_options);
  write_labels(writer, "labels", storage_class.meta.labels, record);
  writer.end_object();
}

}  // namespace

StorageClass storage_class_from(json::Value raw) {
  StorageClass storage_class;
  storage_class.meta = object_meta_from(raw);
  storage_class.provisioner = raw["provisioner"].string();
  storage_class.reclaim_policy = raw["reclaimPolicy"].string("Delete");
  storage_class.volume_binding_mode = raw["volumeBindingMode"].string("Immediate");
  storage_class.allow_volume_expansion = raw["allowVolumeExpansion"].boolean();
  storage_class.is_default = is_marked_default(storage_class.meta);
  storage_class.parameters = string_map(raw["parameters"]);
  storage_class.mount_options = strings_from(raw["mountOptions"]);
  return storage_class;
}

const StorageClass* effective_default(std::span<const StorageClass> classes) {
  const StorageClass* best = nullptr;
  for (const StorageClass& candidate : classes) {
    if (candidate.is_default && (!best || goes_before(candidate, *best))) best = &candidate;
  }
  return best;
}

void write(json::Writer& writer, const StorageClass& storage_class, bool is_effective_default) {
  write(writer, storage_class, is_effective_default, nullptr);
}

// The facts of a default are when it was made.
Record storage_class_record(json::Value raw) {
  const StorageClass storage_class = storage_class_from(raw);
  Record record = record_of(storage_class.meta);
  json::Writer writer(record.dto);
  write(writer, storage_class, false, &record);
  if (storage_class.is_default) {
    const auto created = storage_class.meta.created.value_or(Timestamp::min()).time_since_epoch().count();
    record.facts.assign(reinterpret_cast<const char*>(&created), sizeof created);
  }
  return record;
}

void EffectiveDefault::add(const RecordView& record) {
  Timestamp::rep count = 0;
  if (record.facts.size() < sizeof count) return;
  std::memcpy(&count, record.facts.data(), sizeof count);
  const Timestamp created{Timestamp::duration(count)};
  if (name_ && (created < created_ || (created == created_ && record.name > *name_))) return;
  name_ = record.name;
  created_ = created;
}

}  // namespace quartermaster::model
