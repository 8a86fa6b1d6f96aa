#include "test/faults/setting.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::test {

std::string kubeconfig_of(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: " + cluster +
         "}]\nusers: [{name: u, user: " + user + "}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n";
}

Setting::Setting(apisim::Options options)
    : endpoint_(server_.start(std::move(options))), network_(std::make_unique<FaultProxy>(endpoint_.port)) {
  files_.write("ca.crt", endpoint_.ca_pem);
  files_.write("token", apisim::kAdminToken);
}

std::string Setting::kubeconfig() const {
  const std::string address = "://127.0.0.1:" + std::to_string(network_->port());
  const std::string cluster =
      endpoint_.url.starts_with("https")
          ? "{server: \"https" + address + "\", certificate-authority: " + files_.path("ca.crt") + "}"
          : "{server: \"http" + address + "\"}";
  return kubeconfig_of(cluster, "{tokenFile: " + files_.path("token") + "}");
}

Service& Setting::service() { return service_ ? *service_ : start_service({}); }

Service& Setting::start_service(std::vector<std::string> arguments, std::vector<std::string> environment) {
  if (std::find(arguments.begin(), arguments.end(), "--no-cache=false") == arguments.end())
    arguments.emplace_back("--no-cache");
  service_ = std::make_unique<Service>(kubeconfig(), arguments, std::move(environment));
  return *service_;
}

void Setting::make_namespace() {
  server_.create(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}})");
}

void Setting::make_claim(const std::string& name) {
  // Past admission, so without the finalizer that would make every delete wait.
  server_.put(R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
      "metadata": {"namespace": "demo", "labels": {"app": "x"}, "name": ")" +
              name + R"("}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
      "status": {"phase": "Pending"}})");
}

void Setting::make_running_pod(const std::string& name) {
  server_.put(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "demo", "name": ")" + name + R"("},
    "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "i"}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
      "containerStatuses": [{"name": "main", "image": "i", "imageID": "", "ready": true, "restartCount": 0,
        "lastState": {}, "state": {"running": {"startedAt": "2024-05-06T07:08:10Z"}}}]}})");
  server_.logs().open({"demo", name, "main"});
}

std::string Setting::read(const std::string& query) { return outcome(service().get("/api/v1/pvc/demo" + query)); }

std::size_t Setting::requests(std::string_view target) const {
  const auto all = server_.requests();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const apisim::Request& request) {
    return request.target.find(target) != std::string::npos;
  }));
}

void Setting::restart(apisim::Options options) {
  options.listen = endpoint_.address;
  server_.stop();
  endpoint_ = server_.start(std::move(options));
}

}  // namespace quartermaster::test
