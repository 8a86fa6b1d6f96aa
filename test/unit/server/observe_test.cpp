// Request ids, logs, metrics and statistics.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "server/observe/log.hpp"
#include "server/observe/metrics.hpp"
#include "server/observe/request_id.hpp"
#include "server/observe/stats.hpp"
#include "test/support/json.hpp"
#include "test/support/temp_dir.hpp"

namespace quartermaster::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using observe::Level;

TEST_CASE("Request ids that are made are good, and differ") {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto id = observe::make_request_id();
    CHECK(observe::is_request_id(id));
    CHECK(id.size() == 16);
    ids.insert(id);
  }
  CHECK(ids.size() == 1000);
}

TEST_CASE("Request ids of callers are taken if they are harmless") {
  const auto [text, good] = GENERATE(table<std::string, bool>({
      {"a", true},
      {"AZaz09._-", true},
      {std::string(128, 'x'), true},
      {std::string(129, 'x'), false},
      {"", false},
      {"a b", false},
      {"a\n", false},
      {"a\"", false},
      {"a:b", false},
      {std::string("a\0", 2), false},
      {"\u00e4", false},
  }));
  CAPTURE(text);
  CHECK(observe::is_request_id(text) == good);
}

/// What is written to standard error while it lives.
class CapturedStderr {
 public:
  CapturedStderr() : path_(folder_.path("stderr")), saved_(::dup(STDERR_FILENO)) {
    std::fflush(stderr);
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(file, STDERR_FILENO);
    ::close(file);
    observe::set_log_level(Level::info);
  }
  ~CapturedStderr() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
  }
  std::vector<std::string> lines() const {
    std::fflush(stderr);
    std::ifstream file(path_);
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }

 private:
  TempDir folder_;
  std::string path_;
  int saved_;
};

TEST_CASE("Log lines are JSON, whatever is in them") {
  const auto nasty = "a\"b\\c\n\r\t\x01\x7f{}%v%%{0}\xff\xc3\xe2\x80\xa8\0end"s;
  const CapturedStderr captured;
  observe::log(Level::info, nasty,
               {{"text", nasty},
                {nasty, "key"},
                {"flag", true},
                {"number", std::int64_t{-5}},
                {"big", std::numeric_limits<std::int64_t>::max()},
                {"real", 1.5},
                {"infinite", std::numeric_limits<double>::infinity()}});
  const auto lines = captured.lines();
  REQUIRE(lines.size() == 1);
  const auto line = parse_json(lines[0]);
  const auto clean = "a\"b\\c\n\r\t\x01\x7f{}%v%%{0}\ufffd\ufffd\xe2\x80\xa8\0end"s;
  CHECK(text_at(line, "/msg") == clean);
  CHECK(text_at(line, "/text") == clean);
  CHECK(std::string(line.as_object().at(clean).as_string()) == "key");
  CHECK(at(line, "/flag") == true);
  CHECK(at(line, "/number") == -5);
  CHECK(at(line, "/big") == std::numeric_limits<std::int64_t>::max());
  CHECK(at(line, "/real") == 1.5);
  CHECK(at(line, "/infinite").is_null());
  CHECK_THAT(text_at(line, "/time"), Catch::Matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?Z"));
}

TEST_CASE("Levels") {
  const auto [level, expected] = GENERATE(table<Level, std::vector<std::string>>({
      {Level::debug, {"debug", "info", "warning", "error"}},
      {Level::info, {"info", "warning", "error"}},
      {Level::warning, {"warning", "error"}},
      {Level::error, {"error"}},
      {Level::off, {}},
  }));
  const CapturedStderr captured;
  observe::set_log_level(level);
  for (const auto each : {Level::debug, Level::info, Level::warning, Level::error}) {
    CHECK(observe::log_enabled(each) == (each >= level));
    observe::log(each, "message");
  }
  std::vector<std::string> told;
  for (const auto& line : captured.lines()) told.push_back(text_at(parse_json(line), "/level"));
  CHECK(told == expected);
}

// Metrics

/// The samples of a text in Prometheus' format, by name and labels; fails on anything that is not in the format.
std::map<std::string, double> parse_metrics(const std::string& text) {
  const std::regex sample(R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+))re");
  const std::regex labels(R"re(([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\[\\"n])*",?)*)re");
  std::map<std::string, double> samples;
  std::set<std::string> families;
  std::string family, type;
  REQUIRE(text.ends_with('\n'));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      CHECK(families.insert(family).second);
      CHECK(line.size() > 7 + family.size() + 10);  // there is a text
      continue;
    }
    if (line.starts_with("# TYPE ")) {
      std::string name;
      std::istringstream(line.substr(7)) >> name >> type;
      CHECK(name == family);
      CHECK(((type == "counter") == name.ends_with("_total")));
      continue;
    }
    std::smatch match;
    REQUIRE(std::regex_match(line, match, sample));
    CHECK(std::regex_match(match[3].str(), labels));
    auto name = match[1].str();
    CHECK(name.starts_with("quartermaster_"));
    if (type == "histogram") {
      for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
        if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
      }
    }
    CHECK(name == family);
    CHECK(samples.emplace(match[1].str() + match[2].str(), std::stod(match[4].str())).second);
  }
  return samples;
}

