// The program's configuration: flags, and the environment for what is not given as a flag.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kubeapi/client.hpp"
#include "server/api/route.hpp"
#include "server/http/server.hpp"
#include "server/http/tls_identity.hpp"
#include "server/observe/log.hpp"

namespace quartermaster {

enum class AuthMode { none, delegated };

struct Config {
  std::string listen = "127.0.0.1:8080";
  std::string kubeconfig;  // "": in-cluster
  std::string context;
  bool cache = true;                    // answer from list+watch caches
  Clock::duration cache_self_check{};   // how often caches are compared with the API server; 0: never
  std::vector<std::string> namespaces;  // those that are cached; none: all
  std::string service_account_dir;
  AuthMode auth_mode = AuthMode::delegated;
  bool allow_anonymous = false;
  std::vector<std::string> auth_audiences = {
      "quartermaster"};              // one of which a token must be for; none: the API server
  Clock::duration auth_stale_max{};  // how old a yes may serve cached reads while the API server cannot be reached
  std::string audit_log = "-";       // a file, "-" for standard output, or "off"
  observe::Level log_level = observe::Level::info;
  bool measure_turns = false;        // of the event loop
  Clock::duration shutdown_delay{};  // from readiness turning red to the end of accepting
  Clock::duration drain_timeout{};   // for what is under way then
  http::Limits limits;
  http::TlsFiles tls;  // no certificate: plain HTTP
  kubeapi::ClientOptions client;
  api::Settings settings;
};

/// Reads flags and QUARTERMASTER_... variables; a flag wins. Nothing when --help or --version was asked for and printed
/// to stdout. Throws kubeapi::ConfigError with one line that names the flag.
std::optional<Config> parse_config(int argc, const char* const* argv);

}  // namespace quartermaster
