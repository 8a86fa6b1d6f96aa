// The part of a kubelet that the API server asks for logs and statistics: an HTTPS server for a Node object to point
// at, so that on a control plane without nodes such requests still travel through the real API server.
#pragma once

#include <cstdint>
#include <memory>

#include "test/apisim/log_store.hpp"
#include "test/support/pki.hpp"

namespace quartermaster::test {

class Kubelet {
 public:
  /// Listens on loopback, on a thread of its own.
  explicit Kubelet(const KeyPair& certificate);
  ~Kubelet();

  std::uint16_t port() const;
  apisim::LogStore& logs();
  /// Cuts all of its connections, as when it is started again.
  void cut();
  /// The answer to GET /stats/summary from now on.
  void set_stats(std::string summary);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quartermaster::test
