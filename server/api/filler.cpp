// What the holes of each kind are.
#include "server/api/filler.hpp"

#include "model/pod.hpp"
#include "model/tenant.hpp"

namespace quartermaster::api {

using model::RecordView;

Filler::Filler(Resource resource, const kubeapi::Shard& all, const kubeapi::Store::Content& quotas)
    : resource_(resource), quotas_(quotas) {
  if (resource != Resource::storage_classes) return;
  all.for_each("", [this](const RecordView& record) {
    effective_default_.add(record);
    return true;
  });
}

void Filler::append(std::string& out, const RecordView& record) const {
  model::append_filled(out, record, [&](std::string& to, std::size_t hole) {
    switch (resource_) {
      case Resource::pods:
        return model::append_age(to, record.facts, now_);
      case Resource::storage_classes:
        to += effective_default_.name() == record.name ? "true" : "false";
        return;
      case Resource::tenants:
        return append_quotas(to, record.name, hole);
      case Resource::pvcs:
        return;
    }
  });
}

void Filler::append_quotas(std::string& out, std::string_view ns, std::size_t hole) const {
  const auto quotas = quotas_.find(ns);
  if (quotas == quotas_.end()) return;
  quotas->second->for_each("", [&](const RecordView& quota) {
    model::append_quota(out, quota, hole);
    return true;
  });
}

}  // namespace quartermaster::api
