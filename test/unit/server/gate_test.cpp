// Who is let in: with an API server that says what a case wants it to say, and a clock that stands still.
#include "server/auth/gate.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "server/auth/refusals.hpp"
#include "server/auth/standing_right.hpp"
#include "server/observe/log.hpp"
#include "test/support/run.hpp"

namespace quartermaster::auth {
namespace {

using namespace std::chrono_literals;
using model::AccessAttributes;

class FakeReviewer : public Reviewer {
 public:
  std::map<std::string, std::string> users = {{"good", "ann"}, {"other", "bob"}};  // by token
  std::set<std::string> forbidden;                                                 // a text in the review
  std::optional<Error> token_error, access_error;
  bool hang = false;
  std::vector<std::string> tokens, accesses;  // asked

  Task<Result<std::optional<model::UserInfo>>> review_token(std::string token, Call call) override {
    tokens.push_back(token);
    co_await wait(call);
    if (token_error) co_return *token_error;
    const auto found = users.find(token);
    if (found == users.end()) co_return std::optional<model::UserInfo>();
    co_return std::optional(model::UserInfo{.name = found->second});
  }

  Task<Result<Verdict>> review_access(std::string review, Call call) override {
    accesses.push_back(review);
    co_await wait(call);
    if (access_error) co_return *access_error;
    for (const auto& text : forbidden) {
      if (review.find(text) != std::string::npos) co_return Verdict::denied;
    }
    co_return Verdict::allowed;
  }

 private:
  Task<void> wait(Call call) {
    Timer timer(co_await asio::this_coro::executor);
    while (hang && call.remaining() > 0ns) {
      timer.expires_after(1ms);
      co_await timer.async_wait(asio::as_tuple(use_task));
    }
  }
};

const std::vector<AccessAttributes> kList = {{.verb = "list", .resource = "pods", .ns = "demo"}};
const std::vector<AccessAttributes> kTwo = {{.verb = "get", .resource = "pods", .ns = "demo", .name = "a"},
                                            {.verb = "list", .resource = "events", .ns = "demo"}};

struct Fixture {
  Fixture() { observe::set_log_level(observe::Level::off); }

  asio::io_context loop{1};
  FakeReviewer reviewer;
  Clock::time_point now{1000s};
  Clock::duration stale_max{};
  std::optional<Gate> made;

  Gate& gate() {
    if (!made) {
      GateOptions options;
      options.stale_max = stale_max;
      options.now = [this] { return now; };
      made.emplace(loop, reviewer, options);
    }
    return *made;
  }

  static Attempt attempt(std::string_view token, const std::vector<AccessAttributes>& actions, bool cached = false,
                         std::string_view peer = "10.0.0.1") {
    return {.bearer = {Bearer::State::given, token}, .peer = peer, .actions = actions, .cached_read = cached};
  }

  Task<Admission> enter(Attempt attempt, Call call) {
    auto admission = gate().admit_now(attempt);
    if (!admission) admission = co_await gate().admit(attempt, call);
    co_return std::move(*admission);
  }
  Admission enter(const Attempt& attempt) { return test::run(loop, enter(attempt, soon())); }
  static Call soon() { return {.deadline = Clock::now() + 60s}; }

  /// "ann", or the error's status word.
  std::string outcome(const Attempt& attempt) {
    const auto admission = enter(attempt);
    if (!admission.refusal) return admission.identity->user.name;
    switch (admission.refusal->code) {
      case ErrorCode::unauthorized:
        return "401";
      case ErrorCode::forbidden:
        return "403";
      case ErrorCode::too_many_requests:
        return "429";
      case ErrorCode::internal:
        return "500";
      case ErrorCode::unavailable:
        return admission.refusal->retry_after ? "503" : "503 without Retry-After";
      case ErrorCode::timeout:
        return "504";
      default:
        return "?";
    }
  }

