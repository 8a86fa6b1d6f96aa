// A simulated API server, a faulty network, and the service on the other side of it.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "test/apisim/api_server.hpp"
#include "test/contract/service.hpp"
#include "test/support/fault_proxy.hpp"
#include "test/support/names.hpp"
#include "test/support/pki.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::test {

/// The service only starts when a case asks for it, so that the case can spoil things before.
class Setting {
 public:
  explicit Setting(apisim::Options options = {});

  apisim::ApiServer& server() { return server_; }
  FaultProxy& network() { return *network_; }
  /// Files that the kubeconfig names: "ca.crt", "token".
  const TempDir& files() const { return files_; }

  /// The kubeconfig by which the service goes through the network, with its token in the file "token".
  std::string kubeconfig() const;
  Service& service();
  /// Starts it with these flags and this environment; before the first call of service().
  /// Without its caches, unless `arguments` have "--no-cache=false".
  Service& start_service(std::vector<std::string> arguments, std::vector<std::string> environment = {});

  /// Makes the namespace "demo".
  void make_namespace();
  /// A claim in "demo" with the label app=x.
  void make_claim(const std::string& name);
  /// A pod in "demo" that runs, with one container, "main".
  void make_running_pod(const std::string& name);

  /// How many requests with this text in their targets have arrived.
  std::size_t requests(std::string_view target) const;

  /// What a read through the service is answered: "200", "503 ServiceUnavailable".
  std::string read(const std::string& query = {});

  /// Starts the API server anew where it was.
  void restart(apisim::Options options);

 private:
  apisim::ApiServer server_;
  apisim::Endpoint endpoint_;
  std::unique_ptr<FaultProxy> network_;
  TempDir files_;
  std::unique_ptr<Service> service_;
};

/// A kubeconfig with one cluster and one user, both in YAML's flow style: "{server: ...}", "{token: ...}".
std::string kubeconfig_of(const std::string& cluster, const std::string& user);

}  // namespace quartermaster::test
