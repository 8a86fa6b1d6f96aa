// Delegated authentication and authorization: lets in whom the API server lets in, and nobody when it cannot be asked.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/auth/bearer.hpp"
#include "server/auth/counters.hpp"
#include "server/auth/keyed_hash.hpp"
#include "server/auth/lookups.hpp"
#include "server/auth/reviewer.hpp"

namespace quartermaster::auth {

struct GateOptions {
  GateOptions() = default;
  Clock::duration keep = std::chrono::seconds(10);  // a decision
  // While the API server cannot be reached, an earlier yes serves cached reads for so long; 0: not beyond `keep`.
  Clock::duration stale_max{};
  std::function<Clock::time_point()> now = Clock::now;
  std::stop_token stop = {};
};

/// A request, as far as the gate looks at it. Views: what they are of must outlive the admission.
struct Attempt {
  Bearer bearer;
  std::string_view peer;  // an address
  std::span<const model::AccessAttributes> actions;
  bool cached_read = false;  // an earlier yes may do: it will be answered from the cache or not at all
};

struct Admission {
  IdentityPtr identity = {};          // also of one who is refused, if known
  std::optional<Error> refusal = {};  // unauthorized, forbidden, too_many_requests, unavailable, timeout, internal
  bool undecided = false;             // refused for want of an answer, not for one
  std::optional<Clock::duration> age = {};             // of the oldest decision, where it is an earlier yes
  Clock::time_point until = Clock::time_point::max();  // the first of the decisions has had its time then
};

class Gate {
 public:
  /// `reviewer` must outlive it, and it what runs on the loop.
  Gate(asio::io_context& loop, Reviewer& reviewer, const GateOptions& options);

  /// From decisions that are there; nothing: the API server has to be asked.
  std::optional<Admission> admit_now(const Attempt& attempt);
  Task<Admission> admit(Attempt attempt, Call call);

  /// Whether one who was let in may do all of these, too: nothing, or the refusal, which names all that are denied.
  Task<std::optional<Error>> check(IdentityPtr identity, std::span<const model::AccessAttributes> actions, Call call);

  GateCounters counters() const;

 private:
  enum class Trouble { none, forbidden, broken };
  template <class Value>
  struct Desk {
    Desk(asio::io_context& loop, const LookupOptions& options, std::string_view what)
        : lookups(loop, options), resource(what) {}
    Lookups<Value> lookups;
    std::string_view resource;  // of the reviews
    LookupCounters counters = {};
    Trouble trouble = Trouble::none;
  };
  template <class Value>
  const typename Lookups<Value>::Entry* find(Desk<Value>& desk, std::string_view key, bool stale, Admission& admission);
  template <class Value>
  Task<Result<Value>> settle(Desk<Value>& desk, std::string key, typename Lookups<Value>::FlightPtr flight, bool stale,
                             Admission& admission, Call call);
  template <class Value>
  void note(Desk<Value>& desk, const Result<Value>& answer);
  void told(std::string_view resource, Trouble& before, const Error* error);

  Task<Result<IdentityPtr>> ask_token(std::string token, Call call);
  Task<Result<Verdict>> ask_access(std::string review, Call call);
  Lookups<IdentityPtr>::FlightPtr look_up_token(const Attempt& attempt, const std::string& key);
  Lookups<Verdict>::FlightPtr look_up_access(const Identity& identity, const model::AccessAttributes& action,
                                             const std::string& key);
  std::string_view key_of(const Identity& identity, const model::AccessAttributes& action);
  IdentityPtr identity_of(model::UserInfo user);
  bool in_outage() const { return options_.stale_max > Clock::duration::zero() && options_.now() < outage_until_; }

  Task<std::optional<Error>> decide(std::span<const model::AccessAttributes> actions, bool stale, Admission& admission,
                                    Call call);

  Reviewer& reviewer_;
  const GateOptions options_;
  KeyedHash hash_;
  std::string key_;  // the last one
  Desk<IdentityPtr> tokens_;
  Desk<Verdict> accesses_;
  Clock::time_point outage_until_ = Clock::time_point::min();
  std::uint64_t stale_ = 0;
};

}  // namespace quartermaster::auth
