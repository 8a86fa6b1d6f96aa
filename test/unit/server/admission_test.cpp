// Who gets a place, as tables: no socket, no clock.
#include "server/http/admission.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

namespace quartermaster::test {
namespace {

using http::Admission;

/// Asks once for each letter, keeping what it gets: '+' got a place, 'c' the caller had its share, 'f' all were taken.
/// A capital letter gives back one of that caller's.
std::string play(Admission& admission, std::string_view asks) {
  std::map<char, std::vector<Admission::Place>> places;
  std::string got;
  for (const char ask : asks) {
    if (ask >= 'A' && ask <= 'Z') {
      places[static_cast<char>(ask - 'A' + 'a')].pop_back();
      continue;
    }
    const auto before = admission.counts();
    auto place = admission.admit(std::string(1, ask));
    const auto& after = admission.counts();
    CHECK(after.taken == before.taken + (place ? 1 : 0));
    got += place                                                  ? '+'
           : after.refused_full > before.refused_full             ? 'f'
           : after.refused_for_caller > before.refused_for_caller ? 'c'
                                                                  : '?';
    if (place) places[ask].push_back(std::move(*place));
  }
  return got;
}

TEST_CASE("A caller may have as many as are left free", "[admission]") {
  const auto [in_all, per_caller, asks, expected] = GENERATE(table<std::size_t, std::size_t, std::string, std::string>({
      {1, 9, "aab", "+ff"},
      {2, 9, "aab", "+c+"},
      {4, 9, "aaa", "++c"},          // half for one
      {6, 9, "aabbabc", "++++cc+"},  // a third each for two, and room for one more
      {8, 9,
       "aaaaa"
       "bbb"
       "cc"
       "d",
       "++++c"
       "++c"
       "+c"
       "+"},
      {4, 9, "aabcd", "++++f"},
      {4, 9, "aaAaa", "+++c"},  // what is given back can be had again
      {4, 9, "aabcAAd", "+++++"},
      {4, 9, "aabBa", "+++c"},
      {9, 2, "aaabbb", "++c++c"},  // the other limit
  }));
  CAPTURE(in_all, asks);
  Admission admission("requests", {.in_all = in_all, .per_caller = per_caller});
  CHECK(play(admission, asks) == expected);
  CHECK(admission.counts().taken == 0);  // all has been given back
}

TEST_CASE("Who is refused is told why, and to come back", "[admission]") {
  Admission admission("streams", {.in_all = 2});
  const auto first = admission.admit("a");
  REQUIRE(first.has_value());
  const auto second = admission.admit("a");
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::too_many_requests);
  CHECK(second.error().message == "too many streams at once from this caller");
  const auto other = admission.admit("b");
  REQUIRE(other.has_value());
  CHECK(admission.admit("c").error().message == "too many streams at once in all");
}

TEST_CASE("Places can be of different sizes", "[admission]") {
  Admission admission("bytes", {.in_all = 100});
  CHECK_FALSE(admission.admit("a", 51).has_value());  // more than a caller can ever have
  CHECK(admission.counts().refused_for_caller == 1);
  auto half = admission.admit("a", 50);
  REQUIRE(half.has_value());
  CHECK_FALSE(admission.admit("a", 1).has_value());
  const auto other = admission.admit("b", 25);
  REQUIRE(other.has_value());
  CHECK_FALSE(admission.admit("b", 1).has_value());
  CHECK_FALSE(admission.admit("c", 26).has_value());
  CHECK(admission.counts().refused_full == 1);
  half->release();
  CHECK(admission.counts().taken == 25);
  CHECK(admission.admit("b", 12).has_value());
}

TEST_CASE("A place is given back once, whoever holds it", "[admission]") {
  auto admission = std::make_unique<Admission>("requests", Admission::Limits{.in_all = 9});
  auto one = admission->admit("a").value();
  auto other = std::move(one);
  CHECK(admission->counts().taken == 1);
  one.release();  // NOLINT(bugprone-use-after-move): that is what is looked at
  CHECK(admission->counts().taken == 1);
  other = admission->admit("b").value();
  CHECK(admission->counts().taken == 1);
  other.release();
  other.release();
  CHECK(admission->counts().taken == 0);
  other = admission->admit("c").value();
  admission.reset();  // before what was admitted has ended
}

}  // namespace
}  // namespace quartermaster::test
