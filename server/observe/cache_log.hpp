// What happens to the caches, in the log.
#pragma once

#include "kubeapi/reflector_status.hpp"

namespace quartermaster::observe {

class CacheLog final : public kubeapi::ReflectorObserver {
 public:
  void first_sync(const kubeapi::ReflectorId& id, std::size_t items, double seconds) override;
  void denied(const kubeapi::ReflectorId& id, std::string_view message) override;
  void lost(const kubeapi::ReflectorId& id, std::string_view why) override;
  void regained(const kubeapi::ReflectorId& id) override;
  void remark(const kubeapi::ReflectorId& id, std::string_view what) override;
  void differs(const kubeapi::ReflectorId& id, std::string_view what) override;
};

}  // namespace quartermaster::observe
