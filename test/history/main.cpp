// Looks for stale and inconsistent reads: writers and readers work through two replicas of the service while all kinds
// of faults happen, and each read is held against what had been written.
//
//   history [--operations=100000] [--workers=20] [--rate=1000] [--ignore-freshness] [--no-faults] [--fault=NAME]
//
// --ignore-freshness: reads do not ask for the versions that they should get. Some will be stale, and the program says
// so and succeeds if it finds them, and fails if it does not: the proof that it can.
//
// Exit code: 0 all is well, 1 a violation, 2 it could not be tried.
#include <boost/program_options.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <map>
#include <regex>
#include <thread>

#include "test/history/faults.hpp"
#include "test/history/worker.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::history {
namespace {

constexpr double kMostUnavailable = 0.1;  // of all answers
// Of all reads: else it was not the caches that were tried. Where a machine is slow, more versions have not come within
// 100 ms, and are read from the API server.
constexpr double kLeastCached = 0.1;

std::string service_program() {
  if (const char* const given = std::getenv("QUARTERMASTER_BINARY")) return given;
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "quartermaster";
}

void print(const std::string& title, const auto& counts) {
  std::cout << title << ":";
  for (const auto& [what, count] : counts) std::cout << " " << what << " " << count << ";";
  std::cout << "\n";
}

/// Whether both replicas come to show what the API server has.
bool converges(Stage& stage) {
  std::vector<std::string> targets = {"/api/v1/tenant"};
  for (const auto& ns : stage.namespaces()) {
    targets.push_back("/api/v1/pvc/" + ns);
    targets.push_back("/api/v1/pod/" + ns + "?limit=1000");
  }
  for (std::size_t i : {0U, 1U}) {
    Client client(stage.replica(i).endpoint);
    for (const auto& target : targets) {
      const auto names = [&](const test::HeaderList& headers) {
        const auto answer = client.call({.target = target, .headers = headers});
        std::string text = std::to_string(answer.status);
        if (answer.status != 200) return text;
        const auto body = answer.json();
        for (const auto& item : test::at(body, "/items").as_array()) {
          for (const auto* field : {"/name", "/tenantName", "/labels", "/tenantAnnotations"}) {
            if (const auto* value = test::find(item, field)) text += " " + test::print(*value);
          }
        }
        return text;
      };
      if (!test::poll_until([&] { return names({}) == names({{"Cache-Control", "no-cache"}}); })) {
        std::cout << "replica " << i << " does not come to show what the API server has: " << target << "\n"
                  << names({}) << "\n"
                  << names({{"Cache-Control", "no-cache"}}) << "\n";
        return false;
      }
    }
  }
  return true;
}

/// Whether the caches of both replicas have held themselves against what the API server had, and found no difference.
bool caches_are_right(Stage& stage) {
  static const std::regex checks(R"re(quartermaster_cache_self_checks_total\{.*result="(\w+)"\} (\d+))re");
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t i : {0U, 1U}) {
    const auto text = Client(stage.replica(i).endpoint).call({.target = "/metrics"}).body;
    for (std::sregex_iterator at(text.begin(), text.end(), checks), end; at != end; ++at)
      counts[(*at)[1]] += std::stoull((*at)[2]);
  }
  print("comparisons of caches", counts);
  return counts["same"] > 0 && counts["different"] == 0;
}

