// The API server is not there, or the way to it is broken: the right error, no restart, and all is well once it is
// back.
#include "test/faults/setting.hpp"

namespace quartermaster::test {

namespace {

using Mode = FaultProxy::Mode;

void check_alive(Setting& setting) {
  CHECK(setting.service().process().running());
  for (const std::string probe : {"/livez", "/readyz"}) CHECK(setting.service().get(probe).status == 200);
}

}  // namespace

TEST_CASE("the API server is not there at the start, and comes later") {
  Setting setting;
  setting.network().mode(Mode::refuse);
  check_alive(setting);
  const HttpAnswer answer = setting.service().get("/api/v1/pvc/demo");
  CHECK(outcome(answer) == "503 ServiceUnavailable");
  CHECK_FALSE(answer.header("Retry-After").empty());
  for (const std::string target : {"/api/v1/pod/demo/name/p/logs", "/api/v1/pod/demo/name/p/events", "/api/v1/tenant",
                                   "/api/v1/secret/demo/name/s", "/api/v1/storageclass"}) {
    INFO(target);
    CHECK(outcome(setting.service().get(target)) == "503 ServiceUnavailable");
  }
  CHECK(outcome(setting.service().post("/api/v1/secret/demo", R"({"name": "s"})")) == "503 ServiceUnavailable");
  setting.network().mode(Mode::pass);
  CHECK(poll_until([&] { return setting.read() == "200"; }));
}

TEST_CASE("the API server goes away and comes back") {
  const bool tls = GENERATE(false, true);
  Setting setting(apisim::Options{.tls = tls});
  CHECK(setting.read() == "200");
  setting.network().mode(Mode::refuse);
  for (int i = 0; i < 3; ++i) CHECK(setting.read() == "503 ServiceUnavailable");
  check_alive(setting);
  CHECK(setting.service().process().wait_for_line(
      [](std::string_view line) { return line.find("warning") != line.npos && line.find("reach") != line.npos; },
      std::chrono::seconds(10)));
  setting.network().mode(Mode::pass);
  CHECK(setting.read() == "200");
}

TEST_CASE("connections that are reset are 503") {
  const bool tls = GENERATE(false, true);
  Setting setting(apisim::Options{.tls = tls});
  CHECK(setting.read() == "200");
  setting.network().mode(Mode::reset);
  CHECK(setting.read() == "503 ServiceUnavailable");
  check_alive(setting);
  setting.network().mode(Mode::pass);
  CHECK(setting.read() == "200");
}

TEST_CASE("a kept connection that died meanwhile costs nobody an answer") {
  Setting setting;
  setting.make_namespace();
  CHECK(setting.read() == "200");
  // All connections there are die, and new ones work.
  setting.network().mode(Mode::reset);
  setting.network().mode(Mode::pass);
  CHECK(setting.read() == "200");
}

TEST_CASE("packets that vanish are 504 at the deadline") {
  const bool tls = GENERATE(false, true);
  Setting setting(apisim::Options{.tls = tls});
  CHECK(setting.read() == "200");
  setting.network().mode(Mode::black_hole);
  CHECK(setting.read("?timeout=1s") == "504 Timeout");
  CHECK(outcome(setting.service().get("/api/v1/pod/demo/name/p/logs?timeout=500ms")) == "504 Timeout");
  check_alive(setting);
  setting.network().mode(Mode::pass);
  CHECK(setting.read() == "200");
}

TEST_CASE("once it is known that packets vanish nobody waits any more") {
  const bool tls = GENERATE(false, true);
  Setting setting(apisim::Options{.tls = tls});
  CHECK(setting.read() == "200");
  setting.network().mode(Mode::black_hole);
  // Nobody waits for the whole of its own deadline of 30 s to find it out.
  CHECK(poll_until([&] { return setting.read("?timeout=1s") == "503 ServiceUnavailable"; }));
  const auto answer = setting.service().get("/api/v1/pod/demo/name/p/logs");
  CHECK(outcome(answer) == "503 ServiceUnavailable");
  CHECK(answer.header("Retry-After").find_first_of("12345") == 0);
  const auto metrics = setting.service().get("/metrics").body;
  CHECK(metrics.find("quartermaster_upstream_circuit_open 1") != std::string::npos);
  CHECK(metrics.find("quartermaster_upstream_circuit_openings_total 1") != std::string::npos);
  CHECK(metrics.find("quartermaster_upstream_circuit_refusals_total 0") == std::string::npos);
  check_alive(setting);
  setting.network().mode(Mode::reset);
  setting.network().mode(Mode::pass);
  CHECK(poll_until([&] { return setting.read() == "200"; }));
  CHECK(setting.service().get("/metrics").body.find("quartermaster_upstream_circuit_open 0") != std::string::npos);
}

TEST_CASE("an answer that is cut off is 502, wherever it is cut") {
  Setting setting;
  setting.make_namespace();
  for (int i = 0; i < 20; ++i) setting.make_claim("c" + std::to_string(i));
  CHECK(setting.read() == "200");
  for (const std::size_t limit : {5U, 60U, 400U, 3000U}) {
    INFO(limit);
    // Connections that are there have answered before; the fault is for new ones.
    setting.network().mode(Mode::reset);
    setting.network().mode(Mode::cut, limit);
    CHECK(setting.read() == "502 BadGateway");
  }
  check_alive(setting);
  setting.network().mode(Mode::pass);
  CHECK(setting.read() == "200");
}

TEST_CASE("garbage instead of an answer is 502") {
  const bool tls = GENERATE(false, true);
  Setting setting(apisim::Options{.tls = tls});
  CHECK(setting.read() == "200");
  setting.network().mode(Mode::reset);
  setting.network().mode(Mode::garbage);
  CHECK(setting.read() == "502 BadGateway");
  check_alive(setting);
  setting.network().mode(Mode::pass);
  CHECK(setting.read() == "200");
}

TEST_CASE("a slow network is only slow, until the deadline") {
  Setting setting;
  setting.network().delay(std::chrono::milliseconds(300));
  CHECK(setting.read() == "200");
  setting.network().delay(std::chrono::milliseconds(3000));
  CHECK(setting.read("?timeout=1s") == "504 Timeout");
}

}  // namespace quartermaster::test
