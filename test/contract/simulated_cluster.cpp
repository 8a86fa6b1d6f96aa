// The simulated API server, in this process.
#include <map>
#include <vector>

#include "test/apisim/api_server.hpp"
#include "test/contract/accounts.hpp"
#include "test/contract/cluster.hpp"
#include "test/support/names.hpp"

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

class SimulatedCluster : public Cluster, public Accounts {
 public:
  SimulatedCluster() : endpoint_(server_.start(options())) {}

  std::string name() const override { return "simulated"; }
  std::string kubeconfig() const override { return server_.kubeconfig(); }
  std::string powerless_kubeconfig() const override { return server_.kubeconfig(kPowerlessToken); }
  bool has_controllers() const override { return true; }
  std::string node() const override { return "node-1"; }
  apisim::LogStore& logs() override { return server_.logs(); }
  void set_node_stats(std::string summary) override { server_.set_node_stats(node(), std::move(summary)); }

  void make_account(const Account&) override {}
  void delete_account(const Account& account) override {
    for (const auto& token : tokens_[account.user()]) server_.remove_token(token);
  }
  void grant(const Account& account, const Grant& grant) override {
    apisim::Rule rule{.verbs = {grant.verb}, .groups = {grant.group}, .resources = {grant.resource}};
    if (!grant.ns.empty()) rule.namespaces = {grant.ns};
    if (!grant.name.empty()) rule.names = {grant.name};
    if (!grant.path.empty()) rule.non_resource_urls = {grant.path};
    auto& rules = rules_[account.user()];
    rules.push_back(std::move(rule));
    server_.set_rules(account.user(), rules);
  }
  std::string token_of(const Account& account, const std::string& audience) override {
    return sign_token(account, audience, std::chrono::minutes(10));
  }
  std::string sign_token(const Account& account, const std::string& audience, std::chrono::seconds valid) override {
    auto token = unique_name("token-of-" + account.name);
    // Its users have no audiences of their own: one that is not for us is none.
    if (valid.count() < 0 || audience != "quartermaster") return token;
    tokens_[account.user()].push_back(token);
    server_.set_token(token, {.name = account.user(),
                              .groups = {"system:serviceaccounts", "system:serviceaccounts:" + account.ns},
                              .uid = "uid-of-" + account.name});
    return token;
  }

  std::string kubeconfig_for(const Account& account) override {
    return server_.kubeconfig(sign_token(account, "quartermaster", std::chrono::hours(3)));
  }

 protected:
  Endpoint api() const override {
    return {.host = "127.0.0.1", .port = endpoint_.port, .tls = true, .ca = endpoint_.ca_pem};
  }
  std::string token() const override { return std::string(apisim::kAdminToken); }

 private:
  mutable apisim::ApiServer server_;
  apisim::Endpoint endpoint_;
  std::map<std::string, std::vector<std::string>> tokens_;  // by user
  std::map<std::string, std::vector<apisim::Rule>> rules_;  // likewise
};

}  // namespace

std::unique_ptr<Cluster> make_simulated_cluster() { return std::make_unique<SimulatedCluster>(); }

}  // namespace quartermaster::test
