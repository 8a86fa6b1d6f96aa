// All caches of the program.
#include "kubeapi/cache.hpp"

#include <algorithm>

#include "kubeapi/spawn.hpp"
#include "model/resource_version.hpp"

namespace quartermaster::kubeapi {

Cache::Cache(Api& api, model::Kind kind, std::string ns, ReflectorObserver& observer, const ReflectorOptions& options)
    : store_(kind),
      reflector_(api, kind, std::move(ns), store_, observer, options),
      self_check_(api, reflector_.id(), store_,
                  [&observer](const ReflectorId& id, std::string_view what) { observer.differs(id, what); }) {}

Clock::duration Cache::age(Clock::time_point now) const {
  const auto& now_is = status();
  const bool kept_up = now_is.watching && now >= now_is.kept_up_from;
  return kept_up || !now_is.synced ? Clock::duration::zero()
                                   : std::max(now - now_is.last_current, Clock::duration::zero());
}

std::size_t Caches::count(const std::vector<std::string>& namespaces) {
  std::size_t count = 0;
  for (const auto& kind : model::kKinds) {
    if (kind.record != nullptr) count += kind.namespaced && !namespaces.empty() ? namespaces.size() : 1;
  }
  return count;
}

Caches::Caches(Api& api, const std::vector<std::string>& namespaces, ReflectorObserver& observer,
               const ReflectorOptions& options) {
  for (const auto& kind : model::kKinds) {
    if (kind.record == nullptr) continue;
    if (!kind.namespaced || namespaces.empty()) {
      caches_.push_back(std::make_unique<Cache>(api, kind.kind, "", observer, options));
      continue;
    }
    for (const auto& ns : namespaces) caches_.push_back(std::make_unique<Cache>(api, kind.kind, ns, observer, options));
  }
}

void Caches::start(asio::io_context& loop, Clock::duration self_check, const Call& call) {
  for (const auto& cache : caches_) {
    spawn(loop, cache->run(call));
    if (self_check > Clock::duration::zero()) spawn(loop, cache->check(self_check, call));
  }
}

Cache* Caches::find(model::Kind kind, std::string_view ns) const {
  for (const auto& cache : caches_) {
    const auto& id = cache->id();
    if (id.kind == kind && (id.ns.empty() || (!ns.empty() && id.ns == ns))) return cache.get();
  }
  return nullptr;
}

bool Caches::settled() const {
  return std::ranges::all_of(caches_, [](const auto& cache) { return cache->settled(); });
}

std::vector<CacheSummary> Caches::summaries(Clock::time_point now) const {
  std::vector<CacheSummary> all;
  for (const auto& cache : caches_) {
    const auto resource = model::info(cache->id().kind).resource;
    const bool first = all.empty() || all.back().resource != resource;
    if (first) all.push_back({.resource = resource, .resource_version = cache->store().version()});
    auto& summary = all.back();
    const auto& status = cache->status();
    const auto stats = cache->store().stats();
    summary.objects += stats.objects;
    summary.bytes += stats.bytes;
    if (model::is_older(cache->store().version(), summary.resource_version))
      summary.resource_version = cache->store().version();
    summary.age = std::max(summary.age, cache->age(now));
    summary.synced = summary.synced && status.synced;
    summary.denied = summary.denied || status.denied;
    summary.settled = summary.settled && cache->settled();
    summary.lists += status.lists;
    summary.relists += status.relists;
    summary.watch_restarts += status.watch_restarts;
    summary.events += status.events;
    summary.failures += status.failures;
    const auto& checks = cache->self_check();
    summary.self_check.compared += checks.compared;
    summary.self_check.skipped += checks.skipped;
    summary.self_check.different += checks.different;
  }
  return all;
}

}  // namespace quartermaster::kubeapi
