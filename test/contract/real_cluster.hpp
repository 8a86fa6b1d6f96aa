// A real control plane: etcd, kube-apiserver and, if it is there, kube-controller-manager from one folder, as child
// processes on loopback with data and certificates of their own. Cases know it as a Cluster; tests of faults and the
// benchmark do things to its parts, too.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "test/contract/accounts.hpp"
#include "test/contract/cluster.hpp"
#include "test/contract/kubelet.hpp"
#include "test/support/pki.hpp"
#include "test/support/subprocess.hpp"
#include "test/support/temp_dir.hpp"

namespace quartermaster::test {

class RealCluster : public Cluster, public Accounts {
 public:
  /// `controllers` false: without kube-controller-manager, even if it is there. Throws std::runtime_error with the end
  /// of the log that says why it does not start.
  explicit RealCluster(std::string assets, bool controllers = true);

  std::string name() const override { return "real"; }
  std::string kubeconfig() const override;
  std::string powerless_kubeconfig() const override;
  bool has_controllers() const override { return processes_.contains("kube-controller-manager"); }
  std::string node() const override;
  apisim::LogStore& logs() override { return kubelet_.logs(); }
  void set_node_stats(std::string summary) override { kubelet_.set_stats(std::move(summary)); }

  void make_account(const Account& account) override;
  void delete_account(const Account& account) override;
  void grant(const Account& account, const Grant& grant) override;
  std::string token_of(const Account& account, const std::string& audience) override;
  std::string sign_token(const Account& account, const std::string& audience, std::chrono::seconds valid) override;
  std::string kubeconfig_for(const Account& account) override;

  Kubelet& kubelet() { return kubelet_; }
  /// "etcd", "kube-apiserver", "kube-controller-manager".
  Subprocess& process(const std::string& component) { return *processes_.at(component); }
  /// Kills the component with -9, if it runs, and starts it again with the same data on the same port; returns when it
  /// serves.
  void restart(const std::string& component);
  /// etcd's client port, plain HTTP: its JSON gateway is there, too.
  Endpoint etcd() const { return {.host = "127.0.0.1", .port = etcd_port_}; }
  Endpoint api() const override;

 protected:
  std::string token() const override;

 private:
  std::string kubeconfig_of(const std::string& token) const;
  void write_credentials();
  void start(const std::string& component, std::vector<std::string> arguments);
  template <class Ready>
  void wait_for(const std::string& component, Ready&& ready);
  bool answers(const std::string& path) const;
  void start_etcd();
  void start_api_server();
  void start_controllers();
  void make_node();
  void wait_for_grant(const Account& account, const Grant& grant);

  const std::string assets_;
  std::uint16_t port_ = 0, etcd_port_ = 0, etcd_peer_port_ = 0;
  TempDir directory_;
  CertificateAuthority authority_{"contract-suite-ca"};
  Kubelet kubelet_;
  std::string signing_key_;                                       // of service account tokens
  std::map<std::string, std::unique_ptr<Subprocess>> processes_;  // last: they end first
};

}  // namespace quartermaster::test
