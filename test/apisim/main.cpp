// The simulated API server as a program.
#include <signal.h>

#include <boost/program_options.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "test/apisim/api_server.hpp"

namespace {

namespace po = boost::program_options;
namespace apisim = quartermaster::apisim;

/// The token in it is worth a file that only its owner reads.
void write_private(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

int run(int argc, char** argv) {
  apisim::Options options;
  std::string kubeconfig;
  po::options_description description("apisim: a simulated kube-apiserver, for tests and demos");
  auto add = description.add_options();
  add("help", "this text");
  add("listen", po::value(&options.listen)->default_value("127.0.0.1:0"), "address and port");
  add("tls", po::bool_switch(&options.tls), "serve HTTPS");
  add("anonymous", po::bool_switch(&options.anonymous), "let in requests without a token");
  add("demo", "begin with demo data, and let workloads live");
  add("kubeconfig-out", po::value(&kubeconfig), "write a kubeconfig for this server there");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, description), given);
  po::notify(given);
  if (given.count("help") > 0) {
    std::cout << description << "\n";
    return 0;
  }

  sigset_t signals;  // blocked in all threads, waited for in this one
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  options.workloads = given.count("demo") > 0;
  apisim::ApiServer server;
  const auto endpoint = server.start(options);
  if (given.count("demo") > 0) server.load_demo();
  if (!kubeconfig.empty()) write_private(kubeconfig, server.kubeconfig());
  std::cout << R"({"url": ")" << endpoint.url << R"(", "port": )" << endpoint.port << "}" << std::endl;
  int received = 0;
  sigwait(&signals, &received);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "apisim: " << e.what() << "\n";
    return 2;
  }
}
