// Decisions by key: from the cache or, one question at a time for each key, from the API server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kubeapi/spawn.hpp"
#include "server/auth/decision_cache.hpp"
#include "server/auth/flight.hpp"
#include "server/auth/turns.hpp"

namespace quartermaster::auth {

struct LookupOptions {
  LookupOptions() = default;
  std::size_t capacity = 8192;
  Clock::duration time_limit = std::chrono::seconds(5);  // of one question
  Turns::Limits turns = {};
  std::function<Clock::time_point()> now = Clock::now;
  std::stop_token stop = {};  // ends what is under way
};

template <class Value>
class Lookups {
 public:
  using Entry = typename DecisionCache<Value>::Entry;
  using FlightPtr = std::shared_ptr<Flight<Value>>;
  /// Asks the API server. Not a coroutine itself, but what calls one.
  using Ask = std::function<Task<Result<Value>>(Call)>;

  Lookups(asio::io_context& loop, LookupOptions options)
      : loop_(loop), options_(std::move(options)), cache_(options_.capacity), turns_(options_.turns) {}

  /// Not older than `max_age`, or null. Valid until the loop goes on.
  const Entry* find(std::string_view key, Clock::duration max_age) { return cache_.find(key, options_.now(), max_age); }

  /// Asks, or joins those who wait for the answer already. Null: too many are asking, or `who` alone is.
  FlightPtr ask(const std::string& key, const std::string& who, Ask question) {
    if (const auto found = under_way_.find(key); found != under_way_.end()) return found->second;
    auto flight = std::make_shared<Flight<Value>>();
    under_way_.emplace(key, flight);
    auto start = [this, key, who, flight, question = std::move(question)] {
      spawn(loop_, run(*this, key, who, flight, question));
    };
    if (turns_.submit(who, std::move(start))) return flight;
    under_way_.erase(key);
    return nullptr;
  }

  const Turns& turns() const { return turns_; }
  std::size_t size() const { return cache_.size(); }

 private:
  static Task<void> run(Lookups& self, std::string key, std::string who, FlightPtr flight, Ask question) {
    const auto asked = self.options_.now();
    const Call call{.deadline = Clock::now() + self.options_.time_limit, .stop = self.options_.stop};
    Result<Value> answer = Error{ErrorCode::internal, "internal error"};
    try {
      answer = co_await question(call);
    } catch (const std::exception&) {  // a bug: an error like any other, so that nobody waits for ever
    }
    if (answer) self.cache_.put(key, *answer, asked);
    self.under_way_.erase(key);
    self.turns_.finished(who);
    flight->land(std::move(answer));
  }

  asio::io_context& loop_;
  LookupOptions options_;
  DecisionCache<Value> cache_;
  Turns turns_;
  std::unordered_map<std::string, FlightPtr> under_way_;  // those in line, too
};

}  // namespace quartermaster::auth
