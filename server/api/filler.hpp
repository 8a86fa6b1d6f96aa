// Fills the holes of cached records, as of one moment.
#pragma once

#include <string>

#include "kubeapi/store.hpp"
#include "model/storage_class.hpp"
#include "server/api/reader.hpp"

namespace quartermaster::api {

class Filler {
 public:
  /// `all` are those of the kind. `quotas`, those of tenants, must outlive it.
  Filler(Resource resource, const kubeapi::Shard& all, const kubeapi::Store::Content& quotas);

  void append(std::string& out, const model::RecordView& record) const;

 private:
  void append_quotas(std::string& out, std::string_view ns, std::size_t hole) const;

  Resource resource_;
  const kubeapi::Store::Content& quotas_;
  model::EffectiveDefault effective_default_;
  Timestamp now_ = std::chrono::system_clock::now();
};

}  // namespace quartermaster::api