TEST_CASE("Metrics are in Prometheus' format") {
  observe::Metrics metrics;
  metrics.answered("GET", "/api/v1/pvc/{namespace}", 200, 0.003, 100);
  metrics.answered("GET", "/api/v1/pvc/{namespace}", 200, 0.3, 50);
  metrics.answered("GET", "/api/v1/pvc/{namespace}", 404, 100, 0);
  metrics.answered("", "", 400, 0, 7);
  metrics.loop_lag(3ms);
  metrics.loop_turn(2ms);
  metrics.loop_turn(1ms);
  metrics.connections(5, 10);
  metrics.connections(4, 12);
  metrics.pool({.in_use = 1, .idle = 2, .waiting = 3, .opened = 4, .reused = 5});
  metrics.ready(true);
  metrics.request_done(boost::beast::http::verb::get, "pods", 200, 0.01);
  metrics.request_done(boost::beast::http::verb::get, "pods", 0, 0.01);
  metrics.request_retried("a \"reason\"\\\n");
  metrics.reachable_changed(true, "");

  auto samples = parse_metrics(metrics.text());
  const std::string route = "method=\"GET\",route=\"/api/v1/pvc/{namespace}\"";
  CHECK(samples.at("quartermaster_http_requests_total{code=\"200\"," + route + "}") == 2);
  CHECK(samples.at("quartermaster_http_requests_total{code=\"404\"," + route + "}") == 1);
  CHECK(samples.at("quartermaster_http_requests_total{code=\"400\",method=\"\",route=\"\"}") == 1);
  CHECK(samples.at("quartermaster_http_response_bytes_total{route=\"/api/v1/pvc/{namespace}\"}") == 150);
  CHECK(samples.at("quartermaster_http_request_duration_seconds_count{" + route + "}") == 3);
  CHECK(samples.at("quartermaster_http_request_duration_seconds_bucket{" + route + ",le=\"0.005\"}") == 1);
  CHECK(samples.at("quartermaster_http_request_duration_seconds_bucket{" + route + ",le=\"0.5\"}") == 2);
  CHECK(samples.at("quartermaster_http_request_duration_seconds_bucket{" + route + ",le=\"+Inf\"}") == 3);
  CHECK(samples.at("quartermaster_http_connections") == 4);
  CHECK(samples.at("quartermaster_http_connections_accepted_total") == 12);
  CHECK(samples.at("quartermaster_upstream_connections{state=\"in_use\"}") == 1);
  CHECK(samples.at("quartermaster_upstream_connections{state=\"idle\"}") == 2);
  CHECK(samples.at("quartermaster_upstream_waiting") == 3);
  CHECK(samples.at("quartermaster_upstream_connections_opened_total") == 4);
  CHECK(samples.at("quartermaster_upstream_connections_reused_total") == 5);
  CHECK(samples.at("quartermaster_upstream_requests_total{code=\"200\",method=\"GET\",resource=\"pods\"}") == 1);
  CHECK(samples.at("quartermaster_upstream_requests_total{code=\"0\",method=\"GET\",resource=\"pods\"}") == 1);
  CHECK(samples.at("quartermaster_upstream_request_duration_seconds_count{method=\"GET\",resource=\"pods\"}") == 2);
  CHECK(samples.at("quartermaster_upstream_retries_total{reason=\"a \\\"reason\\\"\\\\\\n\"}") == 1);
  CHECK(samples.at("quartermaster_upstream_reachable") == 1);
  CHECK(samples.at("quartermaster_event_loop_lag_seconds_count") == 1);
  CHECK(samples.at("quartermaster_event_loop_turn_cpu_seconds_count") == 2);
  CHECK(samples.at("quartermaster_event_loop_longest_turn_cpu_seconds") == 0.002);
  CHECK(samples.at("quartermaster_ready") == 1);
}

