// The rules of a reflector, one by one: what goes in, what it does, at which time.
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "kubeapi/reflector_machine.hpp"

namespace quartermaster::kubeapi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Actions in words: "begin, page v=0 limit=500".
struct Words {
  std::string operator()(const action::BeginList&) const { return "begin"; }
  std::string operator()(const action::DropList&) const { return "drop"; }
  std::string operator()(const action::EndList& a) const {
    return "end " + a.version + (a.understated ? " or later" : "");
  }
  std::string operator()(const action::Advance& a) const { return "advance " + a.version; }
  std::string operator()(const action::ListItem&) const { return "item"; }
  std::string operator()(const action::Put&) const { return "put"; }
  std::string operator()(const action::Remove&) const { return "remove"; }
  std::string operator()(const action::Hold&) const { return "hold"; }
  std::string operator()(const action::Release&) const { return "release"; }
  std::string operator()(const action::ReadPage& a) const {
    const auto& o = a.options;
    std::string text = "page";
    if (o.continue_token.empty()) text += " v=" + o.resource_version;
    if (o.continue_token.empty() && !o.resource_version_match.empty()) text += " " + o.resource_version_match;
    if (!o.continue_token.empty()) text += " continue=" + o.continue_token;
    // The API server refuses them together.
    if (!o.continue_token.empty()) CHECK(o.resource_version + o.resource_version_match == "");
    return text + (o.limit > 0 ? " limit=" + std::to_string(o.limit) : " all");
  }
  std::string operator()(const action::OpenWatch& a) const {
    return (a.options.send_initial_events ? "stream v=" : "watch v=") + a.options.resource_version;
  }
  std::string operator()(const action::Pause& a) const {
    return "pause " + std::to_string(std::chrono::duration_cast<milliseconds>(a.duration).count());
  }
  std::string operator()(const action::Synced&) const { return "synced"; }
  std::string operator()(const action::Denied& a) const { return "denied: " + a.message; }
  std::string operator()(const action::Lost& a) const { return "lost: " + a.why; }
  std::string operator()(const action::Regained&) const { return "regained"; }
  std::string operator()(const action::Remark& a) const { return "remark: " + a.what; }
};

ReflectorOptions paged() {
  ReflectorOptions options;
  options.stream_lists = false;
  return options;
}

WatchEvent event(EventType type, std::string version = "", std::string type_name = "") {
  WatchEvent made;
  made.type = type;
  made.version = std::move(version);
  made.type_name = std::move(type_name);
  return made;
}
WatchEvent added(std::string version) { return event(EventType::added, std::move(version)); }
WatchEvent modified(std::string version) { return event(EventType::modified, std::move(version)); }
WatchEvent deleted(std::string version) { return event(EventType::deleted, std::move(version)); }
WatchEvent bookmark(std::string version) { return event(EventType::bookmark, std::move(version)); }
WatchEvent initial_end(std::string version) {
  auto made = bookmark(std::move(version));
  made.ends_initial_events = true;
  return made;
}
WatchEvent error_event(Error error) {
  auto made = event(EventType::error);
  made.error = std::move(error);
  return made;
}

const Error kExpired{ErrorCode::expired, "too old"};
const Error kForbidden{ErrorCode::forbidden, "may not"};
const Error kRefused{ErrorCode::unavailable, "refused"};
const Error kBroken{ErrorCode::bad_gateway, "cut"};
const Error kInternal{ErrorCode::bad_gateway, "broken"};
const Error kTooLarge{ErrorCode::timeout, "Timeout: Too large resource version: 9, current: 8"};
const Error kTooLargeByCause{
    ErrorCode::timeout, "later", {{.field = "", .reason = "ResourceVersionTooLarge", .message = ""}}};

struct Machine {
  explicit Machine(ReflectorOptions options = paged()) : machine(options) {}

  /// What it does about the input.
  std::string operator()(const Input& input) {
    std::string text;
    for (const auto& action : machine.step(input, now, random)) {
      text += (text.empty() ? "" : ", ") + std::visit(Words{}, action);
    }
    return text;
  }
  std::string operator()(const WatchEvent& e) { return (*this)(input::Event{e}); }

  void pass(Clock::duration time) { now += time; }

