// Load by wrk, and nginx to compare with.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "test/bench/machine.hpp"

namespace quartermaster::bench {

struct Load {
  double per_second = 0;
  double requests = 0;
};
/// 16 connections, one after the other on each, from the load core. Throws std::runtime_error if an answer is no 2xx.
Load run_wrk(const std::string& url, int seconds, const std::vector<std::string>& headers = {});

/// nginx as one process, on the core that the service has, too.
class Nginx {
 public:
  /// Serves these files: name to content.
  explicit Nginx(const std::map<std::string, std::string>& files);
  std::string url(const std::string& name) const;

 private:
  test::TempDir directory_;
  std::uint16_t port_;
  std::unique_ptr<test::Subprocess> process_;
};

}  // namespace quartermaster::bench
