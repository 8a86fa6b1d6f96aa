#include "test/contract/real_cluster.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "test/contract/objects.hpp"
#include "test/support/jwt.hpp"
#include "test/support/names.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::test {

namespace {

constexpr const char* kToken = "contract-suite-administrator";
constexpr const char* kPowerlessToken = "contract-suite-nobody";
constexpr const char* kNode = "contract-node";
constexpr const char* kIssuer = "https://kubernetes.default.svc";
// The controllers that the cases need. The others would only get in the way: they would scale the suite's stateful sets
// and call its node lost.
constexpr const char* kControllers = "namespace,resourcequota,garbagecollector,replicaset,deployment";
// No default service accounts are waited for, and claims get no finalizer that only another controller would take away.
constexpr const char* kAdmissionOff = "ServiceAccount,StorageObjectInUseProtection";

/// Ports that nobody listens on now. All at once, so that they differ.
std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<int> sockets;
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < count; ++i) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    sockets.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(sockets.back(), reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
        ::getsockname(sockets.back(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      throw std::runtime_error("no free port");
    }
    ports.push_back(ntohs(address.sin_port));
  }
  for (const int fd : sockets) ::close(fd);
  return ports;
}

std::string end_of(const std::string& file) {
  std::ifstream stream(file);
  std::string all((std::istreambuf_iterator<char>(stream)), {});
  return all.substr(all.size() > 2000 ? all.size() - 2000 : 0);
}

std::string loopback_url(std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); }

}  // namespace

RealCluster::RealCluster(std::string assets, bool controllers)
    : assets_(std::move(assets)), kubelet_(authority_.issue({.common_name = kNode})) {
  const auto ports = free_ports(3);
  port_ = ports[0], etcd_port_ = ports[1], etcd_peer_port_ = ports[2];
  write_credentials();
  start_etcd();
  start_api_server();
  if (controllers) start_controllers();
  make_node();
}

std::string RealCluster::kubeconfig() const { return kubeconfig_of(kToken); }
std::string RealCluster::powerless_kubeconfig() const { return kubeconfig_of(kPowerlessToken); }
std::string RealCluster::node() const { return kNode; }
Endpoint RealCluster::api() const { return {.host = "127.0.0.1", .port = port_, .tls = true, .ca = authority_.pem()}; }
std::string RealCluster::token() const { return kToken; }

std::string RealCluster::kubeconfig_for(const Account& account) {
  return kubeconfig_of(sign_token(account, kIssuer, std::chrono::hours(3)));
}

void RealCluster::restart(const std::string& component) {
  processes_.erase(component);
  if (component == "etcd") return start_etcd();
  if (component == "kube-apiserver") return start_api_server();
  start_controllers();
}

std::string RealCluster::kubeconfig_of(const std::string& token) const {
  return R"(apiVersion: v1
kind: Config
current-context: real
clusters: [{name: real, cluster: {server: "https://127.0.0.1:)" +
         std::to_string(port_) + R"(", certificate-authority: )" + directory_.path("ca.crt") + R"(}}]
users: [{name: user, user: {token: )" +
         token + R"(}}]
contexts: [{name: real, context: {cluster: real, user: user}}]
)";
}

void RealCluster::write_credentials() {
  const KeyPair serving = authority_.issue({.common_name = "kube-apiserver"});
  const KeyPair kubelet_client = authority_.issue({.common_name = "kube-apiserver", .organization = "system:masters"});
  directory_.write("ca.crt", authority_.pem());
  directory_.write("apiserver.crt", serving.certificate);
  directory_.write("apiserver.key", serving.key);  // also signs service account tokens
  signing_key_ = serving.key;
  directory_.write("kubelet-client.crt", kubelet_client.certificate);
  directory_.write("kubelet-client.key", kubelet_client.key);
  directory_.write("tokens.csv",
                   std::string(kToken) + ",admin,admin,\"system:masters\"\n" + kPowerlessToken + ",nobody,nobody\n");
  directory_.write("admin.kubeconfig", kubeconfig());
}

void RealCluster::start(const std::string& component, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), assets_ + "/" + component);
  processes_[component] =
      std::make_unique<Subprocess>(arguments, Subprocess::Options{.log_file = directory_.path(component + ".log")});
}

/// Throws if `ready` is not true in time, or the component has ended.
template <class Ready>
void RealCluster::wait_for(const std::string& component, Ready&& ready) {
  bool ended = false;
  const bool done = poll_until(
      [&] {
        ended = !processes_[component]->running();
        return ended || ready();
      },
      std::chrono::seconds(120));
  if (!done || ended) {
    throw std::runtime_error(component + " did not start: " + end_of(directory_.path(component + ".log")));
  }
}

bool RealCluster::answers(const std::string& path) const {
  try {
    return raw("GET", path).status == 200;
  } catch (const std::exception&) {
    return false;
  }
}

void RealCluster::start_etcd() {
  const std::string clients = loopback_url(etcd_port_), peers = loopback_url(etcd_peer_port_);
  start("etcd", {"--data-dir", directory_.path("etcd"), "--listen-client-urls", clients, "--advertise-client-urls",
                 clients, "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster",
                 "default=" + peers, "--unsafe-no-fsync"});
  wait_for("etcd", [this] {
    try {
      return exchange(etcd(), {.target = "/health"}).status == 200;
    } catch (const std::exception&) {
      return false;
    }
  });
}

