// The objects that the benchmarks fill a cluster with: as large and as varied as those of real workloads, with the
// metadata.managedFields that API servers keep.
#pragma once

#include <cstddef>
#include <string>

#include "model/kinds.hpp"

namespace quartermaster::bench {

/// An object to be stored as it is, with its status and uid.
struct StoredObject {
  model::Kind kind;
  std::string ns, name;
  std::string text;  // JSON
};

inline constexpr std::size_t kNamespaces = 20;
std::string namespace_name(std::size_t number);  // "bench-0"

StoredObject namespace_object(std::size_t number);
StoredObject quota_object(std::size_t number);
StoredObject storage_class_object(std::size_t number);
/// 500 to a namespace: the first 500 are in "bench-0".
StoredObject claim_object(std::size_t number);
/// One after the other in each namespace, running on `node`. Two generations of one pod differ as by a restart.
StoredObject pod_object(std::size_t number, std::size_t generation = 0, const std::string& node = "node-1");
StoredObject secret_object(std::size_t number);
StoredObject event_object(std::size_t number);

}  // namespace quartermaster::bench