  std::size_t asked() const { return reviewer.tokens.size() + reviewer.accesses.size(); }
};

Error error(ErrorCode code) { return {code, "what the API server said"}; }

TEST_CASE("Gate: whom the API server lets in is let in, and no other") {
  Fixture f;
  CHECK(f.outcome(Fixture::attempt("good", kList)) == "ann");
  CHECK(f.outcome(Fixture::attempt("bad", kList)) == "401");
  f.reviewer.forbidden = {R"("user":"bob")"};
  CHECK(f.outcome(Fixture::attempt("other", kList)) == "403");
  CHECK(f.outcome(Fixture::attempt("other", {})) == "bob");
  CHECK(f.outcome({.bearer = {}, .peer = "p", .actions = kList}) == "401");
  CHECK(f.outcome({.bearer = {Bearer::State::malformed}, .peer = "p", .actions = kList}) == "401");
}

TEST_CASE("Gate: all that is needed must be allowed, and a refusal says what is not") {
  Fixture f;
  f.reviewer.forbidden = {R"("resource":"events")"};
  const auto admission = f.enter(Fixture::attempt("good", kTwo));
  REQUIRE(admission.refusal);
  CHECK(admission.refusal->message ==
        R"(user "ann" cannot list resource "events" in API group "" in the namespace "demo")");
  CHECK(admission.identity->user.name == "ann");
}

TEST_CASE("Gate: a decision is kept for 10 seconds, yes and no alike, and no longer") {
  Fixture f;
  f.reviewer.forbidden = {R"("user":"bob")"};
  for (int i = 0; i < 3; ++i) {
    CHECK(f.outcome(Fixture::attempt("good", kList)) == "ann");
    CHECK(f.outcome(Fixture::attempt("other", kList)) == "403");
    CHECK(f.outcome(Fixture::attempt("bad", kList)) == "401");
  }
  CHECK(f.reviewer.tokens.size() == 3);
  CHECK(f.reviewer.accesses.size() == 2);
  CHECK(f.gate().counters().tokens.hits >= 6);

  f.now += 9999ms;
  f.reviewer.users.erase("good");
  f.reviewer.users["bad"] = "eve";
  CHECK(f.outcome(Fixture::attempt("good", kList)) == "ann");
  CHECK(f.outcome(Fixture::attempt("bad", kList)) == "401");
  f.now += 1ms;
  CHECK(f.outcome(Fixture::attempt("good", kList)) == "401");
  CHECK(f.outcome(Fixture::attempt("bad", kList)) == "eve");
}

TEST_CASE("Gate: a hit asks nobody") {
  Fixture f;
  CHECK_FALSE(f.gate().admit_now(Fixture::attempt("good", kTwo)));
  f.enter(Fixture::attempt("good", kTwo));
  const auto before = f.asked();
  const auto hit = f.gate().admit_now(Fixture::attempt("good", kTwo));
  REQUIRE(hit);
  CHECK_FALSE(hit->refusal);
  CHECK(f.asked() == before);
  // What differs in anything is another question.
  for (auto other :
       {AccessAttributes{.verb = "get", .resource = "pods", .ns = "demo", .name = "b"},
        AccessAttributes{.verb = "get", .resource = "pods", .ns = "dem", .name = "oa"},
        AccessAttributes{.verb = "get", .resource = "pods", .subresource = "log", .ns = "demo", .name = "a"},
        AccessAttributes{.verb = "get", .group = "x", .resource = "pods", .ns = "demo", .name = "a"},
        AccessAttributes{.verb = "delete", .resource = "pods", .ns = "demo", .name = "a"}}) {
    const std::vector<AccessAttributes> actions = {other};
    CHECK_FALSE(f.gate().admit_now(Fixture::attempt("good", actions)));
  }
}

TEST_CASE("Gate: the same question is asked once at a time, and goes on without the one who asked first") {
  Fixture f;
  f.reviewer.hang = true;
  std::stop_source leave;
  Call first = Fixture::soon();
  first.stop = leave.get_token();
  test::Running<Admission> a(f.loop, f.enter(Fixture::attempt("good", kList), first));
  test::Running<Admission> b(f.loop, f.enter(Fixture::attempt("good", kList), Fixture::soon()));
  Call impatient = Fixture::soon();
  impatient.deadline = Clock::now() + 5ms;
  test::Running<Admission> c(f.loop, f.enter(Fixture::attempt("good", kList), impatient));
  CHECK(c.get().refusal->code == ErrorCode::timeout);
  leave.request_stop();
  CHECK(a.get().refusal->code == ErrorCode::cancelled);
  CHECK_FALSE(b.done());
  f.reviewer.hang = false;
  const auto admission = b.get();
  CHECK_FALSE(admission.refusal);
  CHECK(f.reviewer.tokens.size() == 1);
  CHECK(f.reviewer.accesses.size() == 1);
}

TEST_CASE("Gate: errors let nobody in, and are not kept") {
  const auto [code, token_outcome, access_outcome] = GENERATE(table<ErrorCode, std::string, std::string>({
      {ErrorCode::unavailable, "503", "503"},
      {ErrorCode::timeout, "503", "503"},
      {ErrorCode::too_many_requests, "503", "503"},
      {ErrorCode::forbidden, "401", "500"},
      {ErrorCode::bad_gateway, "401", "500"},
      {ErrorCode::internal, "401", "500"},
  }));
  CAPTURE(static_cast<int>(code));
  Fixture f;
  f.reviewer.token_error = error(code);
  CHECK(f.outcome(Fixture::attempt("good", kList)) == token_outcome);
  CHECK(f.gate().counters().tokens.denied == (code == ErrorCode::forbidden));
  f.reviewer.token_error.reset();
  f.reviewer.access_error = error(code);
  CHECK(f.outcome(Fixture::attempt("good", kList)) == access_outcome);
  CHECK(f.gate().counters().accesses.denied == (code == ErrorCode::forbidden));
  f.reviewer.access_error.reset();
  CHECK(f.outcome(Fixture::attempt("good", kList)) == "ann");
  CHECK_FALSE(f.gate().counters().accesses.denied);
}

TEST_CASE("Gate: without --auth-stale-max no earlier yes counts") {
  Fixture f;
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "ann");
  f.reviewer.token_error = f.reviewer.access_error = error(ErrorCode::unavailable);
  f.now += 10s;
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "503");
}