  /// A list at `version`, and a watch that is open.
  Machine& watching(const std::string& version) {
    (*this)(input::Start{});
    (*this)(input::PageRead{version, ""});
    (*this)(input::WatchOpened{});
    return *this;
  }
  /// The same, streamed.
  Machine& streamed(const std::string& version) {
    (*this)(input::Start{});
    (*this)(input::WatchOpened{});
    (*this)(initial_end(version));
    return *this;
  }
  const ReflectorStatus& status() const { return machine.status(); }

  ReflectorMachine machine;
  Clock::time_point now = Clock::time_point(std::chrono::hours(1));
  double random = 0.5;
};

TEST_CASE("the first list may be of any version, a later one not older than what was seen", "[reflector_machine]") {
  Machine m;
  CHECK(m(input::Start{}) == "begin, page v=0 limit=500");
  CHECK(m(input::PageRead{"10", ""}) == "end 10, synced, watch v=10");
  m(input::WatchOpened{});
  CHECK(m(modified("12")) == "put");
  CHECK(m(error_event(kExpired)) == "begin, page v=12 NotOlderThan limit=500");
  CHECK(m(input::PageRead{"13", ""}) == "end 13, watch v=13");
  CHECK(m.status().lists == 2);
  CHECK(m.status().relists == 1);
}

TEST_CASE("pages follow each other, and the version goes with the first only", "[reflector_machine]") {
  Machine m;
  m(input::Start{});
  CHECK(m(input::PageRead{"10", "a"}) == "page continue=a limit=500");
  CHECK(m(input::PageRead{"10", "b"}) == "page continue=b limit=500");
  CHECK_FALSE(m.status().synced);
  CHECK(m(input::PageRead{"10", ""}) == "end 10, synced, watch v=10");
  CHECK(m.status().synced);
  CHECK(m.status().lists == 1);
}

TEST_CASE("pages that have expired are read again in one piece, without the fresh token", "[reflector_machine]") {
  Machine m;
  m(input::Start{});
  m(input::PageRead{"10", "a"});
  CHECK(m(input::ListFailed{kExpired}) == "drop, begin, page v=0 all");
  SECTION("which ends") { CHECK(m(input::PageRead{"20", ""}) == "end 20, synced, watch v=20"); }
  SECTION("which expires, too") {
    CHECK(m(input::ListFailed{kExpired}) == "drop, begin, page v= limit=500");
    CHECK(m(input::ListFailed{kExpired}) == "drop, lost: too old, pause 400");
    CHECK(m(input::PauseOver{}) == "begin, page v= limit=500");
  }
}

TEST_CASE("pages of different versions are no list", "[reflector_machine]") {
  Machine m;
  m(input::Start{});
  m(input::PageRead{"10", "a"});
  CHECK(m(input::PageRead{"11", ""}) == "drop, begin, page v=0 all");
}

TEST_CASE("a list without an end or a version is a failure", "[reflector_machine]") {
  Machine m;
  m(input::Start{});
  SECTION("a token that comes again") {
    m(input::PageRead{"10", "a"});
    CHECK(m(input::PageRead{"10", "a"}) ==
          "drop, lost: the API server's answer makes no sense: a list without an end, pause 400");
  }
  SECTION("no version") {
    const auto version = GENERATE(as<std::string>{}, "", "0");
    CHECK(m(input::PageRead{version, ""}) ==
          "drop, lost: the API server's answer makes no sense: a list without a version, pause 400");
  }
  CHECK(m(input::PauseOver{}) == "begin, page v=0 limit=500");
}

