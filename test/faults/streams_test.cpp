// Logs that break in the middle, and logs that are larger than memory.
#include <algorithm>

#include "test/faults/setting.hpp"

namespace quartermaster::test {

namespace {

struct LogSetting : Setting {
  LogSetting() {
    make_namespace();
    make_running_pod("p");
  }
  apisim::ContainerId id{"demo", "p", "main"};
  std::string target = "/api/v1/pod/demo/name/p/logs";
};

/// It has succeeded.
void end_pod(Setting& setting, const std::string& name) {
  json::object pod = setting.server().find("Pod", "demo", name).value();
  auto& status = pod["status"].as_object();
  status["phase"] = "Succeeded";
  status["containerStatuses"].as_array()[0].as_object()["state"] = {{"terminated", {{"exitCode", 0}}}};
  setting.server().put(std::move(pod));
  setting.server().logs().finish({"demo", name, "main"});
}

constexpr long kFlatKib = 4096;  // what allocators and buffers may need beside the log
#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kLarge = 256ULL << 20;  // a GB takes half a minute there, and shows no more
#else
constexpr std::uint64_t kLarge = 1ULL << 30;
#endif

}  // namespace

TEST_CASE("a log that breaks off upstream ends without its last chunk") {
  LogSetting setting;
  setting.server().logs().generate(setting.id, kLarge);
  AnswerReader reader = setting.service().open({.target = setting.target}, 1 << 16);
  CHECK_FALSE(reader.more().empty());
  SECTION("because the connection is reset") { setting.network().mode(FaultProxy::Mode::reset); }
  SECTION("because the API server ends") { setting.server().stop(); }
  while (!reader.more().empty()) {
  }
  CHECK_FALSE(reader.complete());
}

TEST_CASE("a log that is followed goes on where it broke off upstream") {
  LogSetting setting;
  setting.server().logs().append(setting.id, "before");
  const auto [accept, before, after] = GENERATE(table<std::string, std::string, std::string>({
      {"text/plain", "before\n", "meanwhile\nafter\n"},
      {"application/x-ndjson", "before", "after"},
  }));
  AnswerReader reader = setting.service().open({"GET", setting.target + "?follow=true", {{"Accept", accept}}});
  CHECK(reader.more().find(before) != std::string::npos);
  SECTION("because the connection was reset") { setting.network().mode(FaultProxy::Mode::reset); }
  SECTION("because connections were refused") { setting.network().mode(FaultProxy::Mode::refuse); }
  SECTION("because the API server was away") { setting.server().stop(); }
  setting.server().logs().append(setting.id, "meanwhile");
  CHECK(poll_until([&] { return setting.read() == "503 ServiceUnavailable"; }));
  setting.network().mode(FaultProxy::Mode::pass);
  setting.restart({});
  setting.server().logs().append(setting.id, "after");
  std::string text;
  while (text.find("after") == std::string::npos) {
    const auto piece = reader.more();
    REQUIRE_FALSE(piece.empty());
    text += piece;
  }
  if (accept == "text/plain") CHECK(text == after);
  CHECK(text.find("before") == std::string::npos);
  CHECK(text.find("meanwhile") != std::string::npos);
  CHECK(text.find("marker") == std::string::npos);
}

TEST_CASE("a log that is followed ends when its pod is gone, and in JSON lines says if something may be missing") {
  LogSetting setting;
  setting.server().logs().append(setting.id, "before");
  HttpRequest request{"GET", setting.target + "?follow=true", {{"Accept", "application/x-ndjson"}}};
  AnswerReader reader = setting.service().open(request);
  CHECK(reader.more().find("before") != std::string::npos);
  const bool cut = GENERATE(false, true);
  if (cut) {
    setting.network().mode(FaultProxy::Mode::reset);
    CHECK(poll_until([&] { return setting.network().open() == 0; }));
  }
  setting.server().remove("Pod", "demo", "p");
  setting.server().logs().remove_pod("demo", "p");
  setting.network().mode(FaultProxy::Mode::pass);
  const auto rest = reader.rest();
  CHECK(rest.complete);
  CHECK((rest.body.find("\"marker\":\"gap\"") != std::string::npos) == cut);
}

TEST_CASE("delegated: a log that is followed ends for whom it is meant no longer") {
  LogSetting setting;
  setting.server().set_token("token-of-ann", {.name = "ann"});
  setting.server().set_rules("ann", {apisim::Rule{}});
  Service& service = setting.start_service({"--auth-mode", "delegated"});
  const std::string path = GENERATE("/api/v1/pod/demo/name/p/logs", "/api/v1/pod/demo/logs");
  CAPTURE(path);
  setting.server().logs().append(setting.id, "before");
  AnswerReader reader =
      service.open({.target = path + "?follow=true", .headers = {{"Authorization", "Bearer token-of-ann"}}});
  CHECK(reader.more() == "before\n");
  setting.server().set_rules("ann", {});
  do {
    setting.server().logs().append(setting.id, "after");
  } while (!reader.more().empty());
  CHECK_FALSE(reader.complete());
}

TEST_CASE("a log that has grown without its stream saying so is read anew") {
  LogSetting setting;
  setting.server().logs().append(setting.id, "before");
  apisim::Fault stall;
  stall.target = "follow=true";
  stall.hang_after = 0;
  setting.server().inject(stall);
  // Nothing of what there is comes, and then nothing of what follows: a kubelet that has lost track.
  AnswerReader reader = setting.service().open({.target = setting.target + "?follow=true"});
  CHECK(reader.more() == "before\n");
  setting.server().logs().append(setting.id, "after");
  CHECK(reader.more() == "after\n");
}

TEST_CASE("a log as JSON that breaks off upstream is an error, and no half answer") {
  LogSetting setting;
  for (int i = 0; i < 1000; ++i) setting.server().logs().append(setting.id, std::string(200, 'x'));
  apisim::Fault cut;
  cut.target = "/log";
  cut.cut_after = 50'000;
  setting.server().inject(cut);
  CHECK(outcome(setting.service().get(setting.target, {{"Accept", "application/json"}})) == "502 BadGateway");
}

TEST_CASE("a large log streams through flat memory, at the reader's pace") {
  LogSetting setting;
  setting.server().logs().generate(setting.id, kLarge);
  // The address sanitizer keeps what is freed for a while, by default 256 MB of it.
  Service& service = setting.start_service({}, {"ASAN_OPTIONS=quarantine_size_mb=1"});

  // What is allocated once has been.
  AnswerReader warm_up = service.open({.target = setting.target + "?limitBytes=10000000"});
  while (!warm_up.more().empty()) {
  }
  const long before = service.process().resident_kib();

  SECTION("a reader that stops") {
    AnswerReader reader = service.open({.target = setting.target}, 1 << 16);
    reader.more();
    const auto uptime = [&] { return at(service.get("/stats").json(), "/uptime_sec").to_number<double>(); };
    const double begin = uptime();
    // The service goes on serving others meanwhile.
    REQUIRE(poll_until([&] { return uptime() >= begin + 2; }));
    CHECK(service.process().resident_kib() < before + kFlatKib);
  }
  SECTION("a reader that takes all") {
    AnswerReader reader = service.open({.target = setting.target});
    std::uint64_t total = 0;
    std::uint64_t next_look = 0;
    long most = 0;
    for (std::string piece = reader.more(); !piece.empty(); piece = reader.more()) {
      total += piece.size();
      if (total < next_look) continue;
      most = std::max(most, service.process().resident_kib());
      next_look = total + (16 << 20);
    }
    CHECK(total == kLarge);
    CHECK(reader.complete());
    CHECK(most < before + kFlatKib);
  }
}

TEST_CASE("logs that are sent at once are bounded, in all and for each caller, and others are served meanwhile") {
  LogSetting setting;
  Service& service = setting.start_service({"--max-streams", "2", "--max-streams-per-caller", "1"});
  setting.server().logs().append(setting.id, "line");
  const HttpRequest follow{.target = setting.target + "?follow=true"};
  const auto at_address = [&](const std::string& address) {
    Endpoint endpoint = service.endpoint();
    endpoint.from = address;
    return endpoint;
  };
  auto first = std::make_unique<AnswerReader>(service.open(follow));
  CHECK(first->more() == "line\n");
  for (const HttpRequest& more : {follow, HttpRequest{.target = setting.target},
                                  HttpRequest{"GET", setting.target, {{"Accept", "application/json"}}}}) {
    const auto answer = service.call(more);
    CHECK(outcome(answer) == "429 TooManyRequests");
    CHECK(answer.header("Retry-After") == "1");
  }
  AnswerReader second = open_exchange(at_address("127.0.0.2"), follow);
  CHECK(second.more() == "line\n");
  CHECK(outcome(exchange(at_address("127.0.0.3"), follow)) == "429 TooManyRequests");
  CHECK(service.call({.method = "HEAD", .target = setting.target}).status == 200);
  CHECK(setting.read() == "200");
  CHECK(poll_until(
      [&] { return service.get("/metrics").body.find("quartermaster_http_streams 2\n") != std::string::npos; }));

  first.reset();
  CHECK(poll_until([&] { return exchange(service.endpoint(), {.target = setting.target}).status == 200; }));
  CHECK(setting.read() == "200");
}

TEST_CASE("who follows many pods needs a place for each that goes on, and one for all that have ended") {
  Setting setting;
  setting.make_namespace();
  Service& service = setting.start_service({"--max-streams-per-caller", "2"});
  const auto make_pod = [&](const std::string& name, bool ended) {
    setting.make_running_pod(name);
    setting.server().logs().append({"demo", name, "main"}, name);
    if (ended) end_pod(setting, name);
  };
  for (const std::string name : {"a", "b", "c", "d"}) make_pod(name, true);
  make_pod("runs", false);
  const std::string target = "/api/v1/pod/demo/logs?follow=true";
  AnswerReader reader = service.open({"GET", target, {{"Accept", "application/x-ndjson"}}});
  std::string text;
  const auto read_to = [&](const std::string& what) {
    for (std::string piece = "?"; text.find(what) == std::string::npos && !piece.empty(); text += piece)
      piece = reader.more();
    return text.find(what) != std::string::npos;
  };
  for (const std::string name : {"a", "b", "c", "d", "runs"}) CHECK(read_to(R"("line":")" + name + "\""));
  make_pod("second", false);
  CHECK(read_to(R"("line":"second")"));
  make_pod("third", false);
  CHECK(read_to(R"("marker":"omitted")"));
  end_pod(setting, "second");
  CHECK(read_to(R"("line":"third")"));
  CHECK(text.find(R"("gap")") == std::string::npos);
  CHECK(outcome(service.get(target)) == "429 TooManyRequests");
}

