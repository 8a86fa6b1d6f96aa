#include "test/faults/cache_setting.hpp"

#include <algorithm>
#include <regex>

namespace quartermaster::test {
namespace {

constexpr int kObjects = 20;
constexpr std::size_t kKinds = 6;  // that are watched

/// And with a check of its own of what is in it, unless `arguments` say how often.
std::vector<std::string> with_cache(std::vector<std::string> arguments) {
  const auto is_check = [](const std::string& one) { return one.starts_with("--cache-self-check"); };
  if (std::ranges::none_of(arguments, is_check)) arguments.emplace_back("--cache-self-check=200ms");
  arguments.emplace_back("--no-cache=false");
  return arguments;
}

}  // namespace

CacheSetting::CacheSetting(apisim::Options options, const std::vector<std::string>& arguments) : Setting(options) {
  make_namespace();
  server().create(R"({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "standard"},
                      "provisioner": "example.com/disk"})");
  server().create(R"({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"namespace": "demo", "name": "q"},
                      "spec": {"hard": {"pods": "100"}}})");
  change_all(0);
  start_service(with_cache(arguments)).wait_until_ready();
  await_watches();
}

void CacheSetting::change_all(int generation) {
  generation_ = generation;
  const auto mark = R"("labels": {"generation": ")" + std::to_string(generation) + "\"}, ";
  for (int i = 0; i < kObjects + generation; ++i) {
    const auto number = std::to_string(i);
    server().put(R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"namespace": "demo", )" + mark +
                 R"("name": "c)" + number + R"("}, "spec": {"accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "1Gi"}}}, "status": {"phase": "Pending"}})");
    server().put(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "demo", )" + mark + R"("name": "p)" +
                 number + R"("}, "spec": {"nodeName": "node-1", "containers": [{"name": "main",
                 "image": "i"}]}, "status": {"phase": "Running"}})");
  }
}

std::vector<std::string> CacheSetting::targets() const {
  return {"/api/v1/pvc/demo",
          "/api/v1/pvc/demo/name/c0",
          "/api/v1/pvc/demo/name/c" + std::to_string(kObjects),
          "/api/v1/pod/demo",
          "/api/v1/pod/demo/name/p0",
          "/api/v1/storageclass",
          "/api/v1/storageclass/standard",
          "/api/v1/tenant",
          "/api/v1/tenant/demo"};
}

void CacheSetting::check_caches() {
  static const std::regex changing(R"re("(age|requestId)":"[^"]*")re");  // of a pod, of an error
  for (const auto& target : targets()) {
    INFO(target);
    const auto shown = [&](const HeaderList& headers) {
      const auto answer = exchange(service().endpoint(), {.target = target, .headers = headers});
      // An answer that no cache gave would prove nothing.
      const bool from_cache = answer.status == 404 || answer.has_header("Age") == headers.empty();
      return std::to_string(answer.status) + (from_cache ? "" : "?") + std::regex_replace(answer.body, changing, "");
    };
    CHECK(poll_until([&] {
      const auto direct = shown({{"Cache-Control", "no-cache"}});
      return direct[0] != '5' && shown({}) == direct;
    }));
  }
}

void CacheSetting::check_comparisons() {
  const auto count = [this](const std::string& resource, const std::string& result) {
    const auto text = service().get("/metrics").body;
    const auto name = "quartermaster_cache_self_checks_total{resource=\"" + resource + "\",result=\"" + result + "\"} ";
    const auto found = text.find(name);
    return found == std::string::npos ? 0.0 : std::stod(text.substr(found + name.size()));
  };
  for (const std::string resource : {"persistentvolumeclaims", "pods"}) {
    INFO(resource);
    const auto before = count(resource, "same");
    CHECK(poll_until([&] { return count(resource, "same") > before; }));
  }
  for (const std::string resource :
       {"pods", "persistentvolumeclaims", "storageclasses", "namespaces", "resourcequotas", "statefulsets"}) {
    INFO(resource);
    CHECK(count(resource, "different") == 0);
  }
}

double CacheSetting::stat(const std::string& resource, const std::string& name) {
  const auto stats = service().get("/stats").json();
  return at(stats, "/caches/" + resource + "/" + name).to_number<double>();
}

void CacheSetting::await_events(int generation) {
  await_watches();
  change_all(generation);
  check_caches();
}

void CacheSetting::await_watches() {
  REQUIRE(poll_until([&] { return server().watches() >= kKinds; }));
}

}  // namespace quartermaster::test