TEST_CASE("a version that is too old or too new is given up at once", "[reflector_machine]") {
  const auto error = GENERATE(kExpired, kTooLarge, kTooLargeByCause);
  Machine m;
  SECTION("of the first list") {
    m(input::Start{});
    CHECK(m(input::ListFailed{error}) == "drop, begin, page v= limit=500");
    CHECK(m(input::PageRead{"7", ""}) == "end 7, synced, watch v=7");
  }
  SECTION("of a later list") {
    m.watching("10");
    m(input::Garbage{kBroken});
    CHECK(m(input::PauseOver{}) == "begin, page v=10 NotOlderThan limit=500");
    CHECK(m(input::ListFailed{error}) == "drop, begin, page v= limit=500");
    CHECK(m(input::PageRead{"7", ""}) == "end 7, watch v=7");  // the API server may have gone back in time
    m(input::WatchOpened{});
    m(input::Garbage{kBroken});
    CHECK(m(input::PauseOver{}) == "begin, page v=7 NotOlderThan limit=500");
  }
  SECTION("of a streamed list") {
    Machine s{ReflectorOptions()};
    s(input::Start{});
    CHECK(s(input::WatchRefused{error}) == "drop, begin, stream v=");
    s(input::WatchOpened{});
    CHECK(s(error_event(error)) == "drop, lost: " + error.message + ", pause 400");
  }
}

TEST_CASE("a failed list is dropped, and the content stays", "[reflector_machine]") {
  Machine m;
  m.watching("10").pass(seconds(1));
  m(error_event(kExpired));
  m(input::PageRead{"12", "a"});
  CHECK(m(input::ListFailed{kInternal}) == "drop, lost: broken, pause 400");
  CHECK(m.status().synced);
  CHECK(m(input::PauseOver{}) == "begin, page v=10 NotOlderThan limit=500");
  CHECK(m(input::ListFailed{kInternal}) == "drop, pause 800");
  CHECK(m.status().failures == 2);
  m(input::PauseOver{});
  CHECK(m(input::PageRead{"13", ""}) == "end 13, watch v=13");
  CHECK_FALSE(m.status().watching);
  CHECK(m(input::WatchOpened{}) == "regained");
  CHECK(m.status().watching);
}

TEST_CASE("stopping drops a list that is under way", "[reflector_machine]") {
  Machine m;
  m(input::Start{});
  CHECK(m(input::Stop{}) == "drop");
  Machine watching;
  CHECK(watching.watching("10")(input::Stop{}) == "");
  CHECK_FALSE(watching.status().watching);
}

TEST_CASE("a watch lasts for a random time of 5 to 10 minutes", "[reflector_machine]") {
  const auto [random, timeout] = GENERATE(table<double, int>({{0, 300}, {0.5, 450}, {0.9999, 599}}));
  for (const bool stream : {false, true}) {
    ReflectorOptions options;
    options.stream_lists = stream;
    ReflectorMachine machine(options);
    auto actions = machine.step(input::Start{}, {}, random);
    if (!stream) actions = machine.step(input::PageRead{"10", ""}, {}, random);
    CHECK(std::get<action::OpenWatch>(actions.back()).options.timeout == seconds(timeout));
  }
}

TEST_CASE("a watch that ends goes on where it was, without a list", "[reflector_machine]") {
  Machine m;
  m.watching("10");
  CHECK(m(added("11")) == "put");
  CHECK(m(deleted("12")) == "remove");
  SECTION("properly") {
    CHECK(m(input::WatchEnded{}) == "watch v=12");
    CHECK(m.status().failures == 0);
  }
  SECTION("after some time without events") {
    m(input::WatchEnded{});
    m(input::WatchOpened{});
    m.pass(seconds(1));
    CHECK(m(input::WatchEnded{}) == "watch v=12");
    CHECK(m.status().failures == 0);
  }
  SECTION("as its connection broke") {
    m.pass(seconds(1));
    CHECK(m(input::WatchBroken{kBroken}) == "watch v=12");
    CHECK(m.status().failures == 1);
  }
  CHECK_FALSE(m.status().watching);
  CHECK(m(input::WatchOpened{}) == "");
  CHECK(m.status().watching);
  CHECK(m.status().watch_restarts >= 1);
  CHECK(m.status().lists == 1);
}

TEST_CASE("a watch under a second without events is a failure", "[reflector_machine]") {
  Machine m;
  m.watching("10");
  m.pass(milliseconds(999));
  CHECK(m(input::WatchEnded{}) == "lost: the API server's answer makes no sense: it ends watches at once, pause 400");
  CHECK(m(input::PauseOver{}) == "watch v=10");
  CHECK(m(input::WatchOpened{}) == "regained");
}

