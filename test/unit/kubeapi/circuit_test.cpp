// When the circuit opens and closes, and when probes are due.
#include "kubeapi/circuit.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace quartermaster::test {
namespace {

using namespace std::chrono_literals;
using kubeapi::Circuit;

const Clock::time_point kStart{1000h};

struct CircuitFixture {
  kubeapi::CircuitOptions options{
      .failures = 3, .silence = 2s, .first_interval = 200ms, .longest_interval = 1s, .probe_timeout = 3s};
  Circuit circuit{options};
  Clock::time_point now = kStart;

  void fail(int times = 1) {
    for (int i = 0; i < times; ++i) circuit.failed(now, 0);
  }
  void probe(bool answered, double random = 0) {
    circuit.probe_begun();
    if (answered) circuit.heard(now);
    circuit.probe_ended(now, random);
  }
};

TEST_CASE_METHOD(CircuitFixture, "failures in a row open the circuit", "[circuit]") {
  fail(2);
  CHECK_FALSE(circuit.is_open());
  circuit.heard(now);
  fail(2);
  CHECK_FALSE(circuit.is_open());
  fail();
  CHECK(circuit.is_open());
  const auto due = circuit.next_probe();
  now += 10ms;
  fail(10);
  CHECK(circuit.next_probe() == due);  // it was open already
}

TEST_CASE_METHOD(CircuitFixture, "whatever is heard closes the circuit, and all begins anew", "[circuit]") {
  fail(3);
  circuit.heard(now);
  CHECK_FALSE(circuit.is_open());
  CHECK_FALSE(circuit.next_probe());
  fail(2);
  CHECK_FALSE(circuit.is_open());
  fail();
  CHECK(circuit.is_open());
  CHECK(circuit.next_probe() == now + 100ms);
}

TEST_CASE_METHOD(CircuitFixture, "probes of an open circuit come less and less often", "[circuit]") {
  fail(3);
  std::vector<Clock::duration> pauses;
  for (int i = 0; i < 5; ++i) {
    pauses.push_back(*circuit.next_probe() - now);
    now = *circuit.next_probe();
    probe(false);
  }
  CHECK(pauses == std::vector<Clock::duration>{100ms, 200ms, 400ms, 500ms, 500ms});
  CHECK(circuit.is_open());
  probe(true);
  CHECK_FALSE(circuit.is_open());
}

TEST_CASE_METHOD(CircuitFixture, "a part of the pause between probes is random", "[circuit]") {
  for (int i = 0; i < 3; ++i) circuit.failed(now, 0.5);
  CHECK(*circuit.next_probe() - now == 150ms);
  probe(false, 0.999);
  CHECK(*circuit.next_probe() - now > 390ms);
  CHECK(*circuit.next_probe() - now < 400ms);
}

TEST_CASE_METHOD(CircuitFixture, "there is one probe at a time", "[circuit]") {
  fail(3);
  circuit.probe_begun();
  CHECK_FALSE(circuit.next_probe());
  fail(3);
  CHECK_FALSE(circuit.next_probe());
  circuit.probe_ended(now, 0);
  CHECK(circuit.next_probe());
}

TEST_CASE_METHOD(CircuitFixture, "what refused callers are told is when there will be news", "[circuit]") {
  options.longest_interval = 10s;
  options.first_interval = 5s;
  Circuit slow(options);
  for (int i = 0; i < 3; ++i) slow.failed(now, 0);
  CHECK(slow.retry_after(now) == 3s);  // 2.5
  CHECK(slow.retry_after(now + 600ms) == 2s);
  CHECK(slow.retry_after(now + 1500ms) == 1s);
  CHECK(slow.retry_after(now + 9s) == 1s);
}

TEST_CASE_METHOD(CircuitFixture, "a caller who waits for long makes a probe due", "[circuit]") {
  CHECK_FALSE(circuit.next_probe());
  circuit.asked(now);
  CHECK(circuit.next_probe() == now + 2s);
  now += 2s;
  SECTION("one without an answer opens the circuit") {
    probe(false);
    CHECK(circuit.is_open());
  }
  SECTION("one with an answer does not, however long the caller goes on to wait") {
    for (int i = 0; i < 10; ++i) {
      now = *circuit.next_probe();
      probe(true);
      CHECK_FALSE(circuit.is_open());
      CHECK(circuit.next_probe() == now + 2s);
    }
  }
  SECTION("something else that is heard meanwhile is as good") {
    circuit.heard(now);
    CHECK(circuit.next_probe() == now + 2s);
    circuit.settled();
    CHECK_FALSE(circuit.next_probe());
  }
}

TEST_CASE_METHOD(CircuitFixture, "callers who give up early do not hide a silence", "[circuit]") {
  for (int i = 0; i < 4; ++i) {
    circuit.asked(now);
    CHECK(circuit.next_probe() == kStart + 2s);
    now += 500ms;
    circuit.settled();
    CHECK_FALSE(circuit.next_probe());  // nobody waits
  }
  CHECK_FALSE(circuit.is_open());
  circuit.asked(now);
  CHECK(circuit.next_probe() == now);
  circuit.heard(now);
  circuit.settled();
  now += 1h;
  circuit.asked(now);
  CHECK(circuit.next_probe() == now + 2s);
}

TEST_CASE_METHOD(CircuitFixture, "callers who hang up, and deadlines that pass, do not open the circuit", "[circuit]") {
  for (int i = 0; i < 100; ++i) {
    circuit.asked(now);
    CHECK(circuit.next_probe() == kStart + 2s);
    now += 1s;
    circuit.settled();
    CHECK_FALSE(circuit.is_open());
  }
  // What they do is make a probe due, and one with an answer settles it.
  circuit.asked(now);
  REQUIRE(circuit.next_probe() < now);
  probe(true);
  CHECK_FALSE(circuit.is_open());
  CHECK(circuit.next_probe() == now + 2s);
}

}  // namespace
}  // namespace quartermaster::test