TEST_CASE("Metrics without a request are in the format, too") {
  const observe::Metrics metrics;
  CHECK(parse_metrics(metrics.text()).at("quartermaster_ready") == 0);
}

TEST_CASE("What the client tells is counted and logged") {
  observe::Metrics metrics;
  const CapturedStderr captured;
  metrics.reachable_changed(false, "connection refused");
  metrics.reachable_changed(true, "");
  metrics.credentials_event(true, "token file is empty");
  metrics.credentials_event(false, "token was read again");
  const auto lines = captured.lines();
  REQUIRE(lines.size() == 4);
  CHECK(text_at(parse_json(lines[0]), "/level") == "warning");
  CHECK(text_at(parse_json(lines[0]), "/why") == "connection refused");
  CHECK(text_at(parse_json(lines[1]), "/level") == "info");
  CHECK(text_at(parse_json(lines[2]), "/level") == "warning");
  CHECK(text_at(parse_json(lines[2]), "/detail") == "token file is empty");
  CHECK(text_at(parse_json(lines[3]), "/level") == "info");
  CHECK(parse_metrics(metrics.text()).at("quartermaster_credential_problems_total") == 1);
}

// Statistics

json::value write(const observe::Stats& stats, observe::Stats::SteadyTime now,
                  observe::Stats::SystemTime wall = observe::Stats::SystemTime()) {
  std::string text;
  {
    quartermaster::json::Writer writer(text);
    writer.begin_object();
    stats.write(writer, now, wall);
    writer.end_object();
  }
  return parse_json(text);
}

TEST_CASE("Statistics of nothing") {
  const observe::Stats::SteadyTime start(1000h);
  const observe::Stats stats(start);
  const auto all = write(stats, start + 3661500ms, observe::Stats::SystemTime(1562300279s + 500ms));
  CHECK(at(all, "/pid") == ::getpid());
  CHECK_FALSE(text_at(all, "/hostname").empty());
  CHECK(text_at(all, "/uptime") == "1h1m1.5s");
  CHECK(at(all, "/uptime_sec") == 3661.5);
  CHECK(text_at(all, "/time") == "2019-07-05T04:17:59Z");
  CHECK(at(all, "/unixtime") == 1562300279);
  CHECK(at(all, "/count") == 0);
  CHECK(at(all, "/total_count") == 0);
  CHECK(at(all, "/status_code_count").as_object().empty());
  CHECK(at(all, "/total_status_code_count").as_object().empty());
  CHECK(text_at(all, "/total_response_time") == "0s");
  CHECK(at(all, "/total_response_time_sec").to_number<double>() == 0);
  CHECK(text_at(all, "/average_response_time") == "0s");
  CHECK(at(all, "/average_response_time_sec").to_number<double>() == 0);
  CHECK(at(all, "/total_response_size") == 0);
  CHECK(at(all, "/average_response_size") == 0);
}