TEST_CASE("a connection that breaks within a second is a failure, whatever it brought", "[reflector_machine]") {
  Machine m;
  m.watching("10");
  m(added("11"));
  CHECK(m(input::WatchBroken{kBroken}) == "lost: cut, pause 400");
  CHECK(m(input::PauseOver{}) == "watch v=11");
}

TEST_CASE("what an error of a watch leads to", "[reflector_machine]") {
  struct Case {
    Error error;
    std::string then, after_pause;
  };
  const auto [error, then, after_pause] = GENERATE(values<Case>({
      {kExpired, "begin, page v=11 NotOlderThan limit=500", ""},
      {kTooLarge, "begin, page v= limit=500", ""},
      {kTooLargeByCause, "begin, page v= limit=500", ""},
      {kRefused, "lost: refused, pause 400", "watch v=11"},
      {{ErrorCode::timeout, "slow"}, "lost: slow, pause 400", "watch v=11"},
      {kForbidden, "denied: may not, pause 400", "watch v=11"},
      {kInternal, "lost: broken, pause 400", "begin, page v=11 NotOlderThan limit=500"},
      {{ErrorCode::bad_request, "bad"}, "lost: bad, pause 400", "begin, page v=11 NotOlderThan limit=500"},
      {{ErrorCode::not_found, "none"}, "lost: none, pause 400", "begin, page v=11 NotOlderThan limit=500"},
  }));
  CAPTURE(then);
  Machine m;
  m.watching("10");
  m(added("11"));
  SECTION("as an event") { CHECK(m(error_event(error)) == then); }
  SECTION("instead of a watch") {
    m(input::WatchEnded{});
    CHECK(m(input::WatchRefused{error}) == then);
  }
  CHECK_FALSE(m.status().watching);
  if (!after_pause.empty()) CHECK(m(input::PauseOver{}) == after_pause);
}

TEST_CASE("a watch that expires right after its list does not lead in circles", "[reflector_machine]") {
  Machine m;
  m.watching("10");
  CHECK(m(error_event(kExpired)) == "lost: too old, pause 400");
  CHECK(m(input::PauseOver{}) == "begin, page v= limit=500");
  m(input::PageRead{"12", ""});
  CHECK(m(input::WatchRefused{kExpired}) == "pause 800");
}

TEST_CASE("what makes no sense leads to a list, after a pause", "[reflector_machine]") {
  Machine m;
  m.watching("10");
  m(added("11"));
  CHECK(m(input::Garbage{{ErrorCode::bad_gateway, "garbage"}}) == "lost: garbage, pause 400");
  CHECK(m(input::PauseOver{}) == "begin, page v=11 NotOlderThan limit=500");
}

TEST_CASE("a bookmark moves the version only, and only on", "[reflector_machine]") {
  Machine m;
  m.watching("99");
  CHECK(m(bookmark("100")) == "advance 100");
  CHECK(m(bookmark("100")) == "");
  CHECK(m(bookmark("99")) == "");
  CHECK(m(input::WatchEnded{}) == "watch v=100");
  CHECK(m.status().events == 3);
}

TEST_CASE("an event that is not newer is taken, but does not move the version back", "[reflector_machine]") {
  Machine m;
  m.watching("100");
  CHECK(m(modified("99")) == "put");
  CHECK(m(input::WatchEnded{}) == "watch v=100");
}

TEST_CASE("events of an unknown type or about another kind are skipped, and told once", "[reflector_machine]") {
  Machine m;
  m.watching("10");
  CHECK(m(event(EventType::unknown, "", "NEW")) == "remark: skipped an event of the unknown type NEW");
  CHECK(m(event(EventType::unknown, "", "NEW")) == "");
  auto other = modified("12");
  other.kind_ok = false;
  CHECK(m(other) == "remark: skipped an event about another kind");
  CHECK(m(other) == "");
  CHECK(m(input::WatchEnded{}) == "watch v=10");
}

