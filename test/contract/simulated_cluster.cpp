// The simulated API server, in this process.
#include "test/apisim/api_server.hpp"
#include "test/contract/cluster.hpp"

namespace quartermaster::test {

namespace {

constexpr const char* kPowerlessToken = "contract-suite-nobody";

/// Replaces deleted pods that have a controller; but pods only run where a case says so.
apisim::Options options() {
  apisim::Options result;
  result.tls = true;
  result.workloads = true;
  result.workload_delay = std::chrono::hours(24);
  result.tokens[kPowerlessToken] = {.name = "nobody"};
  return result;
}

class SimulatedCluster : public Cluster {
 public:
  SimulatedCluster() : endpoint_(server_.start(options())) {}

  std::string name() const override { return "simulated"; }
  std::string kubeconfig() const override { return server_.kubeconfig(); }
  std::string powerless_kubeconfig() const override { return server_.kubeconfig(kPowerlessToken); }
  bool has_controllers() const override { return true; }
  std::string node() const override { return "node-1"; }
  apisim::LogStore& logs() override { return server_.logs(); }

 protected:
  Endpoint api() const override {
    return {.host = "127.0.0.1", .port = endpoint_.port, .tls = true, .ca = endpoint_.ca_pem};
  }
  std::string token() const override { return std::string(apisim::kAdminToken); }

 private:
  mutable apisim::ApiServer server_;
  apisim::Endpoint endpoint_;
};

}  // namespace

std::unique_ptr<Cluster> make_simulated_cluster() { return std::make_unique<SimulatedCluster>(); }

}  // namespace quartermaster::test
