// What kube-controller-manager and the kubelets do, as far as it shows here: namespaces are emptied and go, claims are
// held while a pod uses them, quotas count, dependents follow their owners; and, where it is wanted, workloads get
// their pods, and pods run.
#pragma once

#include <boost/asio/io_context.hpp>
#include <set>
#include <string>

#include "test/apisim/cluster.hpp"
#include "test/apisim/workloads.hpp"

namespace quartermaster::apisim {

/// Follows the store's changes from its own coroutine, a moment behind, as the real ones do.
class Controllers {
 public:
  Controllers(Cluster& cluster, asio::io_context& loop) : cluster_(cluster), loop_(loop), workloads_(cluster) {}
  void start();

 private:
  static Task<void> run(Controllers* self);
  void note_changes();
  void note(const Change& change);
  /// Until nothing changes any more by what it does.
  void settle();
  void settle_namespace(const std::string& name);

  void empty_namespace(const std::string& name, const json::object& ns);
  void release_claims(const std::string& ns);
  void release_volumes();
  void count_quotas(const std::string& ns);
  void collect_garbage(const std::string& ns);

  Cluster& cluster_;
  asio::io_context& loop_;
  Workloads workloads_;
  std::uint64_t version_ = 0;         // changes up to this one are noted
  std::set<std::string> namespaces_;  // to look at: something changed there
  std::set<std::string> gone_;        // uids of objects that have gone
  bool volumes_changed_ = false;
};

}  // namespace quartermaster::apisim