TEST_CASE("pauses double up to 30 s, are a random part of that, and begin anew after 2 quiet minutes",
          "[reflector_machine]") {
  Machine m;
  m.random = 0.25;
  m(input::Start{});
  std::vector<std::string> pauses;
  for (int i = 0; i < 8; ++i) {
    const auto did = m(input::ListFailed{kInternal});
    pauses.push_back(did.substr(did.rfind(' ') + 1));
    m.pass(seconds(119));
    m(input::PauseOver{});
  }
  CHECK(pauses == std::vector<std::string>{"200", "400", "800", "1600", "3200", "6400", "7500", "7500"});
  m.pass(seconds(1));
  CHECK(m(input::ListFailed{kInternal}) == "drop, pause 200");
}

TEST_CASE("the pause that the API server asks for is the least, up to a minute", "[reflector_machine]") {
  const auto [asked, pause] = GENERATE(table<int, std::string>({{0, "400"}, {7, "7000"}, {3600, "60000"}}));
  Error error = kRefused;
  error.retry_after = seconds(asked);
  Machine m;
  m(input::Start{});
  CHECK(m(input::ListFailed{error}) == "drop, lost: refused, pause " + pause);
}

TEST_CASE("what may not be listed is denied until a watch tells what has happened since", "[reflector_machine]") {
  Machine m;
  m(input::Start{});
  CHECK(m(input::ListFailed{kForbidden}) == "drop, denied: may not, pause 400");
  CHECK(m.status().denied);
  CHECK(m.status().denied_message == "may not");
  m(input::PauseOver{});
  CHECK(m(input::ListFailed{kForbidden}) == "drop, pause 800");  // told once
  m(input::PauseOver{});
  CHECK(m(input::ListFailed{kRefused}) == "drop, pause 1600");
  CHECK(m.status().denied);
  m(input::PauseOver{});
  CHECK(m(input::PageRead{"10", ""}) == "end 10, synced, watch v=10");
  CHECK(m(input::WatchRefused{kForbidden}) == "pause 3200");
  CHECK(m.status().denied);
  m(input::PauseOver{});
  CHECK(m(input::WatchOpened{}) == "");
  CHECK(m.status().denied);  // what happened since the list has yet to come
  SECTION("by an event") { CHECK(m(added("11")) == "regained, put"); }
  SECTION("by a bookmark") { CHECK(m(bookmark("11")) == "regained, advance 11"); }
  SECTION("by its end") {
    m.pass(seconds(1));
    CHECK(m(input::WatchEnded{}) == "regained, watch v=10");
  }
  CHECK_FALSE(m.status().denied);
  CHECK(m.status().denied_message == "");
}

TEST_CASE("what may be listed again is no longer denied when a watch follows", "[reflector_machine]") {
  Machine m;
  m(input::Start{});
  m(input::ListFailed{kForbidden});
  m(input::PauseOver{});
  m(input::PageRead{"10", ""});
  CHECK(m(input::WatchOpened{}) == "regained");
  CHECK_FALSE(m.status().denied);
}

// How old the content may be.

TEST_CASE("lists that fail, and watches that go on from nowhere, leave the content as old as it is",
          "[reflector_machine]") {
  const bool stream = GENERATE(false, true);
  ReflectorOptions options;
  options.stream_lists = stream;
  Machine m{options};
  if (stream)
    m.streamed("10");
  else
    m.watching("10");
  m(added("11"));
  const auto current = m.now;
  CHECK(m.status().last_current == current);
  m(input::WatchBroken{kBroken});
  m.pass(seconds(40));
  m(input::PauseOver{});
  m(input::WatchOpened{});
  CHECK(m.status().watching);
  CHECK(m.status().kept_up_from > m.now);
  m(error_event(kExpired));
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(m.status().watching);
    m.pass(seconds(1));
    if (m.machine.streaming()) {
      m(input::WatchOpened{});
      m(added("5"));
    } else {
      m(input::PageRead{"20", "more"});
    }
    m(input::ListFailed{kInternal});
    CHECK(m.status().last_current == current);
    m.pass(seconds(40));
    m(input::PauseOver{});
  }
}