TEST_CASE("Gate: an earlier yes serves cached reads while the API server cannot be reached") {
  Fixture f;
  f.stale_max = 60s;
  f.reviewer.forbidden = {R"("user":"bob")"};
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "ann");
  CHECK(f.outcome(Fixture::attempt("other", kList, true)) == "403");
  CHECK(f.outcome(Fixture::attempt("bad", kList, true)) == "401");
  f.reviewer.token_error = f.reviewer.access_error = error(ErrorCode::unavailable);
  f.now += 20s;
  const auto stale = f.enter(Fixture::attempt("good", kList, true));
  CHECK_FALSE(stale.refusal);
  CHECK(stale.age == Clock::duration(20s));
  CHECK(f.gate().counters().stale == 1);
  CHECK(f.gate().admit_now(Fixture::attempt("good", kList, true))->age == Clock::duration(20s));  // asks nobody, now
  CHECK(f.outcome(Fixture::attempt("good", kList, false)) == "503");                              // no cached read
  CHECK(f.outcome(Fixture::attempt("good", kTwo, true)) == "503");                                // never asked before
  CHECK(f.outcome(Fixture::attempt("other", kList, true)) == "503");                              // the no stays none
  CHECK(f.outcome(Fixture::attempt("bad", kList, true)) == "503");
  f.now += 39999ms;
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "ann");
  f.now += 1ms;
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "503");
}

TEST_CASE("Gate: an API server that is slow is not one that cannot be reached") {
  Fixture f;
  f.stale_max = 60s;
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "ann");
  f.now += 20s;
  f.reviewer.token_error = f.reviewer.access_error = error(ErrorCode::timeout);
  for (int i = 0; i < 2; ++i) CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "503");
  CHECK(f.gate().counters().stale == 0);
}

TEST_CASE("Gate: whoever is refused for want of an answer was not refused by one") {
  Fixture f;
  CHECK_FALSE(f.enter(Fixture::attempt("bad", kList)).undecided);
  f.reviewer.token_error = error(ErrorCode::forbidden);
  CHECK(f.enter(Fixture::attempt("good", kList)).undecided);
}

TEST_CASE("Gate: no more is asked than is told of who may not") {
  Fixture f;
  f.reviewer.forbidden = {"ann"};
  std::vector<std::string> names(1000);
  std::vector<AccessAttributes> actions;
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = "claim-" + std::to_string(i);
    actions.push_back({.verb = "delete", .resource = "pods", .ns = "demo", .name = names[i]});
  }
  CHECK(f.enter(Fixture::attempt("good", actions)).refusal->causes.size() == kMaxNames);
  CHECK(f.reviewer.accesses.size() < kMaxNames + 20);
}

TEST_CASE("Gate: as soon as the API server answers, what it says counts") {
  Fixture f;
  f.stale_max = 60s;
  f.enter(Fixture::attempt("good", kList, true));
  f.now += 20s;
  f.reviewer.token_error = error(ErrorCode::unavailable);
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "ann");
  f.reviewer.token_error.reset();
  f.reviewer.users.erase("good");
  f.now += 2s;
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "401");
  f.reviewer.token_error = error(ErrorCode::unavailable);
  f.now += 11s;
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) == "503");  // that yes is gone
}

TEST_CASE("Gate: an API server that answers anything is reached, so that no earlier yes counts") {
  const auto code = GENERATE(ErrorCode::too_many_requests, ErrorCode::bad_gateway, ErrorCode::forbidden);
  Fixture f;
  f.stale_max = 60s;
  f.enter(Fixture::attempt("good", kList, true));
  f.now += 20s;
  f.reviewer.token_error = error(code);
  CHECK(f.outcome(Fixture::attempt("good", kList, true)) != "ann");
}

