// Certificates for tests, made in memory: a CA, and what it signs.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace quartermaster::test {

/// PEM texts.
struct KeyPair {
  std::string certificate;
  std::string key;
};

/// What a certificate says.
struct CertificateRequest {
  std::string common_name = "kube-apiserver";
  std::string organization = {};                                       // a client's group
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};  // DNS names and IP addresses
  std::chrono::hours not_before{-1};                                   // from now
  std::chrono::hours not_after{24};                                    // from now
};

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& common_name = "test-ca");
  ~CertificateAuthority();
  CertificateAuthority(CertificateAuthority&&) noexcept;
  CertificateAuthority& operator=(CertificateAuthority&&) noexcept;

  /// Its own certificate, PEM.
  const std::string& pem() const;
  /// A certificate for servers and clients, with a new key (EC P-256).
  KeyPair issue(const CertificateRequest& request = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quartermaster::test