int run(const Settings& settings, const std::string& only, bool with_faults) {
  Stage stage(service_program());
  Ledger ledger(stage.objects().size());
  Board board;
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < settings.workers; ++i)
    workers.push_back(std::make_unique<Worker>(stage, ledger, board, settings, i));

  const auto begin = std::chrono::steady_clock::now();
  Faults faults(stage, only);
  std::jthread trouble([&](const std::stop_token& stop) {
    if (with_faults) faults.run(stop);
  });
  std::vector<std::future<void>> running;
  for (auto& worker : workers) running.push_back(std::async(std::launch::async, [&worker] { worker->run(); }));
  std::string failure;
  for (auto& one : running) {
    try {
      one.get();
    } catch (const std::exception& error) {
      failure = error.what();
    }
  }
  trouble.request_stop();
  trouble.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

  Counts counts;
  std::size_t reads = 0, violations = 0, unavailable = 0, answers = 0;
  for (const auto& worker : workers) {
    counts.add(worker->counts());
    for (const auto& read : worker->reads()) {
      ++reads;
      const auto wrong = ledger.violation(read);
      if (!wrong) continue;
      if (++violations <= 5 || !settings.ignore_freshness) std::cout << "VIOLATION: " << *wrong << "\n";
    }
  }
  for (const auto& [status, count] : counts.statuses) {
    answers += count;
    if (status >= 502) unavailable += count;
  }
  print("operations", counts.operations);
  print("faults", faults.counts());
  print("answers", counts.statuses);
  std::cout << "writes without a clear answer: " << counts.unknown_writes
            << "; reads that named a version: " << counts.versions_asked << "; answers from caches: " << counts.cached
            << "; reads over 20 ms: " << counts.waits << "\n";
  for (std::size_t i : {0U, 1U}) {
    Client client(stage.replica(i).endpoint);
    std::cout << "caches of replica " << i << ":";
    const auto answer = client.call({.target = "/stats"}).json();
    for (const auto& [kind, stats] : test::at(answer, "/caches").as_object()) {
      std::cout << " " << kind << " relists " << test::at(stats, "/relists") << " restarts "
                << test::at(stats, "/watchRestarts") << " events " << test::at(stats, "/events") << ";";
    }
    std::cout << "\n";
  }
  std::cout << reads << " reads checked, " << violations << " violations, " << unavailable << " of " << answers
            << " answers 502, 503 or 504, " << took.count() << " s" << std::endl;
  if (!failure.empty()) {
    std::cout << "a worker failed: " << failure << "\n";
    return 1;
  }
  if (!caches_are_right(stage)) {
    std::cout << "the caches have not been what the API server had\n";
    return 1;
  }
  if (settings.ignore_freshness) return violations > 0 ? 0 : 1;
  if (!only.empty()) return converges(stage) && violations == 0 ? 0 : 1;  // one kind of fault may be all there is
  if (static_cast<double>(unavailable) > kMostUnavailable * static_cast<double>(answers)) {
    std::cout << "too many answers were 502, 503 or 504\n";
    return 1;
  }
  if (static_cast<double>(counts.cached) < kLeastCached * static_cast<double>(reads)) {
    std::cout << "too few answers came from caches\n";
    return 1;
  }
  return converges(stage) && violations == 0 ? 0 : 1;
}

}  // namespace
}  // namespace quartermaster::history

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  try {
    quartermaster::history::Settings settings;
    bool no_faults = false;
    std::string fault;
    po::options_description description("history: looks for stale and inconsistent reads");
    auto add = description.add_options();
    add("help", "this text");
    add("operations", po::value(&settings.operations)->default_value(settings.operations), "reads and writes");
    add("workers", po::value(&settings.workers)->default_value(settings.workers), "at the same time");
    add("rate", po::value(&settings.rate)->default_value(settings.rate), "operations a second, at most");
    add("ignore-freshness", po::bool_switch(&settings.ignore_freshness),
        "do not ask for versions, and find stale reads");
    add("fault", po::value(&fault), "only this one, as in --fault='black hole'");
    add("no-faults", po::bool_switch(&no_faults), "let nothing go wrong");
    po::variables_map given;
    po::store(po::parse_command_line(argc, argv, description), given);
    po::notify(given);
    if (given.count("help") > 0) {
      std::cout << description << "\n";
      return 0;
    }
    return quartermaster::history::run(settings, fault, !no_faults);
  } catch (const std::exception& error) {
    std::cerr << "history: " << error.what() << "\n";
    return 2;
  }
}
