// How far logs have come, as text.
#include "server/api/log_cursor.hpp"

#include <catch2/catch.hpp>

using namespace quartermaster;
using api::LogCursor;
using kubeapi::LogPosition;

namespace {

LogPosition position(std::int64_t nanoseconds) {
  return {.time = Timestamp(std::chrono::nanoseconds(nanoseconds)), .count = 1};
}

}  // namespace

TEST_CASE("log cursor: reads back what it was written from") {
  LogCursor cursor;
  cursor.set("a", {.time = Timestamp(std::chrono::nanoseconds(1'700'000'000'123'456'789)),
                   .count = 12345,
                   .back = std::chrono::seconds(7),
                   .restarts = 3,
                   .next = true});
  cursor.set("b", {.time = Timestamp(std::chrono::nanoseconds(1)), .count = LogPosition::kSome});
  cursor.set("c", {.time = Timestamp(std::chrono::nanoseconds(1)), .count = 28});  // "s", to the base of 36
  cursor.set("nothing-yet", {.time = LogPosition::kBegin, .restarts = 2});
  const auto text = cursor.text();
  CHECK(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string::npos);
  const auto again = LogCursor::parse(text);
  REQUIRE(again);
  CHECK(again->text() == text);
  for (const std::string source : {"a", "b", "c", "nothing-yet"}) {
    REQUIRE(again->find(source) != nullptr);
    CHECK(*again->find(source) == *cursor.find(source));
  }
  CHECK(again->find("d") == nullptr);
}

TEST_CASE("log cursor: a log that has not been begun has no place in it, and one that is gone none any more") {
  LogCursor cursor;
  cursor.set("a", {});
  CHECK(cursor.empty());
  CHECK(cursor.text().empty());
  cursor.set("a", position(5));
  cursor.set("a", position(6));
  CHECK(cursor.find("a")->time == position(6).time);
  cursor.erase("a");
  cursor.erase("b");
  CHECK(cursor.empty());
}

TEST_CASE("log cursor: other texts are none") {
  for (const std::string text : {"", "a", "a.1", "a.1.1.0.0", "a.1.1.0.0.0.0", ".1.1.0.0.0", "a.1.1.0.0.0_",
                                 "a.0.1.0.0.0", "a.-1.1.0.0.0", "a.1.1.2.0.0", "a.1.1.-1.0.0", "a.1.1.0.-1.0",
                                 "a.1.s~.0.0.0", "a.1.1.0.0.0 ", "a.zzzzzzzzzzzzzzzz.1.0.0.0", "a.1..0.0.0"}) {
    INFO(text);
    CHECK_FALSE(LogCursor::parse(text));
  }
  CHECK(LogCursor::parse("a.1.1.0.0.0"));
  CHECK_FALSE(LogCursor::parse(std::string(20'000, 'a')));
}

TEST_CASE("log cursor: a source is one container of one pod") {
  const auto source = LogCursor::source_of("uid-1", "main");
  CHECK(source == LogCursor::source_of("uid-1", "main"));
  CHECK(source != LogCursor::source_of("uid-2", "main"));
  CHECK(source != LogCursor::source_of("uid-1", "other"));
  CHECK(source.size() <= 8);
}