void RealCluster::start_api_server() {
  start("kube-apiserver",
        {"--etcd-servers=" + loopback_url(etcd_port_), "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
         "--secure-port=" + std::to_string(port_), "--endpoint-reconciler-type=none", "--authorization-mode=RBAC",
         "--tls-cert-file=" + directory_.path("apiserver.crt"),
         "--tls-private-key-file=" + directory_.path("apiserver.key"), "--client-ca-file=" + directory_.path("ca.crt"),
         "--token-auth-file=" + directory_.path("tokens.csv"),
         "--service-account-key-file=" + directory_.path("apiserver.crt"),
         "--service-account-signing-key-file=" + directory_.path("apiserver.key"),
         std::string("--service-account-issuer=") + kIssuer, "--service-cluster-ip-range=10.96.0.0/16",
         "--kubelet-preferred-address-types=InternalIP",
         "--kubelet-client-certificate=" + directory_.path("kubelet-client.crt"),
         "--kubelet-client-key=" + directory_.path("kubelet-client.key"),
         std::string("--disable-admission-plugins=") + kAdmissionOff});
  wait_for("kube-apiserver", [this] { return answers("/readyz"); });
  wait_for("kube-apiserver", [this] { return answers("/api/v1/namespaces/default"); });
}

void RealCluster::start_controllers() {
  if (!std::filesystem::exists(assets_ + "/kube-controller-manager")) return;
  start("kube-controller-manager",
        {"--kubeconfig=" + directory_.path("admin.kubeconfig"), "--leader-elect=false", "--port=0", "--secure-port=0",
         "--resource-quota-sync-period=5s", std::string("--controllers=") + kControllers});
}

void RealCluster::make_node() {
  create("/api/v1/nodes", {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", kNode}}}});
  const json::value status = {{"status",
                               {{"addresses", json::array{{{"type", "InternalIP"}, {"address", "127.0.0.1"}}}},
                                {"daemonEndpoints", {{"kubeletEndpoint", {{"Port", kubelet_.port()}}}}}}}};
  patch(std::string("/api/v1/nodes/") + kNode + "/status", status);
}

void RealCluster::make_account(const Account& account) {
  create(object_path(account.ns, "serviceaccounts"),
         {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", {{"name", account.name}}}});
}

void RealCluster::delete_account(const Account& account) {
  remove(object_path(account.ns, "serviceaccounts", account.name));
}

void RealCluster::grant(const Account& account, const Grant& grant) {
  const std::string prefix = grant.ns.empty() ? "Cluster" : "";
  const std::string path =
      "/apis/rbac.authorization.k8s.io/v1/" + (grant.ns.empty() ? "cluster" : "namespaces/" + grant.ns + "/") + "role";
  const std::string name = unique_name("grant");
  json::object rule = {{"verbs", json::array{grant.verb}}};
  if (grant.path.empty()) {
    rule["apiGroups"] = json::array{grant.group};
    rule["resources"] = json::array{grant.resource};
    if (!grant.name.empty()) rule["resourceNames"] = json::array{grant.name};
  } else {
    rule["nonResourceURLs"] = json::array{grant.path};
  }
  const std::string api = "rbac.authorization.k8s.io";
  create(path + "s", {{"apiVersion", api + "/v1"},
                      {"kind", prefix + "Role"},
                      {"metadata", {{"name", name}}},
                      {"rules", json::array{rule}}});
  create(path + "bindings",
         {{"apiVersion", api + "/v1"},
          {"kind", prefix + "RoleBinding"},
          {"metadata", {{"name", name}}},
          {"roleRef", {{"apiGroup", api}, {"kind", prefix + "Role"}, {"name", name}}},
          {"subjects", json::array{{{"kind", "ServiceAccount"}, {"name", account.name}, {"namespace", account.ns}}}}});
  wait_for_grant(account, grant);
}

void RealCluster::wait_for_grant(const Account& account, const Grant& grant) {
  json::object spec = {{"user", account.user()}};
  if (grant.path.empty()) {
    const auto slash = grant.resource.find('/');
    json::object what = {{"verb", grant.verb}, {"group", grant.group}, {"namespace", grant.ns}, {"name", grant.name}};
    what["resource"] = grant.resource.substr(0, slash);
    if (slash != std::string::npos) what["subresource"] = grant.resource.substr(slash + 1);
    spec["resourceAttributes"] = what;
  } else {
    spec["nonResourceAttributes"] = {{"verb", grant.verb}, {"path", grant.path}};
  }
  const json::value review = {
      {"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SubjectAccessReview"}, {"spec", spec}};
  const auto allowed = [&] {
    const auto answer = create("/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
    return at(answer, "/status/allowed") == true;
  };
  if (!poll_until(allowed)) throw std::runtime_error("RBAC does not go by a grant");
}

/// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
std::string RealCluster::token_of(const Account& account, const std::string& audience) {
  const json::value request = {{"apiVersion", "authentication.k8s.io/v1"},
                               {"kind", "TokenRequest"},
                               {"spec", {{"audiences", json::array{audience}}, {"expirationSeconds", 600}}}};
  return text_at(create(object_path(account.ns, "serviceaccounts", account.name) + "/token", request), "/status/token");
}

std::string RealCluster::sign_token(const Account& account, const std::string& audience, std::chrono::seconds valid) {
  const auto uid = text_at(get(object_path(account.ns, "serviceaccounts", account.name)), "/metadata/uid");
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  const json::value claims = {
      {"iss", kIssuer},
      {"aud", json::array{audience}},
      {"sub", account.user()},
      {"iat", (now - std::chrono::hours(1)).count()},
      {"nbf", (now - std::chrono::hours(1)).count()},
      {"exp", (now + valid).count()},
      {"kubernetes.io", {{"namespace", account.ns}, {"serviceaccount", {{"name", account.name}, {"uid", uid}}}}}};
  return sign_jwt(json::serialize(claims), signing_key_);
}

std::unique_ptr<Cluster> make_real_cluster(const std::string& assets) { return std::make_unique<RealCluster>(assets); }

}  // namespace quartermaster::test