TEST_CASE("the content is current with a whole list, and with each event", "[reflector_machine]") {
  Machine m;
  m(input::Start{});
  m.pass(seconds(1));
  m(input::PageRead{"10", "more"});
  CHECK(m.status().last_current == Clock::time_point{});
  m.pass(seconds(1));
  m(input::PageRead{"10", ""});
  CHECK(m.status().last_current == m.now);
  m(input::WatchOpened{});
  CHECK(m.status().kept_up_from == m.now);
  for (const auto& e : {added("11"), modified("12"), deleted("13"), bookmark("14")}) {
    m.pass(seconds(1));
    m(e);
    CHECK(m.status().last_current == m.now);
  }
  const auto current = m.now;
  m.pass(seconds(1));
  m(event(EventType::unknown, "", "NEW"));
  m(error_event(kInternal));
  CHECK(m.status().last_current == current);
}

TEST_CASE("a watch that lasts had gone on from our version", "[reflector_machine]") {
  Machine m;
  m.watching("10");
  m(added("11"));
  m.pass(seconds(1));
  m(input::WatchEnded{});
  CHECK(m.status().last_current == m.now);  // it would have told
  m.pass(seconds(5));
  m(input::WatchOpened{});
  const auto opened = m.now;
  CHECK(m.status().kept_up_from == opened + seconds(1));
  m.pass(seconds(60));
  m(input::WatchBroken{kBroken});
  CHECK(m.status().last_current == opened);  // nobody knows when it broke
}

TEST_CASE("what may no longer be watched is denied", "[reflector_machine]") {
  Machine m;
  m.watching("10");
  CHECK(m(input::WatchBroken{kBroken}) == "lost: cut, pause 400");
  m(input::PauseOver{});
  CHECK(m(input::WatchRefused{kForbidden}) == "denied: may not, pause 800");
  CHECK(m.status().denied);
  CHECK(m.status().synced);
}

// Streamed lists.

TEST_CASE("a list is streamed where the API server can", "[reflector_machine]") {
  Machine m{ReflectorOptions()};
  CHECK(m(input::Start{}) == "begin, stream v=0");
  CHECK(m(input::WatchOpened{}) == "");
  CHECK_FALSE(m.status().watching);
  CHECK(m(added("5")) == "item");
  CHECK(m(added("3")) == "item");
  CHECK(m.machine.streaming());
  CHECK(m(initial_end("10")) == "end 10, synced");
  CHECK_FALSE(m.machine.streaming());
  CHECK(m.status().watching);
  CHECK(m.status().events == 0);
  CHECK(m(modified("11")) == "put");
  CHECK(m(input::WatchEnded{}) == "watch v=11");
  m(input::WatchOpened{});
  CHECK(m.status().watch_restarts == 1);
  CHECK(m(error_event(kExpired)) == "begin, stream v=11");
}

TEST_CASE("what happens during a streamed list follows it", "[reflector_machine]") {
  Machine m{ReflectorOptions()};
  m(input::Start{});
  m(input::WatchOpened{});
  m(added("5"));
  m(added("9"));
  CHECK(m(modified("11")) == "hold");
  CHECK(m(added("12")) == "hold");
  CHECK(m(deleted("13")) == "hold");
  // The content is what it was at 9, or later: what is known to have happened since is put in afterwards.
  CHECK(m(initial_end("14")) == "end 9 or later, synced, hold, release");
  CHECK(m(modified("11")) == "put");
  CHECK(m(added("12")) == "put");
  CHECK(m(deleted("13")) == "remove");
  CHECK(m(initial_end("14")) == "advance 14");
  CHECK(m(input::WatchEnded{}) == "watch v=14");
}

TEST_CASE("a streamed list that only tells of a deletion", "[reflector_machine]") {
  Machine m{ReflectorOptions()};
  m(input::Start{});
  m(input::WatchOpened{});
  CHECK(m(deleted("13")) == "hold");
  CHECK(m(initial_end("14")) == "end 0 or later, synced, hold, release");
  CHECK(m(deleted("13")) == "remove");
  CHECK(m(initial_end("13")) == "advance 13");
}

TEST_CASE("an API server that refuses to stream a list is asked for pages for good", "[reflector_machine]") {
  const auto code = GENERATE(ErrorCode::bad_request, ErrorCode::invalid);
  const bool as_event = GENERATE(false, true);
  Machine m{ReflectorOptions()};
  m(input::Start{});
  if (as_event) m(input::WatchOpened{});
  const Error error{code, "no such thing"};
  const std::string then =
      "drop, remark: the API server does not stream lists, they are read in pages: no such thing, begin, page v=0 "
      "limit=500";
  CHECK((as_event ? m(error_event(error)) : m(input::WatchRefused{error})) == then);
  CHECK(m.status().failures == 0);
  m(input::PageRead{"10", ""});
  m(input::WatchOpened{});
  m.pass(seconds(1));
  CHECK(m(error_event(kExpired)) == "begin, page v=10 NotOlderThan limit=500");
}

