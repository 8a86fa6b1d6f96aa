// ./dev bench: the budgets, measured. The service has one core, all else another.
#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <set>

#include "test/bench/http.hpp"
#include "test/bench/rows.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::bench {

namespace {

namespace po = boost::program_options;

/// Until the API server lists the kind from its own cache as of that version or later. A service that starts before
/// would be ready with less.
void wait_until_listed(const Target& target, model::Kind kind, const std::string& version) {
  const std::string list =
      "GET " + model::collection_path(kind, "") + "?fieldSelector=metadata.name%3Dnone&resourceVersion=" + version;
  std::string why;
  const bool listed = test::poll_until([&] {
    try {
      KeepAlive(target.api()).exchange(list, "Authorization: Bearer " + target.token() + "\r\n");
      return true;
    } catch (const std::exception& e) {  // the API server waits for 3 s at most
      why = e.what();
      return false;
    }
  });
  if (!listed) throw std::runtime_error("the API server does not see what etcd has: " + why);
}

/// Objects with the numbers from `begin` to before `end`, at least one, of one kind; returns when the API server lists
/// them.
void fill(Target& target, StoredObject (*object)(std::size_t), std::size_t begin, std::size_t end) {
  constexpr std::size_t kBatch = 1000;
  const StoredObject last = object(end - 1);
  for (std::size_t number = begin; number < end - 1;) {
    std::vector<StoredObject> batch;
    while (number < end - 1 && batch.size() < kBatch) batch.push_back(object(number++));
    target.put(batch);
  }
  // Alone, as objects of a transaction share a version: only who has seen this one has seen them all.
  wait_until_listed(target, last.kind, target.put({&last, 1}));
}

struct Bench {
  std::string name;
  void (*run)(Setting&);
  std::size_t pods;  // that it wants the cluster to have
  bool only_if_named = false;
};

// In the order of growing clusters.
const std::vector<Bench> kBenches = {
    {"start", bench_start, 0},
    {"memory", bench_memory, kSomePods},
    {"serve", bench_serve, kSomePods},
    {"bypass", bench_bypass, kSomePods},
    {"relay", bench_relay, kSomePods},
    {"listeners", bench_listeners, kSomePods},
    {"hostile", bench_hostile, kSomePods, true},
    {"stalls", bench_stalls, kManyPods},
};

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

StoredObject first_generation(std::size_t number) { return pod_object(number); }

void grow(Setting& setting, std::size_t pods) {
  if (pods <= setting.pods) return;
  if (setting.pods == 0) {
    fill(setting.target, namespace_object, 0, kNamespaces);
    fill(setting.target, storage_class_object, 0, 5);
    fill(setting.target, claim_object, 0, kClaims);
  }
  fill(setting.target, first_generation, setting.pods, pods);
  setting.pods = pods;
}

/// The image that `./dev image` has made, if it has.
void add_image(Table& table) {
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(IMAGE_FILE, missing);
  if (missing) return;
  const double megabytes = static_cast<double>(bytes) / 1e6;
  table.add(
      {.what = "container image", .ours = text_of(megabytes) + " MB", .goal = "at most 15 MB", .met = megabytes <= 15});
}

std::string run_on(Target& target, const std::set<std::string>& wanted, bool quick, int minutes) {
  std::cout << "\n" << target.name() << "\n";
  Table table;
  Setting setting{.target = target, .table = table, .quick = quick, .minutes = minutes};
  for (const Bench& bench : kBenches) {
    // What an empty process needs is known from its start.
    const bool needed = bench.name == "start" && wanted.contains("memory");
    if (!wanted.contains(bench.name) && !needed) continue;
    try {
      grow(setting, bench.pods);
      bench.run(setting);
    } catch (const std::exception& e) {
      table.add({.what = bench.name, .ours = "failed: " + one_line(e.what()), .met = false});
    }
  }
  add_image(table);
  return "\n## " + target.name() + "\n\n" + table.text();
}

std::string run_micro(bool quick) {
  std::cout << "\nmicro-benchmarks" << std::endl;
  test::Subprocess micro(
      on_core(kServerCore, {MICRO_PROGRAM, std::string("--benchmark_min_time=") + (quick ? "0.05" : "0.5")}));
  micro.wait(std::chrono::minutes(5));
  std::string text;
  micro.wait_for_line(
      [&](std::string_view line) {
        text.append(line).append("\n");
        return false;
      },
      std::chrono::seconds(5));
  std::cout << text;
  return "\n## Parts\n\n```\n" + text + "```\n";
}

int run(int argc, char** argv) {
  std::vector<std::string> rows;
  std::string report, backend;
  int minutes = 0;
  po::options_description flags(
      "bench [flags] [row...]\nrows: start memory serve bypass relay listeners stalls micro; all by default. And "
      "hostile, which "
      "takes its time");
  flags.add_options()("help", "this text")("quick", "fewer and shorter runs")(
      "realtime", "real-time priority for service, nginx and wrk: on a machine that is not quiet")(
      "backend", po::value(&backend)->default_value(""),
      "apisim or real; by default both, if KUBEBUILDER_ASSETS is set")(
      "minutes", po::value(&minutes)->default_value(10), "of hostile load")(
      "report", po::value(&report), "write the tables there, too")("row", po::value(&rows), "what to measure");
  po::variables_map given;
  po::store(po::command_line_parser(argc, argv)
                .options(flags)
                .positional(po::positional_options_description().add("row", -1))
                .run(),
            given);
  po::notify(given);
  if (given.count("help") > 0) {
    std::cout << flags;
    return 0;
  }
  std::set<std::string> wanted(rows.begin(), rows.end());
  const bool micro = wanted.empty() || wanted.erase("micro") > 0;
  if (rows.empty()) {
    for (const Bench& bench : kBenches) {
      if (!bench.only_if_named) wanted.insert(bench.name);
    }
  }
  for (const std::string& row : wanted) {
    const auto named = [&](const Bench& bench) { return bench.name == row; };
    if (std::none_of(kBenches.begin(), kBenches.end(), named)) throw po::error("there is no row " + row);
  }
  const char* const assets = std::getenv("KUBEBUILDER_ASSETS");
  const bool can_real = assets != nullptr && *assets != '\0';
  if (backend == "real" && !can_real) throw po::error("KUBEBUILDER_ASSETS is not set");

  std::string text = "# Benchmark results\n\nWritten by `./dev bench";
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--report") {
      ++i;
    } else {
      text += std::string(" ") + argv[i];
    }
  }
  text += "`. The service has one core, load generator, API server and etcd another.\n\n";
  for (const std::string& fact : describe_machine()) text += "- " + fact + "\n";
  move_to(kLoadCore);
  if (given.count("realtime") > 0) prefer_our_processes();
  const bool quick = given.count("quick") > 0;
  // First, as apisim makes this process large, and slow to start others.
  if (!wanted.empty() && backend != "apisim" && can_real)
    text += run_on(*make_real_target(assets), wanted, quick, minutes);
  if (!wanted.empty() && backend != "real") text += run_on(*make_simulated_target(), wanted, quick, minutes);
  if (micro) text += run_micro(quick);
  if (!report.empty()) std::ofstream(report) << text;
  std::cout << "\n" << text;
  return 0;
}

}  // namespace

}  // namespace quartermaster::bench

int main(int argc, char** argv) {
  try {
    return quartermaster::bench::run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "bench: " << e.what() << "\n";
    return 2;
  }
}