TEST_CASE("Gate: one peer with unknown tokens does not keep another out") {
  Fixture f;
  f.reviewer.hang = true;
  std::vector<std::string> garbage;
  for (int i = 0; i < 200; ++i) garbage.push_back("garbage" + std::to_string(i));
  std::vector<std::unique_ptr<test::Running<Admission>>> running;
  std::size_t refused = 0;
  for (const auto& token : garbage) {
    running.push_back(
        std::make_unique<test::Running<Admission>>(f.loop, f.enter(Fixture::attempt(token, kList), Fixture::soon())));
  }
  test::run_until(f.loop, [&] { return running.back()->done(); });
  test::Running<Admission> honest(f.loop, f.enter(Fixture::attempt("good", kList, false, "10.0.0.2"), Fixture::soon()));
  test::run_until(f.loop, [&] { return f.reviewer.tokens.back() == "good"; });
  CHECK(f.reviewer.tokens.size() == 5);  // its share, and the honest one
  f.reviewer.hang = false;
  CHECK_FALSE(honest.get().refusal);
  for (auto& one : running) {
    const auto admission = one->get();
    REQUIRE(admission.refusal);
    if (admission.refusal->code == ErrorCode::too_many_requests) {
      ++refused;
      CHECK(admission.refusal->retry_after);
    } else {
      CHECK(admission.refusal->code == ErrorCode::unauthorized);
    }
  }
  CHECK(refused == 200 - 4 - 64);
  CHECK(f.gate().counters().tokens.limited == refused);
  CHECK(f.gate().counters().tokens.running == 0);
}

TEST_CASE("Gate: of many objects all that are denied are named") {
  Fixture f;
  const auto who = f.enter(Fixture::attempt("good", {})).identity;
  std::vector<std::string> names;
  for (int i = 0; i < 30; ++i) names.push_back("c" + std::to_string(i));
  std::vector<AccessAttributes> actions;
  for (const auto& name : names) actions.push_back({.verb = "delete", .resource = "pods", .ns = "demo", .name = name});
  CHECK_FALSE(test::run(f.loop, f.gate().check(who, actions, Fixture::soon())));
  f.now += 10s;
  f.reviewer.forbidden = {R"("name":"c3")", R"("name":"c29")"};
  const auto refusal = test::run(f.loop, f.gate().check(who, actions, Fixture::soon()));
  REQUIRE(refusal);
  CHECK(refusal->code == ErrorCode::forbidden);
  CHECK(refusal->message ==
        R"(user "ann" cannot delete resource "pods" in API group "" in the namespace "demo": c3, c29)");
  REQUIRE(refusal->causes.size() == 2);
  CHECK(refusal->causes[1].field == "c29");
}

TEST_CASE("Gate: what is kept is bounded") {
  Fixture f;
  std::vector<std::string> tokens;
  for (int i = 0; i < 9000; ++i) {
    const auto token = "t" + std::to_string(i);
    f.enter(Fixture::attempt(token, {}));
  }
  CHECK(f.gate().counters().tokens.kept == 8192);
}

TEST_CASE("Gate: a standing right is asked for anew when its decisions have had their time, and not before") {
  Fixture f;
  StandingRight right(f.gate(), {Bearer::State::given, "good"}, "10.0.0.1", kTwo, true);
  CHECK(right.due() <= Clock::now());
  const auto renew = [&] { return test::run(f.loop, right.renew(Fixture::soon())); };
  CHECK_FALSE(renew());
  CHECK(right.due() > Clock::now());
  CHECK(f.reviewer.tokens.size() == 1);
  f.now += 9s;
  CHECK_FALSE(renew());
  CHECK(f.reviewer.tokens.size() == 1);
  CHECK(f.reviewer.accesses.size() == 2);
  f.now += 1s;
  CHECK_FALSE(renew());
  CHECK(f.reviewer.tokens.size() == 2);
  CHECK(f.reviewer.accesses.size() == 4);
}

TEST_CASE("Gate: a standing right ends with the token, with the right, and when nobody can be asked") {
  Fixture f;
  StandingRight right(f.gate(), {Bearer::State::given, "good"}, "10.0.0.1", kTwo, true);
  REQUIRE_FALSE(test::run(f.loop, right.renew(Fixture::soon())));
  f.now += 10s;
  auto expected = ErrorCode::forbidden;
  SECTION("denied") { f.reviewer.forbidden = {"events"}; }
  SECTION("no token any more") {
    f.reviewer.users.clear();
    expected = ErrorCode::unauthorized;
  }
  SECTION("no answer") {
    f.reviewer.access_error = Error{ErrorCode::unavailable, "away"};
    expected = ErrorCode::unavailable;
  }
  const auto refusal = test::run(f.loop, right.renew(Fixture::soon()));
  REQUIRE(refusal);
  CHECK(refusal->code == expected);
}

TEST_CASE("Gate: an admission says until when its decisions count") {
  Fixture f;
  f.enter(Fixture::attempt("good", kTwo));
  f.now += 4s;
  CHECK(f.gate().admit_now(Fixture::attempt("good", kTwo))->until == f.now + 6s);
}

}  // namespace
}  // namespace quartermaster::auth
