// The contract suite's main: --cluster=simulated (the default) or real.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::unique_ptr<Cluster> the_cluster;
std::unique_ptr<Service> the_service;

std::string last_part(const std::string& text) { return text.substr(text.size() > 2000 ? text.size() - 2000 : 0); }

constexpr int kSkipped = 77;  // CTest's SKIP_RETURN_CODE

}  // namespace

Cluster& cluster() { return *the_cluster; }

/// Started anew if the one before has died: that case has failed, the others are to go on.
Service& service() {
  if (!the_service || !the_service->process().running()) {
    if (the_service) std::cerr << "the service died: " << last_part(the_service->process().output()) << std::endl;
    the_service =
        std::make_unique<Service>(the_cluster->kubeconfig(), std::vector<std::string>{"--log-level", "debug"});
  }
  return *the_service;
}

void check_stays_local(const std::function<void()>& action) {
  // At its start it greets the API server once.
  REQUIRE(poll_until([] { return service().upstream_requests() > 0; }));
  const std::uint64_t before = service().upstream_requests();
  action();
  CHECK(service().upstream_requests() == before);
}

void leave_out(const std::string& why) {
  std::cout << "left out: " << Catch::getResultCapture().getCurrentTestName() << ": " << why << std::endl;
  SUCCEED();
}

}  // namespace quartermaster::test

int main(int argc, char* argv[]) {
  using namespace quartermaster::test;
  Catch::Session session;
  std::string kind = "simulated";
  session.cli(session.cli() | Catch::clara::Opt(kind, "simulated|real")["--cluster"]("which cluster to run against"));
  if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;

  try {
    if (kind == "real") {
      const char* assets = std::getenv("KUBEBUILDER_ASSETS");
      if (assets == nullptr || *assets == '\0') {
        std::cout << "left out: KUBEBUILDER_ASSETS is not set" << std::endl;
        return kSkipped;
      }
      the_cluster = make_real_cluster(assets);
    } else {
      the_cluster = make_simulated_cluster();
    }
    the_service =
        std::make_unique<Service>(the_cluster->kubeconfig(), std::vector<std::string>{"--log-level", "debug"});
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << std::endl;
    return 1;
  }
  const bool whole = session.configData().testsOrTags.empty() && kind == "simulated";
  int failures = session.run();
  if (whole && failures == 0) {
    Catch::ConfigData coverage = session.configData();
    coverage.testsOrTags = {"[coverage]"};
    session.useConfigData(coverage);
    failures = session.run();
  }
  if (failures != 0 && std::getenv("QUARTERMASTER_TEST_LOG") != nullptr) std::cerr << the_service->process().output();
  the_service.reset();
  the_cluster.reset();
  return failures == 0 ? 0 : 1;
}
