// Kubeconfig files, as kubectl reads them: k8s.io/client-go/tools/clientcmd. Only the entries that the context names
// are looked at, and of these only the fields that we know; a field that we cannot honour is refused, not ignored.
#include <yaml-cpp/yaml.h>

#include <boost/url/parse.hpp>
#include <filesystem>
#include <string_view>

#include "kubeapi/cluster_config.hpp"
#include "kubeapi/endpoint.hpp"
#include "kubeapi/read_file.hpp"
#include "model/base64.hpp"

namespace quartermaster::kubeapi {
namespace {

/// A mapping in the file, and how to name it in an error: `kubeconfig /path: user "admin"`.
class Entry {
 public:
  Entry(std::string place, const YAML::Node& node) : place_(std::move(place)), node_(node) {
    if (!node_.IsMap() && !node_.IsNull()) fail("must be a mapping");
  }

  [[noreturn]] void fail(const std::string& what) const { throw ConfigError(place_ + ": " + what); }

  bool has(const char* field) const { return node_.IsMap() && node_[field] && !node_[field].IsNull(); }

  std::string text(const char* field) const {
    if (!has(field)) return {};
    const YAML::Node value = node_[field];
    if (!value.IsScalar()) fail(std::string(field) + " must be text");
    return value.Scalar();
  }

  bool flag(const char* field) const {
    if (!has(field)) return false;
    const YAML::Node value = node_[field];
    bool flag = false;
    if (!value.IsScalar() || !YAML::convert<bool>::decode(value, flag))
      fail(std::string(field) + " must be true or false");
    return flag;
  }

  /// The mapping `field`, empty if absent.
  Entry at(const char* field) const { return {place_ + ": " + field, member(node_, field)}; }

  /// The `inner` mapping of the item of the list `field` whose name is `name`.
  Entry named(const char* field, const char* inner, const std::string& name) const {
    std::optional<YAML::Node> found;
    if (has(field)) {
      if (!node_[field].IsSequence()) fail(std::string(field) + " must be a list");
      for (const YAML::Node& item : node_[field]) {
        if (!item.IsMap() || !item["name"] || !item["name"].IsScalar() || item["name"].Scalar() != name) continue;
        if (found) fail(std::string(inner) + " \"" + name + "\" occurs twice");
        found.emplace(item);
      }
    }
    if (!found) fail("there is no " + std::string(inner) + " \"" + name + "\"");
    return {place_ + ": " + inner + " \"" + name + "\"", member(*found, inner)};
  }

 private:
  static YAML::Node member(const YAML::Node& node, const char* field) {
    const YAML::Node value = node.IsMap() ? node[field] : YAML::Node();
    return value.IsDefined() ? value : YAML::Node();
  }

