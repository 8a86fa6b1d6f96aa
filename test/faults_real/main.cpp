// Faults of a real control plane, where KUBEBUILDER_ASSETS names a folder with etcd and kube-apiserver.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "test/faults_real/stage.hpp"

namespace quartermaster::test {
namespace {

std::unique_ptr<RealCluster> the_cluster;
constexpr int kSkipped = 77;  // CTest's SKIP_RETURN_CODE

}  // namespace

RealCluster& real_cluster() { return *the_cluster; }

}  // namespace quartermaster::test

int main(int argc, char* argv[]) {
  using namespace quartermaster::test;
  const char* assets = std::getenv("KUBEBUILDER_ASSETS");
  if (assets == nullptr || *assets == '\0') {
    std::cout << "left out: KUBEBUILDER_ASSETS is not set" << std::endl;
    return kSkipped;
  }
  try {
    the_cluster = std::make_unique<RealCluster>(assets, false);
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << std::endl;
    return 1;
  }
  const int failures = Catch::Session().run(argc, argv);
  the_cluster.reset();
  return failures == 0 ? 0 : 1;
}