TEST_CASE("large answers that are kept for one caller are bounded, and small ones are not counted") {
  LogSetting setting;
  Service& service = setting.start_service({"--max-answer-bytes-in-flight", std::to_string(40 << 20)});
  constexpr int kLines = 140;  // 9 MB: more than the sockets hold
  for (int i = 0; i < kLines; ++i) setting.server().logs().append(setting.id, std::string(1 << 16, 'x'));
  const HeaderList json = {{"Accept", "application/json"}};
  {
    AnswerReader slow = service.open({"GET", setting.target, json}, 1 << 12);
    slow.more();
    const auto other = service.get(setting.target, json);
    CHECK(outcome(other) == "429 TooManyRequests");
    CHECK(text_at(other.json(), "/errMessage") == "too many bytes of answers at once from this caller");
    CHECK(service.get(setting.target + "?tail=0", json).status == 200);
    CHECK(service.get(setting.target).body.size() == kLines * ((1 << 16) + 1));
  }
  CHECK(poll_until([&] { return service.get(setting.target, json).status == 200; }));
}

TEST_CASE("HEAD of a log reads nothing of it, and leaves nothing open") {
  LogSetting setting;
  setting.server().logs().generate(setting.id, kLarge);
  for (const std::string accept : {"text/plain", "application/json"}) {
    HttpRequest request{"HEAD", setting.target, {{"Accept", accept}}};
    const auto answer = setting.service().call(request);
    CHECK(answer.status == 200);
    CHECK(answer.header("Content-Type").starts_with(accept));
    CHECK(answer.header("X-Container") == "main");
    CHECK_FALSE(answer.has_header("Content-Length"));  // nobody knows
    CHECK(answer.body.empty());
  }
  CHECK(setting.requests("/log") == 0);
}

TEST_CASE("a caller who hangs up in the middle of a large log ends it upstream") {
  LogSetting setting;
  setting.server().logs().generate(setting.id, kLarge);
  {
    AnswerReader reader = setting.service().open({.target = setting.target}, 1 << 16);
    reader.more();
    CHECK(setting.network().open() > 0);
  }
  // The connection of a log that was given up cannot be used again; one that was kept from before may be.
  CHECK(poll_until([&] { return setting.network().open() <= 1; }));
}

}  // namespace quartermaster::test