  std::string place_;
  const YAML::Node node_;
};

/// Relative paths are relative to the kubeconfig file.
std::string resolve(const std::string& kubeconfig, const std::string& path) {
  if (path.empty()) return {};
  return (std::filesystem::path(kubeconfig).parent_path() / path).string();
}

/// `<field>-data` wins over `<field>`, as in kubectl.
PemSource pem(const Entry& entry, const std::string& field, const std::string& kubeconfig) {
  const std::string data_field = field + "-data";
  if (const std::string data = entry.text(data_field.c_str()); !data.empty()) {
    const auto decoded = decode_base64(data);
    if (!decoded) entry.fail(data_field + " is not base64");
    return {.inline_pem = *decoded, .path = {}};
  }
  PemSource source{.inline_pem = {}, .path = resolve(kubeconfig, entry.text(field.c_str()))};
  if (source.path.empty()) return source;
  if (const auto text = read_file(source.path); !text) {
    entry.fail(field + ": " + source.path + ": " + text.error().message);
  }
  return source;
}

void read_server(const Entry& cluster, ClusterConfig& config) {
  const std::string server = cluster.text("server");
  const auto bad = [&](const std::string& why) { cluster.fail("server " + why + ", like https://example.com:6443"); };
  using Scheme = boost::urls::scheme;
  const auto url = boost::urls::parse_uri(server);
  if (!url || (url->scheme_id() != Scheme::https && url->scheme_id() != Scheme::http))
    bad("must be an https or http URL");
  if (url->has_userinfo() || url->has_query() || url->has_fragment()) bad("must be scheme, host, port and path only");
  config.tls = url->scheme_id() == Scheme::https;
  config.host = std::string(url->host_address());
  if (!is_host(config.host)) bad("must name a host");
  config.port = config.tls ? 443 : 80;
  if (const std::string port(url->port()); !port.empty()) {
    const auto number = parse_port(port);
    if (!number) bad("must have a port from 1 to 65535");
    config.port = *number;
  }
  config.base_path = std::string(url->encoded_path());
  while (config.base_path.ends_with('/')) config.base_path.pop_back();
}

void read_cluster(const Entry& cluster, const std::string& kubeconfig, ClusterConfig& config) {
  if (cluster.has("proxy-url") && !cluster.text("proxy-url").empty()) {
    cluster.fail("proxy-url is not supported: name the API server itself in server");
  }
  read_server(cluster, config);
  config.ca = pem(cluster, "certificate-authority", kubeconfig);
  config.tls_server_name = cluster.text("tls-server-name");
  if (!config.tls_server_name.empty() && !is_host(config.tls_server_name))
    cluster.fail("tls-server-name must be a host name");
  config.insecure_skip_tls_verify = cluster.flag("insecure-skip-tls-verify");
  if (config.insecure_skip_tls_verify && !config.ca.empty()) {
    cluster.fail("certificate-authority and insecure-skip-tls-verify exclude each other: remove one");
  }
}

void refuse_unsupported(const Entry& user) {
  constexpr struct {
    const char* field;
    const char* advice;
  } kUnsupported[] = {
      {"exec", "exec plugins are not supported: use a client certificate, token or tokenFile"},
      {"auth-provider", "auth-provider plugins are not supported: use a client certificate, token or tokenFile"},
      {"username", "username and password are not supported: use a client certificate, token or tokenFile"},
      {"password", "username and password are not supported: use a client certificate, token or tokenFile"},
      {"as", "impersonation (as) is not supported: use the credentials of the user itself"},
      {"as-uid", "impersonation (as-uid) is not supported: use the credentials of the user itself"},
      {"as-groups", "impersonation (as-groups) is not supported: use the credentials of the user itself"},
      {"as-user-extra", "impersonation (as-user-extra) is not supported: use the credentials of the user itself"},
  };
  for (const auto& [field, advice] : kUnsupported) {
    if (user.has(field)) user.fail(advice);
  }
}

void read_user(const Entry& user, const std::string& kubeconfig, ClusterConfig& config) {
  refuse_unsupported(user);
  config.client_certificate = pem(user, "client-certificate", kubeconfig);
  config.client_key = pem(user, "client-key", kubeconfig);
  if (config.client_certificate.empty() != config.client_key.empty()) {
    user.fail("client-certificate and client-key must both be given, or none");
  }
  config.token = user.text("token");
  config.token_file = resolve(kubeconfig, user.text("tokenFile"));
}

YAML::Node parse(const std::string& place, const std::string& path) {
  const auto text = read_file(path);
  if (!text) throw ConfigError(place + ": " + text.error().message);
  try {
    return YAML::Load(*text);
  } catch (const YAML::Exception& e) {
    // Not e.what(), which may quote the text.
    throw ConfigError(place + ": line " + std::to_string(e.mark.line + 1) + ": not valid YAML");
  }
}

}  // namespace

ClusterConfig load_kubeconfig(const std::string& path, const std::string& context) {
  const std::string place = "kubeconfig " + path;
  const Entry root(place, parse(place, path));
  const std::string name = context.empty() ? root.text("current-context") : context;
  if (name.empty()) root.fail("there is no current-context: name a context");

  ClusterConfig config;
  config.source = place + " (context " + name + ")";
  const Entry chosen = root.named("contexts", "context", name);
  config.namespace_ = chosen.text("namespace");
  const std::string cluster = chosen.text("cluster");
  if (cluster.empty()) chosen.fail("names no cluster");
  read_cluster(root.named("clusters", "cluster", cluster), path, config);
  if (const std::string user = chosen.text("user"); !user.empty()) {
    read_user(root.named("users", "user", user), path, config);
  }
  return config;
}

}  // namespace quartermaster::kubeapi
