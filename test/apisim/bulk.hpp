// Many objects at once, for benches: claims of about 1.2 KB and pods of about 5 KB of JSON, as a real API server stores
// them (with managedFields), and a steady rate of changes of the pods.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kubeapi/task.hpp"
#include "test/apisim/cluster.hpp"

namespace quartermaster::apisim {

class Bulk {
 public:
  explicit Bulk(Cluster& cluster) : cluster_(cluster) {}

  /// Writes `count` objects, past all rules, and forgets the changes that this was.
  ///
  /// persistentvolumeclaims: data-000000, data-000001, ...; 500 of them in each of the namespaces bench-0, bench-1, ...
  /// pods: web-7c5d9b8f64-000000, ...; 1000 in each of the same namespaces. The n-th pod of a namespace mounts its
  /// claim
  ///   n modulo 500. Running and ready, with 2 containers, labels app=web and shard=<number modulo 10>.
  /// namespaces: bench-0, ...
  ///
  /// Throws std::runtime_error for other kinds.
  void fill(std::string_view plural, std::size_t count);

  /// From now on so many changes of filled pods a second, one pod after the other; 0 is none. A change restarts a
  /// container and turns its readiness.
  void change_pods(double per_second);

 private:
  void write_namespaces(std::size_t count);
  void write_claim(std::size_t number);
  void write_pod(std::size_t number, std::uint64_t restarts);
  static Task<void> run(Bulk* self, double per_second, std::uint64_t generation);

  Cluster& cluster_;
  std::size_t pods_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t generation_ = 0;  // a run of an older one ends
};

}  // namespace quartermaster::apisim
