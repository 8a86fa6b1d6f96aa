// A real control plane without controllers. Objects are written straight into its etcd, as JSON, which the API server
// reads as well as its own protobuf: ten times faster than through the API, which would also take their status away.
#include <stdexcept>

#include "model/base64.hpp"
#include "test/bench/http.hpp"
#include "test/bench/target.hpp"
#include "test/contract/real_cluster.hpp"
#include "test/support/json.hpp"

namespace quartermaster::bench {

namespace {

/// Lets the endpoint and the token be seen.
class Cluster : public test::RealCluster {
 public:
  explicit Cluster(const std::string& assets) : RealCluster(assets, false) {}
  using RealCluster::api;
  using RealCluster::token;
};

constexpr std::size_t kObjectsInTransaction = 100;  // etcd takes 128, and 1.5 MB

std::string etcd_key(const StoredObject& object) {
  std::string key = "/registry/" + std::string(model::info(object.kind).resource);
  if (!object.ns.empty()) key += "/" + object.ns;
  return key + "/" + object.name;
}

class RealTarget : public Target {
 public:
  explicit RealTarget(const std::string& assets) : cluster_(assets), etcd_(cluster_.etcd()) {
    version_ = test::text_at(cluster_.get("/version"), "/gitVersion");
  }

  std::string name() const override { return "kube-apiserver " + version_; }
  std::string kubeconfig() const override { return cluster_.kubeconfig(); }
  test::Endpoint api() const override { return cluster_.api(); }
  std::string token() const override { return cluster_.token(); }
  std::string caller_token(const std::string& name) override {
    const test::Account account{"default", name};
    cluster_.make_account(account);
    cluster_.grant(account, {.verb = "*", .group = "*", .resource = "*"});
    cluster_.grant(account, {.verb = "get", .path = "/metrics"});
    return cluster_.sign_token(account, kAudience, std::chrono::hours(1));
  }
  std::string node() const override { return cluster_.node(); }
  apisim::LogStore& logs() override { return cluster_.logs(); }

  std::string put(std::span<const StoredObject> objects) override {
    std::string version;
    while (!objects.empty()) {
      version = put_some(objects.first(std::min(objects.size(), kObjectsInTransaction)));
      objects = objects.subspan(std::min(objects.size(), kObjectsInTransaction));
    }
    return version;
  }

  /// An API server that starts anew lists from etcd, and knows no version before that list's.
  void expire_watches() override {
    cluster_.raw("POST", "/api/v1/namespaces/default/configmaps",
                 R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "other-"}})");
    cluster_.restart("kube-apiserver");
  }

 private:
  /// https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway
  std::string put_some(std::span<const StoredObject> objects) {
    std::string body = R"({"success":[)";
    for (const StoredObject& object : objects) {
      if (body.back() == '}') body += ',';
      body += R"({"requestPut":{"key":")" + encode_base64(etcd_key(object)) + R"(","value":")" +
              encode_base64(object.text) + R"("}})";
    }
    body += "]}";
    const std::string answer = etcd_.exchange("POST /v3/kv/txn", "", body);
    const auto parsed = test::parse_json(answer);
    if (test::find(parsed, "/succeeded") == nullptr) throw std::runtime_error("etcd: " + answer.substr(0, 500));
    return test::text_at(parsed, "/header/revision");
  }

  Cluster cluster_;
  KeepAlive etcd_;
  std::string version_;
};

}  // namespace

std::unique_ptr<Target> make_real_target(const std::string& assets) { return std::make_unique<RealTarget>(assets); }

}  // namespace quartermaster::bench
