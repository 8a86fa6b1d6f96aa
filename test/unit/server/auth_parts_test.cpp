// The parts of the gate: the header, the keyed hash, the cache, the turns.
#include <catch2/catch.hpp>

#include "server/auth/bearer.hpp"
#include "server/auth/decision_cache.hpp"
#include "server/auth/keyed_hash.hpp"
#include "server/auth/turns.hpp"

namespace quartermaster::auth {
namespace {

using namespace std::chrono_literals;
using State = Bearer::State;

// The header

TEST_CASE("A bearer token is a b64token behind its scheme") {
  const auto [value, state, token] = GENERATE(table<std::string, State, std::string>({
      {"Bearer abc", State::given, "abc"},
      {"bearer abc", State::given, "abc"},
      {"BEARER   abc", State::given, "abc"},
      {"Bearer aZ09-._~+/==", State::given, "aZ09-._~+/=="},
      {"Bearer " + std::string(12 << 10, 'x'), State::given, std::string(12 << 10, 'x')},
      {"Bearer " + std::string((12 << 10) + 1, 'x'), State::malformed, ""},
      {"Bearer", State::malformed, ""},
      {"Bearer ", State::malformed, ""},
      {"Bearer ==", State::malformed, ""},
      {"Bearer a=b", State::malformed, ""},
      {"Bearer a b", State::malformed, ""},
      {"Bearer a,b", State::malformed, ""},
      {"Bearer a\"", State::malformed, ""},
      {"Bearer \u00e4", State::malformed, ""},
      {"Bearerabc", State::malformed, ""},
      {"Basic dTpw", State::malformed, ""},
      {"abc", State::malformed, ""},
      {"", State::malformed, ""},
  }));
  CAPTURE(value);
  http::Message message{http::Verb::get, "/", 11};
  message.set(http::Field::authorization, value);
  const auto bearer = bearer_of(message);
  CHECK(bearer.state == state);
  CHECK(bearer.token == token);
}

TEST_CASE("No header is no token, and two are none either") {
  http::Message message{http::Verb::get, "/", 11};
  CHECK(bearer_of(message).state == State::none);
  message.insert(http::Field::authorization, "Bearer a");
  message.insert(http::Field::authorization, "Bearer a");
  CHECK(bearer_of(message).state == State::malformed);
}

// The keyed hash

TEST_CASE("A keyed hash tells texts apart, and is another one in each process") {
  KeyedHash hash, other;
  const std::string a(hash("a")), b(hash("b"));
  CHECK(a.size() == 32);
  CHECK(a != b);
  CHECK(hash("a") == a);
  CHECK(other("a") != a);
  const std::string longer(hash(std::string(5000, 'a')));
  CHECK(hash(std::string(5001, 'a')) != longer);
  CHECK(longer.find("aaaaaaaa") == std::string::npos);  // one letter is in one of eight hashes, by chance
}

// The cache

TEST_CASE("A decision counts for its time, yes and no alike") {
  DecisionCache<bool> cache(4);
  const Clock::time_point start{100s};
  cache.put("yes", true, start);
  cache.put("no", false, start);
  CHECK(cache.find("yes", start + 9999ms, 10s)->value);
  CHECK_FALSE(cache.find("no", start + 9999ms, 10s)->value);
  CHECK(cache.find("yes", start + 10s, 10s) == nullptr);
  CHECK(cache.find("no", start + 10s, 10s) == nullptr);
  CHECK(cache.find("other", start, 10s) == nullptr);
  CHECK(cache.find("yes", start + 10s, 60s)->made == start);
}

TEST_CASE("A newer decision replaces an older one, never the other way round") {
  DecisionCache<bool> cache(4);
  const Clock::time_point start{100s};
  cache.put("a", true, start);
  cache.put("a", false, start + 5s);
  CHECK_FALSE(cache.find("a", start + 5s, 10s)->value);
  cache.put("a", true, start + 1s);
  CHECK_FALSE(cache.find("a", start + 5s, 10s)->value);
  CHECK(cache.size() == 1);
}

TEST_CASE("Of too many decisions the one that was not used for longest goes") {
  DecisionCache<int> cache(3);
  const Clock::time_point now{100s};
  for (const int i : {1, 2, 3}) cache.put(std::to_string(i), i, now);
  REQUIRE(cache.find("1", now, 10s) != nullptr);
  cache.put("4", 4, now);
  CHECK(cache.size() == 3);
  CHECK(cache.find("2", now, 10s) == nullptr);
  for (const int i : {1, 3, 4}) CHECK(cache.find(std::to_string(i), now, 10s)->value == i);
  for (int i = 0; i < 1000; ++i) cache.put("x" + std::to_string(i), i, now);
  CHECK(cache.size() == 3);
}

// Turns

struct Started {
  Turns turns{{.running = 3, .running_of_one = 2, .waiting = 4, .waiting_of_one = 3}};
  std::vector<std::string> order = {};

  bool submit(const std::string& who, const std::string& what) {
    return turns.submit(who, [this, what] { order.push_back(what); });
  }
};

TEST_CASE("One who asks much fills its own share only") {
  Started started;
  for (const std::string n : {"1", "2", "3", "4", "5"}) CHECK(started.submit("greedy", "g" + n));
  CHECK_FALSE(started.submit("greedy", "g6"));
  CHECK(started.order == std::vector<std::string>{"g1", "g2"});
  CHECK(started.submit("honest", "h1"));
  CHECK(started.order.back() == "h1");
  CHECK(started.submit("honest", "h2"));  // all three are running
  CHECK(started.turns.waiting() == 4);
  CHECK_FALSE(started.submit("late", "l1"));  // the line is full
  started.turns.finished("honest");
  CHECK(started.order.back() == "h2");  // although g3 came earlier
  started.turns.finished("greedy");
  CHECK(started.order.back() == "g3");
  CHECK(started.turns.running() == 3);
}

TEST_CASE("In the end nothing is left") {
  Started started;
  for (const std::string n : {"1", "2", "3"}) CHECK(started.submit("a", "a" + n));
  CHECK(started.submit("b", "b1"));
  for (int i = 0; i < 3; ++i) started.turns.finished("a");
  started.turns.finished("b");
  CHECK(started.turns.running() == 0);
  CHECK(started.turns.waiting() == 0);
  CHECK(started.order.size() == 4);
}

TEST_CASE("What ends at once may end before its submission returns") {
  Turns turns{{.running = 1, .running_of_one = 1, .waiting = 10, .waiting_of_one = 10}};
  int ran = 0;
  const auto at_once = [&] {
    ++ran;
    turns.finished("a");
  };
  CHECK(turns.submit("b", [] {}));
  for (int i = 0; i < 3; ++i) CHECK(turns.submit("a", at_once));
  turns.finished("b");
  CHECK(ran == 3);
  CHECK(turns.running() == 0);
}

}  // namespace
}  // namespace quartermaster::auth
