// The certificate that callers see, and the CA that theirs are held against: read from files, and read again while the
// service runs. Connections keep what they began with.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "kubeapi/task.hpp"
#include "model/error.hpp"

namespace quartermaster::http {

/// Paths of PEM files.
struct TlsFiles {
  std::string certificate;  // with its chain
  std::string key;
  std::string client_ca = {};  // "": callers are not asked for a certificate
};

class TlsIdentity {
 public:
  /// Told about a problem once, and when it is over or the files have changed.
  using Report = std::function<void(bool problem, std::string_view message)>;

  /// Looks at the files at most once in `every`. Throws std::runtime_error if they cannot be used at the start.
  TlsIdentity(TlsFiles files, Report report, Clock::duration every = std::chrono::seconds(2));

  /// For the next handshake. What cannot be used later, such as a key that does not fit, leaves the old one.
  const std::shared_ptr<asio::ssl::context>& context(Clock::time_point now);

  /// When the certificate expires.
  std::chrono::system_clock::time_point not_after() const { return not_after_; }

 private:
  struct Texts {
    std::string certificate, key, client_ca;
    bool operator==(const Texts&) const = default;
  };
  Result<Texts> read() const;
  Result<void> use(Texts texts);
  void look();

  TlsFiles files_;
  Report report_;
  Clock::duration every_;
  Clock::time_point next_look_;
  Texts texts_;
  std::shared_ptr<asio::ssl::context> context_;
  std::chrono::system_clock::time_point not_after_;
  std::string problem_;  // the one that was reported last
};

}  // namespace quartermaster::http
