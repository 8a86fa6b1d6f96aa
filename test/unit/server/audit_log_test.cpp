// Audit lines: what is in them, and what becomes of them when they cannot be written.
#include "server/observe/audit_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "server/observe/log.hpp"
#include "test/support/json.hpp"
#include "test/support/temp_dir.hpp"

namespace quartermaster::test {
namespace {

using observe::AuditLog;
using observe::AuditRecord;

const std::vector<std::string> kGroups = {"g1", "g2"};
const std::vector<std::string> kNames = {"a"};

AuditRecord record() {
  return {.request_id = "id-1",
          .peer = "10.0.0.1:5",
          .user = "ann",
          .uid = "u",
          .groups = kGroups,
          .verb = "delete",
          .resource = "secrets",
          .route = "/api/v1/secret/{namespace}",
          .ns = "demo",
          .names = kNames,
          .dry_run = true,
          .decision = "denied",
          .status = 403,
          .reason = "Forbidden"};
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) all.push_back(line);
  return all;
}

TEST_CASE("An audit line says who did what to which object, and what came of it") {
  auto line = parse_json(observe::audit_line(record())).as_object();
  CHECK_THAT(text_at(line, "/time"), Catch::EndsWith("Z"));
  line.erase("time");
  CHECK(
      line ==
      parse_json(
          R"({"msg":"audit","requestId":"id-1","peer":"10.0.0.1:5","user":{"name":"ann","uid":"u","groups":["g1","g2"]},)"
          R"("verb":"delete","resource":"secrets","route":"/api/v1/secret/{namespace}","namespace":"demo","names":["a"],)"
          R"("count":1,"dryRun":true,"decision":"denied","status":403,"reason":"Forbidden"})")
          .as_object());
}

TEST_CASE("An audit line is bounded, whatever is in it") {
  const std::string odd = GENERATE("x", "\x01", "\xff", "\"");
  std::string text;
  for (int i = 0; i < 5000; ++i) text += odd;
  const std::vector<std::string> many(5000, text);
  auto full = record();
  full.user = full.uid = text;
  full.groups = full.names = many;
  const auto line = observe::audit_line(full);
  CHECK(line.size() < 4096);
  CHECK(line.find('\n') == std::string::npos);
  CHECK_NOTHROW(parse_json(line));
}

TEST_CASE("Audit lines are appended to their file, and one that was moved away is made anew") {
  observe::set_log_level(observe::Level::off);
  const TempDir folder;
  const auto path = folder.path("audit.log");
  folder.write("audit.log", "before\n");
  AuditLog audit(path);
  audit.write(record());
  CHECK(lines_of(path).size() == 2);
  std::filesystem::rename(path, path + ".1");
  audit.write(record());
  CHECK(lines_of(path + ".1").size() == 2);
  CHECK(lines_of(path).size() == 1);
  std::filesystem::remove(path);
  audit.write(record());
  CHECK(lines_of(path).size() == 1);
  CHECK(audit.lines() == 3);
  CHECK(audit.failures() == 0);
}

TEST_CASE("What cannot be written is counted, and nothing else happens") {
  observe::set_log_level(observe::Level::off);
  AuditLog full("/dev/full");
  full.write(record());
  full.write(record());
  CHECK(full.failures() == 2);
  CHECK(full.lines() == 0);

  const TempDir folder;
  std::filesystem::create_directory(folder.path("d"));
  AuditLog audit(folder.path("d/audit.log"));
  std::filesystem::remove_all(folder.path("d"));
  audit.write(record());
  CHECK(audit.failures() == 1);
  std::filesystem::create_directory(folder.path("d"));
  audit.write(record());
  CHECK(audit.lines() == 1);
}

TEST_CASE("A pipe that nobody reads does not stop anything") {
  observe::set_log_level(observe::Level::off);
  const TempDir folder;
  const auto path = folder.path("pipe");
  REQUIRE(std::system(("mkfifo " + path).c_str()) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  AuditLog audit(path);
  for (int i = 0; i < 1000; ++i) audit.write(record());
  CHECK(audit.lines() > 0);
  CHECK(audit.failures() > 0);
  CHECK(audit.lines() + audit.failures() == 1000);
  ::close(reader);
}

TEST_CASE("A file that cannot be written is said at the start") {
  CHECK_THROWS_WITH(AuditLog("/nowhere/audit.log"),
                    "--audit-log /nowhere/audit.log: cannot be written: No such file or directory");
}

TEST_CASE("Without audit nothing is written") {
  AuditLog off("off");
  CHECK_FALSE(off.on());
  off.write(record());
  CHECK(off.lines() == 0);
}

}  // namespace
}  // namespace quartermaster::test
