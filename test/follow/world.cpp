#include "test/follow/world.hpp"

#include <csignal>

#include "test/apisim/api_server.hpp"
#include "test/contract/objects.hpp"
#include "test/contract/real_cluster.hpp"
#include "test/support/fault_proxy.hpp"

namespace quartermaster::follow {
namespace {

using test::FaultProxy;

/// In place of the API server's address in a kubeconfig, that of the network before it.
std::string through(std::string kubeconfig, std::uint16_t server, std::uint16_t network) {
  const auto address = [](std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); };
  const auto found = kubeconfig.find(address(server));
  if (found == std::string::npos) throw std::runtime_error("the kubeconfig does not name the API server");
  return kubeconfig.replace(found, address(server).size(), address(network));
}

void cut_all(FaultProxy& network) {
  network.mode(FaultProxy::Mode::reset);
  network.mode(FaultProxy::Mode::pass);
}

class SimulatedWorld final : public World {
 public:
  SimulatedWorld() : endpoint_(server_.start({.tls = true})), network_(endpoint_.port) {
    server_.create(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}})");
    kubeconfig_ = through(server_.kubeconfig(), endpoint_.port, network_.port());
    show(0, false);
    logs().open(container());
  }

  std::string kubeconfig() const override { return kubeconfig_; }
  apisim::LogStore& logs() override { return server_.logs(); }
  apisim::ContainerId container() const override { return {"demo", "p", "main"}; }
  void show(int restarts, bool finished) override {
    const std::string last = restarts > 0 ? R"({"terminated": {"exitCode": 1}})" : "{}";
    const std::string now = finished ? R"({"terminated": {"exitCode": 1}})" : R"({"running": {}})";
    server_.put(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "demo", "name": "p", "uid": "u"},
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "i"}]},
        "status": {"phase": ")" +
                std::string(finished ? "Failed" : "Running") +
                R"(", "containerStatuses": [{"name": "main", "image": "i", "imageID": "", "ready": true,
        "restartCount": )" +
                std::to_string(restarts) + R"(, "lastState": )" + last + R"(, "state": )" + now + "}]}}");
  }
  void cut() override { cut_all(network_); }
  void cut_kubelet() override { cut_all(network_); }
  void kill_api_server() override { server_.stop(); }
  void start_api_server() override {
    apisim::Options options{.listen = endpoint_.address, .tls = true};
    endpoint_ = server_.start(std::move(options));
  }

 private:
  apisim::ApiServer server_;
  apisim::Endpoint endpoint_;
  FaultProxy network_;
  std::string kubeconfig_;
};

class RealWorld final : public World {
 public:
  explicit RealWorld(const std::string& assets)
      : cluster_(assets, false),
        network_(cluster_.api().port),
        kubeconfig_(through(cluster_.kubeconfig(), cluster_.api().port, network_.port())),
        ns_(cluster_) {
    test::create_running_pod(cluster_, ns_, "p");
    show(0, false);
  }

  std::string kubeconfig() const override { return kubeconfig_; }
  apisim::LogStore& logs() override { return cluster_.logs(); }
  apisim::ContainerId container() const override { return {ns_.name(), "p", "main"}; }
  void show(int restarts, bool finished) override {
    test::show_restarts(cluster_, ns_.path("pods", "p"), restarts, finished);
  }
  void cut() override { cut_all(network_); }
  void cut_kubelet() override { cluster_.kubelet().cut(); }
  void kill_api_server() override { cluster_.process("kube-apiserver").signal(SIGKILL); }
  void start_api_server() override { cluster_.restart("kube-apiserver"); }

 private:
  test::RealCluster cluster_;
  FaultProxy network_;
  const std::string kubeconfig_;
  test::Namespace ns_;
};

}  // namespace

std::unique_ptr<World> make_simulated_world() { return std::make_unique<SimulatedWorld>(); }
std::unique_ptr<World> make_real_world(const std::string& assets) { return std::make_unique<RealWorld>(assets); }

}  // namespace quartermaster::follow
