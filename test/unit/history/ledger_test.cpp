// The judge of histories: what it must let pass, and what it must not.
#include "test/history/ledger.hpp"

#include <catch2/catch.hpp>

namespace quartermaster::history {
namespace {

/// Object 0: #1 at 10, #2 at 20, removed at 30, #4 at 40. Object 1: #1 at 15, #2 at 35.
Ledger ledger() {
  Ledger result(2);
  result.add(0, {1, false, 10, 10});
  result.add(0, {2, false, 20, 20});
  result.add(0, {3, true, 30, 30});
  result.add(0, {4, false, 40, 40});
  result.add(1, {1, false, 15, 15});
  result.add(1, {2, false, 35, 35});
  return result;
}

struct Case {
  const char* name;
  Version asked;
  std::optional<Version> said;
  std::vector<Sight> seen;
  const char* wrong;  // "": nothing
};

}  // namespace

TEST_CASE("a read is right if there is one version at which all of it is true, not older than asked for and said") {
  const auto c = GENERATE(values<Case>({
      {"the latest", 40, 40, {{0, 4, 4}, {1, 2, 2}}, ""},
      {"nothing asked for, and an old state", 0, 20, {{0, 2, 4}, {1, 1, 2}}, ""},
      {"before the first change", 0, 5, {{0, kAbsent, 4}, {1, kAbsent, 2}}, ""},
      {"removed in between", 0, 30, {{0, kAbsent, 4}, {1, 2, 2}}, ""},
      {"newer than it says", 10, 10, {{0, 4, 4}}, ""},
      {"older than asked for", 20, 20, {{0, 1, 4}}, "too old"},
      {"older than it says", 0, 40, {{1, 1, 2}}, "too old"},
      {"says that it is older than asked for", 20, 19, {{0, 2, 4}}, "says that it is older"},
      {"lost", 40, 40, {{0, kAbsent, 4}}, "too old"},
      {"resurrected", 30, 30, {{0, 2, 4}}, "too old"},
      {"of two versions", 0, 10, {{0, 1, 4}, {1, 2, 2}}, "mixes versions"},
      {"never written", 0, 10, {{0, 9, 9}}, "never written"},
      {"not yet attempted", 0, 10, {{0, 4, 3}}, "too old"},
  }));
  INFO(c.name);
  const auto wrong = ledger().violation({.what = "read", .asked = c.asked, .said = c.said, .seen = c.seen});
  if (*c.wrong == '\0') {
    CHECK(wrong.value_or("") == "");
  } else {
    CHECK_THAT(wrong.value_or(""), Catch::Contains(c.wrong));
  }
}

TEST_CASE("a change that is not sure may be seen or not, until the next one that is sure") {
  Ledger history(1);
  history.add(0, {1, false, 10, 10});
  history.add(0, {2, false, 11, kForever, false});
  history.add(0, {3, false, 30, 30});
  const auto is_right = [&](Version asked, Index seen) {
    return !history.violation({.what = "read", .asked = asked, .seen = {{0, seen, 3}}}).has_value();
  };
  CHECK(is_right(20, 1));
  CHECK(is_right(20, 2));
  CHECK_FALSE(is_right(30, 1));
  CHECK_FALSE(is_right(30, 2));
  CHECK(is_right(30, 3));
}

}  // namespace quartermaster::history