TEST_CASE("Totals and averages") {
  const observe::Stats::SteadyTime start(1000h);
  observe::Stats stats(start);
  stats.record(200, 100, 2ms, start);
  stats.record(200, 50, 1ms, start + 5s);
  stats.record(503, 3, 3ms, start + 99s);
  const auto all = write(stats, start + 100s);
  CHECK(at(all, "/total_count") == 3);
  CHECK(print(at(all, "/total_status_code_count")) == R"({"200":2,"503":1})");
  CHECK(text_at(all, "/total_response_time") == "6ms");
  CHECK(at(all, "/total_response_time_sec") == 0.006);
  CHECK(text_at(all, "/average_response_time") == "2ms");
  CHECK(at(all, "/average_response_time_sec") == 0.002);
  CHECK(at(all, "/total_response_size") == 153);
  CHECK(at(all, "/average_response_size") == 51);
}

TEST_CASE("The last whole second") {
  const observe::Stats::SteadyTime start(1000h);
  observe::Stats stats(start);
  for (int i = 0; i < 3; ++i) stats.record(200, 0, 1ms, start + 100ms * i);
  stats.record(404, 0, 1ms, start + 999ms);
  const auto [when, counts] = GENERATE(table<std::chrono::milliseconds, std::string>({
      {999ms, "{}"},  // that second is not over
      {1000ms, R"({"200":3,"404":1})"},
      {1999ms, R"({"200":3,"404":1})"},
      {2000ms, "{}"},
      {100h, "{}"},
  }));
  CAPTURE(when.count());
  CHECK(print(at(write(stats, start + when), "/status_code_count")) == counts);
  CHECK(at(write(stats, start + when), "/count") == (counts == "{}" ? 0 : 4));
  // Looking changes nothing.
  CHECK(print(at(write(stats, start + 1500ms), "/status_code_count")) == R"({"200":3,"404":1})");

  stats.record(201, 0, 1ms, start + 1200ms);
  CHECK(print(at(write(stats, start + 1500ms), "/status_code_count")) == R"({"200":3,"404":1})");
  CHECK(print(at(write(stats, start + 2500ms), "/status_code_count")) == R"({"201":1})");
  stats.record(202, 0, 1ms, start + 7700ms);  // after a pause
  CHECK(print(at(write(stats, start + 7900ms), "/status_code_count")) == "{}");
  CHECK(print(at(write(stats, start + 8100ms), "/status_code_count")) == R"({"202":1})");
}

TEST_CASE("Durations as Go prints them") {
  const auto [duration, text] = GENERATE(table<std::chrono::nanoseconds, std::string>({
      {0ns, "0s"},
      {1ns, "1ns"},
      {999ns, "999ns"},
      {1us, "1\u00b5s"},
      {1100ns, "1.1\u00b5s"},
      {999999ns, "999.999\u00b5s"},
      {1ms, "1ms"},
      {1000001ns, "1.000001ms"},
      {2200us, "2.2ms"},
      {100ms, "100ms"},
      {999999999ns, "999.999999ms"},
      {1s, "1s"},
      {3300ms, "3.3s"},
      {10s, "10s"},
      {59999999999ns, "59.999999999s"},
      {1min, "1m0s"},
      {125s, "2m5s"},
      {245001ms, "4m5.001s"},
      {18367001ms, "5h6m7.001s"},
      {1h, "1h0m0s"},
      {8h + 1ns, "8h0m0.000000001s"},
      {10000h, "10000h0m0s"},
      {-1500ms, "-1.5s"},
  }));
  CHECK(observe::go_duration(duration) == text);
}

}  // namespace
}  // namespace quartermaster::test
