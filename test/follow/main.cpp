// Whether a followed log loses, repeats or swaps lines: a container writes numbered ones while it is started again, its
// log is rotated, connections are cut, the API server is killed with -9, and the caller hangs up and comes back.
//
//   follow [--lines=200000] [--cluster=simulated|real]
//
// Exit code: 0 all is well, 1 it is not, 2 it could not be tried, 77 there is no real control plane.
#define CATCH_CONFIG_RUNNER  // what it shares with the tests of the contract uses Catch
#include <boost/program_options.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "test/contract/service.hpp"
#include "test/follow/reader.hpp"
#include "test/follow/world.hpp"
#include "test/support/wait.hpp"

namespace quartermaster::follow {
namespace {

using namespace std::chrono_literals;

constexpr int kSkipped = 77;            // CTest's SKIP_RETURN_CODE
constexpr long kFlatKib = 12 << 10;     // of memory: what an allocator keeps
constexpr std::uint64_t kAtOnce = 600;  // lines that are written at once
constexpr auto kWait = 120s;

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What happens, in turn, while lines are written.
class Play {
 public:
  Play(World& world, Reader& reader, test::Subprocess& service, std::uint64_t lines)
      : world_(world), reader_(reader), service_(service), lines_(lines) {}

  void run() {
    // Restarts and kills apart, and together: while the API server is away, so that the status is late.
    using Scene = void (Play::*)();
    const std::vector<Scene> scenes = {&Play::warm_up,     &Play::cut,    &Play::restart,   &Play::come_back,
                                       &Play::rotate,      &Play::kill,   &Play::restart,   &Play::cut,
                                       &Play::cut_kubelet, &Play::rotate, &Play::come_back, &Play::restart_while_killed,
                                       &Play::come_back,   &Play::cut};
    for (std::size_t i = 0; i < scenes.size(); ++i) {
      (this->*scenes[i])();
      write_up_to(lines_ * (i + 1) / scenes.size());
      look_at_memory();
    }
    world_.logs().finish(world_.container());
    world_.show(restarts_, true);
    wait_for([this] { return reader_.done(); }, "the end");
    check(reader_.lines() == lines_, "all lines");
    check(reader_.restarts() == restarts_, "all restarts are told");
    check(most_kib_ - first_kib_ < kFlatKib, "memory is flat");
  }

  int restarts() const { return restarts_; }
  int kills() const { return kills_; }
  long grown_kib() const { return most_kib_ - first_kib_; }

 private:
  /// The reader is on its way in the file that is written, so that what becomes of it is not about what it never saw.
  void warm_up() {
    write_some();
    wait_for([this] { return reader_.lines() > begun_at_; }, "the first lines of a file");
    if (first_kib_ == 0) first_kib_ = service_.resident_kib();
  }
  void cut() { world_.cut(); }
  void cut_kubelet() { world_.cut_kubelet(); }
  void come_back() {
    const auto before = reader_.returns();
    reader_.come_back();
    warm_up();
    wait_for([&] { return reader_.returns() > before; }, "the caller to come back");
  }
  void restart() {
    warm_up();
    world_.logs().restart(world_.container());
    begun_at_ = written_;
    world_.show(++restarts_, false);
  }
  /// What the reader has not had is lost; so it must have had all, as it has where the kubelet is not ahead by a file.
  void rotate() {
    wait_for([this] { return reader_.lines() == written_; }, "all that was written");
    world_.logs().rotate(world_.container());
    begun_at_ = written_;
    warm_up();
  }
  void kill() {
    warm_up();
    world_.kill_api_server();
    ++kills_;
    write_some();
    world_.start_api_server();
  }
  void restart_while_killed() {
    warm_up();
    world_.kill_api_server();
    ++kills_;
    write_some();
    world_.logs().restart(world_.container());
    begun_at_ = written_;
    write_some();
    world_.start_api_server();
    wait_for([this] { return reader_.lines() > begun_at_; }, "the lines of an instance that no status shows");
    world_.show(++restarts_, false);
  }