TEST_CASE("an API server that does not know of streamed lists is asked for pages for good", "[reflector_machine]") {
  Machine m{ReflectorOptions()};
  m(input::Start{});
  m(input::WatchOpened{});
  m(added("5"));
  const std::string then =
      "drop, remark: the API server does not say where a streamed list ends: lists are read in pages, begin, page v=0 "
      "limit=500";
  SECTION("nothing follows the objects") { CHECK(m(input::Stalled{}) == then); }
  SECTION("changes, and then nothing") {
    m(modified("6"));
    CHECK(m(input::Stalled{}) == then);
  }
  SECTION("an ordinary bookmark follows") { CHECK(m(bookmark("6")) == then); }
  m(input::PageRead{"10", ""});
  m(input::WatchOpened{});
  m(input::Garbage{kBroken});
  CHECK(m(input::PauseOver{}) == "begin, page v=10 NotOlderThan limit=500");
}

TEST_CASE("an API server that has streamed lists before is not given up for one without an end",
          "[reflector_machine]") {
  Machine m{ReflectorOptions()};
  m.streamed("10");
  m(added("11"));
  CHECK(m(error_event(kExpired)) == "begin, stream v=11");
  m(input::WatchOpened{});
  CHECK(m(input::Stalled{}) == "drop, lost: the API server does not say where a streamed list ends, pause 400");
  CHECK(m(input::PauseOver{}) == "begin, page v=11 NotOlderThan limit=500");
  CHECK(m(input::PageRead{"12", ""}) == "end 12, watch v=12");
  m(input::WatchOpened{});
  m(added("13"));
  CHECK(m(error_event(kExpired)) == "begin, stream v=13");
}

TEST_CASE("a streamed list that breaks before its end is a failed list, and the next is in pages",
          "[reflector_machine]") {
  Machine m{ReflectorOptions()};
  m(input::Start{});
  m(input::WatchOpened{});
  m(added("5"));
  SECTION("it ends") {
    CHECK(m(input::WatchEnded{}) ==
          "drop, lost: the API server's answer makes no sense: a streamed list without an end, pause 400");
  }
  SECTION("it breaks") { CHECK(m(input::WatchBroken{kBroken}) == "drop, lost: cut, pause 400"); }
  SECTION("it makes no sense") { CHECK(m(input::Garbage{kBroken}) == "drop, lost: cut, pause 400"); }
  SECTION("an error comes") { CHECK(m(error_event(kInternal)) == "drop, lost: broken, pause 400"); }
  CHECK_FALSE(m.status().synced);
  CHECK(m(input::PauseOver{}) == "begin, page v=0 limit=500");
  CHECK(m(input::ListFailed{kInternal}) == "drop, pause 800");
  CHECK(m(input::PauseOver{}) == "begin, stream v=0");
}

TEST_CASE("a streamed list that is denied, or that nobody answers, is tried again", "[reflector_machine]") {
  const auto [error, then] = GENERATE(table<Error, std::string>(
      {{kForbidden, "drop, denied: may not, pause 400"}, {kRefused, "drop, lost: refused, pause 400"}}));
  Machine m{ReflectorOptions()};
  m(input::Start{});
  CHECK(m(input::WatchRefused{error}) == then);
  CHECK(m(input::PauseOver{}) == "begin, stream v=0");
  m(input::WatchOpened{});
  CHECK(m(initial_end("10")) == "end 10, synced, regained");
  CHECK_FALSE(m.status().denied);
}

TEST_CASE("an end that comes as time is up still counts", "[reflector_machine]") {
  Machine m{ReflectorOptions()};
  m.streamed("10").pass(seconds(10));
  CHECK(m(input::Stalled{}) == "watch v=10");
}

}  // namespace
}  // namespace quartermaster::kubeapi
