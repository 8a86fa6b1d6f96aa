// A small life of workloads: deployments get a replica set, sets get their pods, pods are scheduled, run and end,
// claims get a volume.
#pragma once

#include <map>
#include <string>

#include "test/apisim/cluster.hpp"

namespace quartermaster::apisim {

class Workloads {
 public:
  explicit Workloads(Cluster& cluster) : cluster_(cluster) {}

  /// Creates what is missing in a namespace and deletes what is too much. Starts the clock of new pods.
  void settle(const std::string& ns);
  /// Takes the steps of pods that are due: from new to ready, from terminating to gone.
  void advance();
  /// When advance() has something to do next.
  Clock::time_point next_step() const;

 private:
  void settle_deployment(const std::string& ns, const json::object& deployment);
  void settle_set(const ResourceType& type, const std::string& ns, const json::object& set);
  void replace_outdated(const ResourceType& type, const std::string& ns, const json::object& set);
  void create_pod(const ResourceType& type, const std::string& ns, const json::object& set, std::string name);
  void tell_failure(const ResourceType& type, const std::string& ns, const json::object& set,
                    const std::string& message);
  void create_claims(const std::string& ns, const json::object& set, const std::string& ordinal, json::object& pod);
  void report(const ResourceType& type, const std::string& ns, const json::object& set);
  void run_pod(const std::string& ns, const std::string& name);
  void bind_claims(const std::string& ns);

  Cluster& cluster_;
  std::map<std::string, Clock::time_point> due_;  // by "namespace/pod"
};

}  // namespace quartermaster::apisim
