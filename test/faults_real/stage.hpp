// A real control plane behind a faulty network, the service, a writer who never rests, and readers who look for what
// must not be. The writer marks all claims of a namespace with a number, one after the other in the order of their
// names, and then again with the next number: so a list that is of one version has one step from a number to the one
// before, or none.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "test/contract/real_cluster.hpp"
#include "test/contract/service.hpp"
#include "test/support/fault_proxy.hpp"

namespace quartermaster::test {

class Stage {
 public:
  /// Fills the control plane, and starts the service.
  explicit Stage(RealCluster& cluster);
  ~Stage();

  RealCluster& cluster() { return cluster_; }
  FaultProxy& network() { return *network_; }
  Service& service() { return *service_; }

  /// Writers and readers work from here on, until rest().
  void begin();
  /// Stops them; checks that none of the readers has seen anything wrong, and that all of them have read something.
  void rest();
  /// Until the writer has gone so many times over all claims since.
  void until_written(int rounds);

  /// What must be true after any fault, when all is well again: cached lists are what the API server has, the caches'
  /// own comparison says so, the last write that was acknowledged is there, and memory is what it was.
  void check_all_is_well();

  /// Asks until the service answers a read that needs the API server.
  void await_upstream();
  /// A sum over all series of a metric.
  double metric(const std::string& name);
  /// Of the claims' cache, from /stats.
  double stat(const std::string& name);

 private:
  void write_claims();
  void write_secret();
  void read_whole();
  void read_in_parts();
  void judge(const HttpAnswer& answer, const std::vector<std::string>& marks, const char* reader);
  void complain(const std::string& what);
  /// On a thread of its own, again and again.
  void repeat(void (Stage::*step)());
  std::vector<std::string> compare();

  RealCluster& cluster_;
  std::unique_ptr<FaultProxy> network_;
  std::unique_ptr<Service> service_;
  long resident_kib_ = 0;

  std::atomic<bool> working_{false};
  int secret_sent_ = 0, secret_acknowledged_ = 0;
  std::atomic<int> whole_reads_{0}, part_reads_{0};
  std::mutex mutex_;
  std::vector<std::string> complaints_;
  std::vector<std::thread> threads_;  // last: they use the rest
};

/// The control plane that all cases share.
RealCluster& real_cluster();

}  // namespace quartermaster::test
