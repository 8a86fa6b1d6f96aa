// Which API server, and as whom: read once at start from a kubeconfig file or from the pod's service account.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

namespace quartermaster::kubeapi {

/// A configuration that cannot work; the message is one line that says what to do.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// PEM that is either here or in a file, which may change while we run.
struct PemSource {
  std::string inline_pem;
  std::string path;
  bool empty() const { return inline_pem.empty() && path.empty(); }
};

struct ClusterConfig {
  bool tls = true;
  std::string host;  // name or IP address, without brackets
  std::uint16_t port = 443;
  std::string base_path;  // "" or "/prefix", no trailing slash

  PemSource ca;                 // empty: the system's
  std::string tls_server_name;  // "" : host
  bool insecure_skip_tls_verify = false;
  PemSource client_certificate;
  PemSource client_key;

  std::string token;       // either this ...
  std::string token_file;  // ... or this; a file is re-read

  std::string namespace_;  // our own, or the context's; "" if unknown
  std::string source;      // for the log: "in-cluster", "kubeconfig /path (context x)"
};

/// Looks an environment variable up; nothing if it is unset or empty.
using Environment = std::function<std::optional<std::string>(const char*)>;
Environment process_environment();

inline constexpr const char* kServiceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

/// From KUBERNETES_SERVICE_HOST and _PORT (IPv6 too) and token, ca.crt and namespace in `dir`. Throws ConfigError.
ClusterConfig in_cluster_config(const Environment& environment, const std::string& dir = kServiceAccountDir);

/// From a kubeconfig file; `context` "" is its current-context. Relative paths are relative to the file. What is not
/// supported (exec and auth-provider plugins, basic auth, proxy-url, impersonation) throws ConfigError saying what to
/// do.
ClusterConfig load_kubeconfig(const std::string& path, const std::string& context = {});

}  // namespace quartermaster::kubeapi
