#include "test/history/faults.hpp"

#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

namespace quartermaster::history {
namespace {

using apisim::Afterwards;
using apisim::Fault;
using test::FaultProxy;

constexpr const char* kExpired =
    R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
    R"("message":"too old resource version","reason":"Expired","code":410}})"
    "\n";

/// What reflectors ask for, and others do not.
constexpr const char* kReflectors = "(watch=|[?&]resourceVersion=)";

Fault answer(const char* target, unsigned status, const char* reason, std::size_t count) {
  Fault fault;
  fault.method = "GET";
  fault.target = target;
  fault.count = count;
  fault.action = Fault::Action::answer;
  fault.status = status;
  fault.reason = reason;
  return fault;
}

}  // namespace

void Faults::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    // Most come when watches are established again, as failures in a row make the service wait longer and longer.
    for (auto pauses = random_() % 4 == 0 ? 1U : 5U + random_() % 5; pauses > 0 && !stop.stop_requested(); --pauses)
      for_a_while();
    do_something();
  }
  stage_.server().clear_faults();
  for (std::size_t i : {0U, 1U}) stage_.replica(i).network.mode(FaultProxy::Mode::pass);
  // Those that hang would be noticed only when their time is over.
  stage_.server().drop_watches();
}

void Faults::for_a_while() { std::this_thread::sleep_for(std::chrono::milliseconds(100 + random_() % 300)); }

void Faults::spoil_network(FaultProxy::Mode mode) {
  auto& network = stage_.replica(random_() % 2).network;
  network.mode(mode);
  for_a_while();
  // What was swallowed is missing: such a connection is of no use any more.
  network.mode(FaultProxy::Mode::reset);
  network.mode(FaultProxy::Mode::pass);
}

void Faults::do_something() {
  auto& server = stage_.server();
  struct Possible {
    std::string name;
    std::function<void()> happens;
  };
  const std::vector<Possible> possible = {
      {"watches dropped", [&] { server.drop_watches(); }},
      {"watches ended", [&] { server.disturb_watches("", Afterwards::end); }},
      {"410 in watches", [&] { server.disturb_watches(kExpired, Afterwards::end); }},
      {"silent watches",
       [&] {
         server.disturb_watches("", Afterwards::hang);
         for_a_while();
         server.drop_watches();
       }},
      {"compaction",
       [&] {
         server.compact();
         server.drop_watches();
       }},
      {"connections reset", [&] { spoil_network(FaultProxy::Mode::reset); }},
      {"half an event", [&] { server.disturb_watches(R"({"type":"MODIFIED","object":{"meta)", Afterwards::cut); }},
      {"garbage in watches", [&] { server.disturb_watches("\x01\x02 garbage\n", Afterwards::go_on); }},
      {"410 on lists and watches",
       [&] {
         server.inject(answer(kReflectors, 410, "Expired", 3));
         server.drop_watches();
       }},
      {"429 on lists and watches",
       [&] {
         server.inject(answer(kReflectors, 429, "TooManyRequests", 3));
         server.disturb_watches(kExpired, Afterwards::end);
       }},
      {"500 on watches",
       [&] {
         server.inject(answer("watch=", 500, "InternalError", 3));
         server.drop_watches();
       }},
      {"cut lists",
       [&] {
         Fault cut;
         cut.method = "GET";
         cut.target = "[?&]resourceVersion=";
         cut.count = 3;
         cut.cut_after = 300;
         server.inject(cut);
         server.disturb_watches(kExpired, Afterwards::end);
       }},
      {"connections refused", [&] { spoil_network(FaultProxy::Mode::refuse); }},
      {"black hole", [&] { spoil_network(FaultProxy::Mode::black_hole); }},
      {"API server restarted", [&] { stage_.restart_server(random_() % 2 == 0); }},
  };
  // The first ones, after which the service goes on without a pause, three times out of four.
  constexpr std::size_t kMild = 6;
  auto choice = random_() % (random_() % 4 == 0 ? possible.size() : kMild);
  if (!only_.empty()) {
    const auto found = std::ranges::find(possible, only_, &Possible::name);
    if (found == possible.end()) return;
    choice = static_cast<std::size_t>(found - possible.begin());
  }
  const auto& chosen = possible[choice];
  ++counts_[chosen.name];
  chosen.happens();
}

}  // namespace quartermaster::history
