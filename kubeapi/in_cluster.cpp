// The configuration that the kubelet gives each pod: environment variables and the service account's files.
#include <cstdlib>
#include <string_view>

#include "kubeapi/cluster_config.hpp"
#include "kubeapi/endpoint.hpp"
#include "kubeapi/read_file.hpp"

namespace quartermaster::kubeapi {
namespace {

std::string variable(const Environment& environment, const char* name) {
  if (auto value = environment(name)) return *value;
  throw ConfigError(std::string("in-cluster: the environment variable ") + name +
                    " is not set: run in a pod, or use a kubeconfig file");
}

void check_readable(const std::string& path) {
  const auto text = read_file(path);
  if (text && !trim(*text).empty()) return;
  throw ConfigError("in-cluster: " + path + ": " + (text ? "the file is empty" : text.error().message) +
                    ": mount the service account's token (automountServiceAccountToken: true)");
}

}  // namespace

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  };
}

ClusterConfig in_cluster_config(const Environment& environment, const std::string& dir) {
  ClusterConfig config;
  config.source = "in-cluster";
  config.host = variable(environment, "KUBERNETES_SERVICE_HOST");
  if (!is_host(config.host)) {
    throw ConfigError("in-cluster: KUBERNETES_SERVICE_HOST must be an IP address or a name, not \"" + config.host +
                      "\"");
  }
  const std::string port = variable(environment, "KUBERNETES_SERVICE_PORT");
  if (const auto number = parse_port(port)) {
    config.port = *number;
  } else {
    throw ConfigError("in-cluster: KUBERNETES_SERVICE_PORT must be 1 to 65535, not \"" + port + "\"");
  }
  config.ca.path = dir + "/ca.crt";
  config.token_file = dir + "/token";
  check_readable(config.ca.path);
  check_readable(config.token_file);
  if (const auto ns = read_file(dir + "/namespace")) config.namespace_ = trim(*ns);
  return config;
}

}  // namespace quartermaster::kubeapi
