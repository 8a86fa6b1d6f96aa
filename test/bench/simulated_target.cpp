// A simulated API server as the target.
#include "test/apisim/api_server.hpp"
#include "test/bench/target.hpp"

namespace quartermaster::bench {

namespace {

class SimulatedTarget : public Target {
 public:
  SimulatedTarget() : endpoint_(server_.start({.tls = true})) {}

  std::string name() const override { return "apisim"; }
  std::string kubeconfig() const override { return server_.kubeconfig(); }
  test::Endpoint api() const override {
    return {.host = "127.0.0.1", .port = endpoint_.port, .tls = true, .ca = endpoint_.ca_pem};
  }
  std::string token() const override { return std::string(apisim::kAdminToken); }
  std::string caller_token(const std::string& name) override {
    std::string token = name + std::string(900, 'x');  // as long as a real one
    const std::string user = "system:serviceaccount:default:" + name;
    server_.set_token(token, {.name = user, .groups = {"system:serviceaccounts"}});
    server_.set_rules(user, {apisim::Rule{}, apisim::Rule{.non_resource_urls = {"/metrics"}}});
    return token;
  }
  std::string node() const override { return "node-1"; }
  apisim::LogStore& logs() override { return server_.logs(); }

  std::string put(std::span<const StoredObject> objects) override {
    for (const StoredObject& object : objects) server_.put(object.text);
    return server_.resource_version();
  }

  void expire_watches() override {
    server_.put(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other", "namespace": "default"}})");
    server_.compact();
    server_.drop_watches();
  }

 private:
  apisim::ApiServer server_;
  apisim::Endpoint endpoint_;
};

}  // namespace

std::unique_ptr<Target> make_simulated_target() { return std::make_unique<SimulatedTarget>(); }

}  // namespace quartermaster::bench
