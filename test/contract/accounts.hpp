// Service accounts of the cluster under test, and what RBAC lets them do. Both clusters are of this class, too.
#pragma once

#include <chrono>
#include <string>

namespace quartermaster::test {

/// A service account.
struct Account {
  std::string ns, name;
  std::string user() const { return "system:serviceaccount:" + ns + ":" + name; }
};

/// What an account may do: a verb on a resource, or on a path that is none.
struct Grant {
  std::string ns = {};  // "": everywhere
  std::string verb;
  std::string group = {};
  std::string resource = {};  // "pods/log"
  std::string name = {};      // "": all
  std::string path = {};
};

class Accounts {
 public:
  virtual ~Accounts() = default;

  virtual void make_account(const Account& account) = 0;
  virtual void delete_account(const Account& account) = 0;
  /// Returns when the API server goes by it.
  virtual void grant(const Account& account, const Grant& grant) = 0;
  /// A token of the account as the API server issues them, for ten minutes.
  virtual std::string token_of(const Account& account, const std::string& audience) = 0;
  /// One that the cluster's key has signed, and that ends so long from now; less than 0: that has expired.
  virtual std::string sign_token(const Account& account, const std::string& audience, std::chrono::seconds valid) = 0;
  /// With which a program of that account speaks with the API server, for hours. YAML.
  virtual std::string kubeconfig_for(const Account& account) = 0;
};

}  // namespace quartermaster::test
