// A list+watch cache: a store, and the reflector that fills it. And all caches of the program.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kubeapi/reflector.hpp"
#include "kubeapi/self_check.hpp"
#include "kubeapi/store.hpp"

namespace quartermaster::kubeapi {

class Cache {
 public:
  /// All objects of a kind, or (`ns` not "") those of a namespace.
  Cache(Api& api, model::Kind kind, std::string ns, ReflectorObserver& observer, const ReflectorOptions& options);

  Task<void> run(Call call) { return reflector_.run(std::move(call)); }
  /// Compares the content with the API server's again and again; differences are told to the observer.
  Task<void> check(Clock::duration interval, Call call) { return self_check_.run(interval, std::move(call)); }

  const ReflectorId& id() const { return reflector_.id(); }
  const ReflectorStatus& status() const { return reflector_.status(); }
  Store& store() { return store_; }
  const Store& store() const { return store_; }
  const SelfCheck::Counters& self_check() const { return self_check_.counters(); }

  /// There is content, and it is kept up as well as the API server lets it. Otherwise reads go to the API server.
  bool usable() const { return status().synced && !status().denied; }
  /// Usable, or known not to become so for lack of rights.
  bool settled() const { return status().synced || status().denied; }
  /// How old the content may be: nothing while a watch keeps it up, else the time since it was known to be current.
  Clock::duration age(Clock::time_point now) const;

 private:
  Store store_;
  Reflector reflector_;
  SelfCheck self_check_;
};

/// What there is to know of the caches of one kind, all namespaces together.
struct CacheSummary {
  std::string_view resource;  // "pods"
  std::size_t objects = 0;
  std::size_t bytes = 0;         // of memory
  std::string resource_version;  // the oldest
  Clock::duration age{};         // the greatest
  bool synced = true;            // all are
  bool denied = false;           // some are
  bool settled = true;           // all are
  std::uint64_t lists = 0, relists = 0, watch_restarts = 0, events = 0, failures = 0;
  SelfCheck::Counters self_check = {};
};

class Caches {
 public:
  /// For all kinds that model/kinds.hpp says are cached: cluster-wide, or, of those that have namespaces, only of
  /// `namespaces` where there are any.
  Caches(Api& api, const std::vector<std::string>& namespaces, ReflectorObserver& observer,
         const ReflectorOptions& options = {});
  /// None: all reads go to the API server.
  Caches() = default;

  /// How many there are for these namespaces: each keeps a connection to the API server busy.
  static std::size_t count(const std::vector<std::string>& namespaces);

  /// Each runs on the loop until `call.stop`, and checks itself every `self_check`, unless that is 0.
  void start(asio::io_context& loop, Clock::duration self_check, const Call& call);

  /// The cache that has all objects of the kind in the namespace (`ns` "": in all); null if there is none.
  Cache* find(model::Kind kind, std::string_view ns) const;
  std::span<const std::unique_ptr<Cache>> all() const { return caches_; }
  bool settled() const;
  /// One for each kind, in the order of the list of kinds.
  std::vector<CacheSummary> summaries(Clock::time_point now) const;

 private:
  std::vector<std::unique_ptr<Cache>> caches_;
};

}  // namespace quartermaster::kubeapi
