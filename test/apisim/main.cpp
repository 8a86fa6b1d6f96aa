// The simulated API server as a program.
#include <csignal>

#include <boost/program_options.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

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

/// "pods=20000,namespaces=10".
std::vector<std::pair<std::string, std::size_t>> amounts(const std::string& text) {
  std::vector<std::pair<std::string, std::size_t>> result;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    const auto equals = item.find('=');
    const auto digits = equals == std::string::npos ? std::string() : item.substr(equals + 1);
    if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos) {
      throw std::runtime_error("not a kind and a number: " + item);
    }
    result.emplace_back(item.substr(0, equals), std::stoul(digits));
  }
  return result;
}

int run(int argc, char** argv) {
  apisim::Options options;
  std::string kubeconfig, fill, rate;
  po::options_description description("apisim: a simulated kube-apiserver, for tests and demos");
  auto add = description.add_options();
  add("help", "this text");
  add("listen", po::value(&options.listen)->default_value("127.0.0.1:0"), "address and port");
  add("tls", po::bool_switch(&options.tls), "serve HTTPS");
  add("anonymous", po::bool_switch(&options.anonymous), "let in requests without a token");
  add("demo", "begin with demo data, and let workloads live");
  add("watch-list", po::bool_switch(&options.watch_list), "offer streaming lists, as newer API servers do");
  add("fill", po::value(&fill),
      "begin with many objects, and without controllers: persistentvolumeclaims=10000,pods=20000 (500 claims and 1000 "
      "pods in each of the namespaces bench-0, bench-1, ...)");
  add("change-rate", po::value(&rate), "change filled objects: pods=1000 is a thousand pods a second");
  add("history", po::value(&options.history)->default_value(20'000), "changes that are kept for watches");
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

  options.controllers = fill.empty();
  options.workloads = given.count("demo") > 0;
  apisim::ApiServer server;
  const auto endpoint = server.start(options);
  if (given.count("demo") > 0) server.load_demo();
  for (const auto& [plural, count] : amounts(fill)) server.fill(plural, count);
  for (const auto& [plural, count] : amounts(rate)) {
    if (plural != "pods") throw std::runtime_error("--change-rate knows pods only");
    server.change_pods(static_cast<double>(count));
  }
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
