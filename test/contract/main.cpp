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

constexpr int kSkipped = 77;  // CTest's SKIP_RETURN_CODE

}  // namespace

Cluster& cluster() { return *the_cluster; }
Service& service() { return *the_service; }

std::string outcome(const HttpAnswer& answer) {
  std::string result = std::to_string(answer.status);
  if (answer.status >= 400) result += " " + text_at(answer.json(), "/reason");
  return result;
}

std::vector<std::string> item_names(const HttpAnswer& answer) {
  std::vector<std::string> names;
  const json::value list = answer.json();
  for (const json::value& item : at(list, "/items").as_array()) names.push_back(text_at(item, "/name"));
  return names;
}

void check_stays_local(const std::function<void()>& action) {
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
  const int failures = session.run();
  if (failures != 0 && std::getenv("QUARTERMASTER_TEST_LOG") != nullptr) std::cerr << the_service->process().output();
  the_service.reset();
  the_cluster.reset();
  return failures == 0 ? 0 : 1;
}
