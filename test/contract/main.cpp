// The contract suite's main: --cluster=simulated (the default) or real.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

#include "server/api/permissions.hpp"
#include "test/contract/accounts.hpp"
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

std::unique_ptr<Cluster> the_cluster;
std::unique_ptr<Service> the_service;
bool no_cache = false;

std::string last_part(const std::string& text) { return text.substr(text.size() > 2000 ? text.size() - 2000 : 0); }

/// The service runs all cases with just the permissions that the chart gives it.
std::string kubeconfig_of_chart() {
  auto& accounts = dynamic_cast<Accounts&>(*the_cluster);
  const Account account{"default", "quartermaster"};
  accounts.make_account(account);
  for (const auto& feature : api::features()) {
    for (const auto& [kind, subresource, verbs] : feature.permissions) {
      const auto& info = model::info(kind);
      std::string resource(info.resource);
      if (!subresource.empty()) resource.append("/").append(subresource);
      for (const auto verb : verbs)
        accounts.grant(account, {.verb = std::string(verb), .group = std::string(info.group), .resource = resource});
    }
  }
  return accounts.kubeconfig_for(account);
}

std::unique_ptr<Service> start_service() {
  static const std::string kubeconfig = kubeconfig_of_chart();
  std::vector<std::string> arguments = {"--log-level", "debug"};
  if (no_cache) arguments.emplace_back("--no-cache");
  auto service = std::make_unique<Service>(kubeconfig, arguments);
  service->wait_until_ready();
  service->settle_before_reads(true);
  return service;
}

constexpr int kSkipped = 77;  // CTest's SKIP_RETURN_CODE

}  // namespace

Cluster& cluster() { return *the_cluster; }

/// Started anew if the one before has died: that case has failed, the others are to go on.
Service& service() {
  if (!the_service || !the_service->process().running()) {
    if (the_service) std::cerr << "the service died: " << last_part(the_service->process().output()) << std::endl;
    the_service = start_service();
  }
  return *the_service;
}

void check_stays_local(const std::function<void()>& action) {
  // At its start it greets the API server and fills its caches.
  std::uint64_t before = 0;
  REQUIRE(poll_until([&before] {
    const auto last = std::exchange(before, service().upstream_requests());
    return before > 0 && before == last;
  }));
  service().settle_before_reads(false);
  action();
  service().settle_before_reads(true);
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
  session.cli(session.cli() | Catch::clara::Opt(no_cache)["--no-cache"]("run the service without its caches"));
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
    the_service = start_service();
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << std::endl;
    return 1;
  }
  const bool whole = session.configData().testsOrTags.empty();
  int failures = session.run();
  const auto run_hidden = [&](const char* tag) {
    Catch::ConfigData hidden = session.configData();
    hidden.testsOrTags = {tag};
    session.useConfigData(hidden);
    failures = session.run();
  };
  if (whole && failures == 0) run_hidden("[canary]");
  if (whole && failures == 0 && kind == "simulated" && !no_cache) run_hidden("[coverage]");
  if (failures != 0 && std::getenv("QUARTERMASTER_TEST_LOG") != nullptr) std::cerr << the_service->process().output();
  the_service.reset();
  the_cluster.reset();
  return failures == 0 ? 0 : 1;
}
