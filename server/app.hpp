// The whole program: builds all parts, runs the event loop, and shuts down in order.
#pragma once

#include <memory>

#include "server/config.hpp"

namespace quartermaster {

class App {
 public:
  /// Throws kubeapi::ConfigError, or std::runtime_error when it cannot listen.
  explicit App(Config config);
  ~App();

  /// Until SIGTERM or SIGINT, and then until all is drained. A second signal cuts the waiting short.
  void run();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quartermaster
