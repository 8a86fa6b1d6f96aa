// Decisions, fresh or kept, and what follows from their absence.
#include "server/auth/gate.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "server/auth/refusals.hpp"
#include "server/observe/log.hpp"

namespace quartermaster::auth {
namespace {

using model::AccessAttributes;

/// After a question that did not reach the API server, for this long an earlier yes is taken without another one.
constexpr auto kOutage = std::chrono::seconds(1);
constexpr std::size_t kAhead = 8;  // questions under way for one request

bool is_yes(const IdentityPtr& identity) { return identity != nullptr; }
bool is_yes(Verdict verdict) { return verdict == Verdict::allowed; }

LookupOptions token_lookups(const GateOptions& options) {
  LookupOptions lookups;
  lookups.now = options.now;
  lookups.stop = options.stop;
  return lookups;
}

LookupOptions access_lookups(const GateOptions& options) {
  auto lookups = token_lookups(options);
  lookups.turns.running_of_one = kAhead;
  return lookups;
}

void append_part(std::string& key, std::string_view part) { key.append(part).push_back('\0'); }

LookupCounters with_sizes(LookupCounters counters, const Turns& turns, std::size_t kept) {
  counters.running = turns.running();
  counters.waiting = turns.waiting();
  counters.kept = kept;
  return counters;
}

}  // namespace

Gate::Gate(asio::io_context& loop, Reviewer& reviewer, const GateOptions& options)
    : reviewer_(reviewer),
      options_(options),
      tokens_(loop, token_lookups(options), "tokenreviews.authentication.k8s.io"),
      accesses_(loop, access_lookups(options), "subjectaccessreviews.authorization.k8s.io") {}

GateCounters Gate::counters() const {
  return {.tokens = with_sizes(tokens_.counters, tokens_.lookups.turns(), tokens_.lookups.size()),
          .accesses = with_sizes(accesses_.counters, accesses_.lookups.turns(), accesses_.lookups.size()),
          .stale = stale_};
}

/// A decision that still counts: with `stale` an earlier yes, too, whose age the admission then tells.
template <class Value>
const typename Lookups<Value>::Entry* Gate::find(Desk<Value>& desk, std::string_view key, bool stale,
                                                 Admission& admission) {
  const auto* entry = desk.lookups.find(key, stale ? std::max(options_.keep, options_.stale_max) : options_.keep);
  if (entry == nullptr) return nullptr;
  const auto age = options_.now() - entry->made;
  admission.until = std::min(admission.until, entry->made + options_.keep);
  if (age >= options_.keep) {
    if (!is_yes(entry->value)) return nullptr;
    admission.age = std::max(admission.age.value_or(age), age);
  }
  return entry;
}

/// No part holds a NUL: all are names that were checked, or ours.
std::string_view Gate::key_of(const Identity& identity, const AccessAttributes& action) {
  key_.assign(identity.digest);
  for (const auto part : {action.verb, action.group, action.resource, action.subresource, action.ns, action.name})
    append_part(key_, part);
  key_.append(action.path);
  return key_;
}

std::optional<Admission> Gate::admit_now(const Attempt& attempt) {
  Admission admission;
  if (attempt.bearer.state != Bearer::State::given) {
    admission.refusal = unauthenticated(attempt.bearer);
    return admission;
  }
  const bool stale = attempt.cached_read && in_outage();
  const auto* const who = find(tokens_, hash_(attempt.bearer.token), stale, admission);
  if (who == nullptr) return std::nullopt;
  ++tokens_.counters.hits;
  admission.identity = who->value;
  if (!who->value) {
    admission.refusal = unauthenticated(attempt.bearer);
    return admission;
  }
  for (const auto& action : attempt.actions) {
    const auto* const decision = find(accesses_, key_of(*admission.identity, action), stale, admission);
    if (decision == nullptr) return std::nullopt;
    ++accesses_.counters.hits;
    if (is_yes(decision->value)) continue;
    const std::array<const AccessAttributes*, 1> all = {&action};
    admission.refusal = denied(admission.identity->user, all);
    return admission;
  }
  if (admission.age) ++stale_;
  return admission;
}

Task<Admission> Gate::admit(Attempt attempt, Call call) {
  Admission admission;
  const bool stale = attempt.cached_read && options_.stale_max > Clock::duration::zero();
  const std::string key(hash_(attempt.bearer.token));
  const auto flight = look_up_token(attempt, key);
  const auto who = co_await settle(tokens_, key, flight, stale, admission, call);
  if (!who) {
    admission.refusal = flight ? authentication_failed(who.error()) : who.error();
    admission.undecided = true;
    co_return admission;
  }
  admission.identity = *who;
  if (!admission.identity) {
    admission.refusal = unauthenticated(attempt.bearer);
    co_return admission;
  }
  admission.refusal = co_await decide(attempt.actions, stale, admission, call);
  if (admission.age && !admission.refusal) ++stale_;
  co_return admission;
}

Task<std::optional<Error>> Gate::check(IdentityPtr identity, std::span<const AccessAttributes> actions, Call call) {
  Admission admission{.identity = std::move(identity)};
  co_return co_await decide(actions, false, admission, std::move(call));
}

/// The decisions on all of them, some asked for ahead of their turn.
Task<std::optional<Error>> Gate::decide(std::span<const AccessAttributes> actions, bool stale, Admission& admission,
                                        Call call) {
  std::vector<Lookups<Verdict>::FlightPtr> flights(actions.size());
  std::vector<const AccessAttributes*> refused;
  for (std::size_t i = 0, asked = 0; i < actions.size(); ++i) {
    for (; asked < std::min(actions.size(), i + kAhead); ++asked) {
      flights[asked] =
          look_up_access(*admission.identity, actions[asked], std::string(key_of(*admission.identity, actions[asked])));
    }
    const std::string key(key_of(*admission.identity, actions[i]));
    if (!flights[i]) flights[i] = look_up_access(*admission.identity, actions[i], key);
    const auto allowed = co_await settle(accesses_, key, flights[i], stale, admission, call);
    if (!allowed) co_return flights[i] ? authorization_failed(allowed.error()) : allowed.error();
    if (!is_yes(*allowed)) refused.push_back(&actions[i]);
    if (refused.size() == kMaxNames) break;  // no more are told
  }
  if (refused.empty()) co_return std::nullopt;
  co_return denied(admission.identity->user, refused);
}

/// What a question comes to, or what is known already. `flight` is null where there were too many.
template <class Value>
Task<Result<Value>> Gate::settle(Desk<Value>& desk, std::string key, typename Lookups<Value>::FlightPtr flight,
                                 bool stale, Admission& admission, Call call) {
  if (const auto* const known = find(desk, key, stale && in_outage(), admission)) {
    ++desk.counters.hits;
    co_return known->value;
  }
  if (!flight) {
    ++desk.counters.limited;
    co_return too_busy();
  }
  auto answer = co_await Flight<Value>::wait(flight, call);
  if (answer) {
    // It was asked for a moment ago: how long, the flight does not tell.
    admission.until = std::min(admission.until, options_.now() + options_.keep / 2);
    co_return answer;
  }
  const auto code = answer.error().code;
  // One that is slow can be reached: no earlier yes does for that. If it is a black hole, the circuit opens.
  if (code == ErrorCode::timeout && call.remaining() > Clock::duration::zero())
    co_return Error{ErrorCode::unavailable, "the API server does not answer"};
  if (code == ErrorCode::unavailable) {
    if (const auto* const earlier = find(desk, key, stale, admission)) co_return earlier->value;
  }
  co_return answer;
}

/// Null if there is nothing to ask, or too much.
Lookups<IdentityPtr>::FlightPtr Gate::look_up_token(const Attempt& attempt, const std::string& key) {
  if (tokens_.lookups.find(key, options_.keep) != nullptr) return nullptr;
  auto ask = [this, token = std::string(attempt.bearer.token)](Call call) { return ask_token(token, std::move(call)); };
  return tokens_.lookups.ask(key, std::string(attempt.peer), std::move(ask));
}

Lookups<Verdict>::FlightPtr Gate::look_up_access(const Identity& identity, const AccessAttributes& action,
                                                 const std::string& key) {
  if (accesses_.lookups.find(key, options_.keep) != nullptr) return nullptr;
  auto ask = [this, review = model::subject_access_review(identity.user, action)](Call call) {
    return ask_access(review, std::move(call));
  };
  return accesses_.lookups.ask(key, identity.digest, std::move(ask));
}

Task<Result<IdentityPtr>> Gate::ask_token(std::string token, Call call) {
  auto user = co_await reviewer_.review_token(std::move(token), std::move(call));
  Result<IdentityPtr> answer = IdentityPtr();
  if (!user) {
    answer = user.error();
  } else if (*user) {
    answer = identity_of(std::move(**user));
  }
  note(tokens_, answer);
  co_return answer;
}

Task<Result<Verdict>> Gate::ask_access(std::string review, Call call) {
  auto answer = co_await reviewer_.review_access(std::move(review), std::move(call));
  note(accesses_, answer);
  co_return answer;
}

IdentityPtr Gate::identity_of(model::UserInfo user) {
  std::string all;
  const auto add = [&all](std::string_view text) { all.append(std::to_string(text.size())).append(":").append(text); };
  add(user.name);
  add(user.uid);
  for (const auto& group : user.groups) add(group);
  for (const auto& [key, values] : user.extra) {
    all += '|';
    add(key);
    for (const auto& value : values) add(value);
  }
  std::string digest(hash_(all));
  return std::make_shared<const Identity>(Identity{std::move(user), std::move(digest)});
}

template <class Value>
void Gate::note(Desk<Value>& desk, const Result<Value>& answer) {
  if (answer) {
    ++(is_yes(*answer) ? desk.counters.yes : desk.counters.no);
    outage_until_ = Clock::time_point::min();
    desk.counters.denied = false;
    return told(desk.resource, desk.trouble, nullptr);
  }
  ++desk.counters.errors;
  const Error error = answer.error();
  if (error.code == ErrorCode::cancelled) return;
  const bool reached = error.code != ErrorCode::unavailable;
  outage_until_ = reached ? Clock::time_point::min() : options_.now() + kOutage;
  if (reached && error.code != ErrorCode::too_many_requests) told(desk.resource, desk.trouble, &error);
  desk.counters.denied = desk.trouble == Trouble::forbidden;
}

/// Says once in the log that there is trouble, and once that it is over.
void Gate::told(std::string_view resource, Trouble& before, const Error* error) {
  const auto now = error == nullptr                      ? Trouble::none
                   : error->code == ErrorCode::forbidden ? Trouble::forbidden
                                                         : Trouble::broken;
  if (std::exchange(before, now) == now) return;
  if (now == Trouble::none) {
    observe::log(observe::Level::info, "reviews work again", {{"resource", resource}});
  } else if (now == Trouble::forbidden) {
    observe::log(observe::Level::warning, "nobody is let in: our credentials lack a rule",
                 {{"verb", "create"}, {"resource", resource}, {"clusterRole", "system:auth-delegator"}});
  } else {
    observe::log(observe::Level::warning, "nobody is let in: reviews fail",
                 {{"resource", resource}, {"why", error->message}});
  }
}

}  // namespace quartermaster::auth
