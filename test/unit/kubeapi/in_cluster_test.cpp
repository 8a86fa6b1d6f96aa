// The configuration that a pod finds.
#include <catch2/catch.hpp>
#include <map>

#include "kubeapi/cluster_config.hpp"
#include "test/support/temp_dir.hpp"

namespace quartermaster::kubeapi {
namespace {

struct Pod {
  test::TempDir dir;
  std::map<std::string, std::string> variables{{"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
                                               {"KUBERNETES_SERVICE_PORT", "443"}};
  Pod() {
    dir.write("token", "t\n");
    dir.write("ca.crt", "pem");
    dir.write("namespace", "tools\n");
  }
  std::string folder() const { return dir.path("."); }
  ClusterConfig config() const {
    return in_cluster_config(
        [this](const char* name) -> std::optional<std::string> {
          const auto at = variables.find(name);
          if (at == variables.end()) return std::nullopt;
          return at->second;
        },
        folder());
  }
};

TEST_CASE("a pod's configuration", "[in_cluster]") {
  const Pod pod;
  const auto config = pod.config();
  CHECK(config.tls);
  CHECK(config.host == "10.96.0.1");
  CHECK(config.port == 443);
  CHECK(config.base_path.empty());
  CHECK(config.ca.path == pod.folder() + "/ca.crt");
  CHECK(config.token_file == pod.folder() + "/token");
  CHECK(config.token.empty());
  CHECK(config.namespace_ == "tools");
  CHECK(config.source == "in-cluster");
  CHECK_FALSE(config.insecure_skip_tls_verify);
}

TEST_CASE("a pod's API server may have an IPv6 address", "[in_cluster]") {
  Pod pod;
  pod.variables["KUBERNETES_SERVICE_HOST"] = "fd00:10:96::1";
  CHECK(pod.config().host == "fd00:10:96::1");
}

TEST_CASE("without its namespace file a pod's namespace is unknown", "[in_cluster]") {
  const Pod pod;
  std::filesystem::remove(pod.dir.path("namespace"));
  CHECK(pod.config().namespace_.empty());
}

TEST_CASE("what is missing in a pod is named", "[in_cluster]") {
  Pod pod;
  const std::string mount = ": mount the service account's token (automountServiceAccountToken: true)";
  const auto check = [&](const std::string& message) {
    CHECK_THROWS_WITH(pod.config(), "in-cluster: " + message);
    CHECK_THROWS_AS(pod.config(), ConfigError);
  };
  SECTION("host") {
    pod.variables.erase("KUBERNETES_SERVICE_HOST");
    check("the environment variable KUBERNETES_SERVICE_HOST is not set: run in a pod, or use a kubeconfig file");
  }
  SECTION("port") {
    pod.variables.erase("KUBERNETES_SERVICE_PORT");
    check("the environment variable KUBERNETES_SERVICE_PORT is not set: run in a pod, or use a kubeconfig file");
  }
  SECTION("bad host") {
    pod.variables["KUBERNETES_SERVICE_HOST"] = "a/b";
    check("KUBERNETES_SERVICE_HOST must be an IP address or a name, not \"a/b\"");
  }
  SECTION("bad port") {
    const auto port = GENERATE(as<std::string>{}, "0", "65536", "-1", "https", "443 ", "");
    pod.variables["KUBERNETES_SERVICE_PORT"] = port;
    check("KUBERNETES_SERVICE_PORT must be 1 to 65535, not \"" + port + "\"");
  }
  SECTION("no token") {
    std::filesystem::remove(pod.dir.path("token"));
    check(pod.folder() + "/token: No such file or directory" + mount);
  }
  SECTION("empty token") {
    pod.dir.write("token", " \n");
    check(pod.folder() + "/token: the file is empty" + mount);
  }
  SECTION("no CA") {
    std::filesystem::remove(pod.dir.path("ca.crt"));
    check(pod.folder() + "/ca.crt: No such file or directory" + mount);
  }
}

TEST_CASE("an empty environment variable is none", "[in_cluster]") {
  ::setenv("QUARTERMASTER_TEST_EMPTY", "", 1);
  ::setenv("QUARTERMASTER_TEST_SET", "x", 1);
  const auto environment = process_environment();
  CHECK_FALSE(environment("QUARTERMASTER_TEST_EMPTY"));
  CHECK_FALSE(environment("QUARTERMASTER_TEST_UNSET"));
  CHECK(environment("QUARTERMASTER_TEST_SET") == "x");
}

}  // namespace
}  // namespace quartermaster::kubeapi