  /// Up to the last one of its time: no container is started again, and no log rotated, within a nanosecond.
  void write_some() { append((written_ + kAtOnce) / 3 * 3); }
  void write_up_to(std::uint64_t lines) {
    while (written_ < lines) {
      append(std::min(written_ + kAtOnce, lines));
      // Not further ahead than a restart or a rotation may be.
      wait_for([&] { return written_ - reader_.lines() < 40 * kAtOnce; }, "the reader");
    }
  }
  /// Waits for nobody: the reader may have no API server.
  void append(std::uint64_t lines) {
    lines = std::min(lines, lines_);
    if (lines <= written_) return;
    world_.logs().append_numbered(world_.container(), lines - written_);
    written_ = lines;
  }
  void look_at_memory() { most_kib_ = std::max(most_kib_, service_.resident_kib()); }

  template <class Condition>
  void wait_for(Condition&& condition, const char* what) {
    const bool came = test::poll_until([&] { return condition() || reader_.done(); }, kWait);
    if (reader_.done() && !reader_.complaint().empty()) throw Failure(reader_.complaint());
    if (!came) {
      throw Failure(std::string("does not come: ") + what + "; at line " + std::to_string(reader_.lines()) + " of " +
                    std::to_string(written_));
    }
  }
  void check(bool right, const std::string& what) const {
    if (right) return;
    throw Failure("not so: " + what + " (" + std::to_string(reader_.lines()) + " lines, " +
                  std::to_string(reader_.restarts()) + " restarts, " + std::to_string(grown_kib()) + " KiB more)");
  }

  World& world_;
  Reader& reader_;
  test::Subprocess& service_;
  const std::uint64_t lines_;
  std::uint64_t written_ = 0, begun_at_ = 0;
  int restarts_ = 0, kills_ = 0;
  long first_kib_ = 0, most_kib_ = 0;
};

int run(World& world, std::uint64_t lines) {
  test::Service service(world.kubeconfig(), {"--no-cache"});
  const auto id = world.container();
  Reader reader(service.endpoint(), "/api/v1/pod/" + id.ns + "/name/" + id.pod + "/logs");
  Play play(world, reader, service.process(), lines);
  const auto begin = std::chrono::steady_clock::now();
  play.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::cout << reader.lines() << " lines, " << reader.bytes() << " bytes, " << play.restarts() << " restarts, "
            << play.kills() << " kills of the API server, " << reader.returns() << " returns of the caller, "
            << play.grown_kib() << " KiB more at most, " << took.count() << " s" << std::endl;
  return 0;
}

}  // namespace
}  // namespace quartermaster::follow

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  namespace follow = quartermaster::follow;
  try {
    std::uint64_t lines = 200'000;
    std::string cluster = "simulated";
    po::options_description description("follow: looks for lost, repeated and swapped lines of a followed log");
    auto add = description.add_options();
    add("help", "this text");
    add("lines", po::value(&lines)->default_value(lines), "that are written");
    add("cluster", po::value(&cluster)->default_value(cluster), "simulated or real");
    po::variables_map given;
    po::store(po::parse_command_line(argc, argv, description), given);
    po::notify(given);
    if (given.count("help") > 0) {
      std::cout << description << "\n";
      return 0;
    }
    const char* const assets = std::getenv("KUBEBUILDER_ASSETS");
    if (cluster == "real" && (assets == nullptr || *assets == '\0')) {
      std::cout << "left out: KUBEBUILDER_ASSETS is not set" << std::endl;
      return follow::kSkipped;
    }
    const auto world = cluster == "real" ? follow::make_real_world(assets) : follow::make_simulated_world();
    return follow::run(*world, lines);
  } catch (const follow::Failure& failure) {
    std::cout << "FAILED: " << failure.what() << std::endl;
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "follow: " << error.what() << "\n";
    return 2;
  }
}
