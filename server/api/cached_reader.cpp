// Reads from the caches.
#include "server/api/cached_reader.hpp"

#include <algorithm>
#include <boost/smart_ptr/make_local_shared.hpp>
#include <utility>

#include "model/resource_version.hpp"
#include "server/api/picker.hpp"

namespace quartermaster::api {
namespace {

using namespace std::chrono_literals;
using kubeapi::ShardPtr;
using model::Kind;

/// For a version to come by watch. Many never come that way, as they are those of other kinds: then the API server is
/// asked.
constexpr auto kPatience = 100ms;

/// How old what was current then is now.
std::chrono::seconds age_of(Clock::time_point as_of) {
  return std::chrono::floor<std::chrono::seconds>(Clock::now() - as_of);
}

const kubeapi::Store::Content& content_of(const kubeapi::Cache* cache) {
  static const kubeapi::Store::Content none;
  return cache != nullptr ? cache->store().content() : none;
}

/// For all items, with what fills their holes.
std::size_t room_for(const kubeapi::Shard& objects) {
  constexpr std::size_t kForHoles = 16;  // of each
  return objects.bytes() + kForHoles * objects.size();
}

Error not_synced(const kubeapi::Cache& cache) {
  return {.code = ErrorCode::unavailable,
          .message = std::string(model::info(cache.id().kind).resource) + " have not been read from the API server yet",
          .retry_after = 1s};
}

}  // namespace

Kind kind_of(Resource resource) {
  switch (resource) {
    case Resource::pods:
      return Kind::pod;
    case Resource::pvcs:
      return Kind::pvc;
    case Resource::storage_classes:
      return Kind::storage_class;
    case Resource::tenants:
      break;
  }
  return Kind::namespace_;
}

bool CachedReader::Source::not_older_than(std::string_view version) const {
  return !model::is_older(objects->store().version(), version) &&
         (quotas == nullptr || !model::is_older(quotas->store().version(), version));
}

bool CachedReader::Source::watching() const {
  return objects->status().watching && (quotas == nullptr || quotas->status().watching);
}

bool CachedReader::Source::exact() const {
  return objects->store().exact() && (quotas == nullptr || quotas->store().exact());
}

std::string CachedReader::Source::version() const {
  const auto& version = objects->store().version();
  if (quotas == nullptr || model::is_older(version, quotas->store().version())) return version;
  return quotas->store().version();
}

Clock::time_point CachedReader::Source::as_of() const {
  const auto now = Clock::now();
  const auto age = objects->age(now);
  return now - (quotas == nullptr ? age : std::max(age, quotas->age(now)));
}

std::chrono::seconds CachedReader::Source::age() const { return age_of(as_of()); }

Result<CachedReader::Source> CachedReader::source(Resource resource, std::string_view ns, std::string_view name,
                                                  const Freshness& freshness) const {
  if (freshness.bypass_cache) return Source{};
  Source source{.objects = caches_.find(kind_of(resource), ns)};
  if (resource == Resource::tenants) source.quotas = caches_.find(Kind::resource_quota, name);
  if (!source || (resource == Resource::tenants && source.quotas == nullptr)) return Source{};
  for (const auto* cache : {source.objects, source.quotas}) {
    if (cache == nullptr || cache->usable()) continue;
    if (cache->settled()) return Source{};
    return not_synced(*cache);
  }
  return source;
}

Task<Result<bool>> CachedReader::wait_for(Source source, std::string version, Call call) {
  if (!source.watching()) co_return false;
  call.deadline = std::min(call.deadline, Clock::now() + kPatience);
  for (auto* cache : {source.objects, source.quotas}) {
    if (cache == nullptr) continue;
    const auto waited = co_await cache->store().wait_for(version, call);
    if (waited) continue;
    if (waited.error().code == ErrorCode::timeout) co_return false;
    co_return waited.error();
  }
  // Meanwhile our rights may have been taken away.
  co_return source.objects->usable() && (source.quotas == nullptr || source.quotas->usable());
}

QuotasPtr CachedReader::pin_quotas(const Source& source) const {
  static const auto none = boost::make_local_shared<const kubeapi::Store::Content>();
  return source.quotas != nullptr ? snapshots_.pin(source.quotas->store()) : none;
}

Task<Result<ListAnswer>> CachedReader::list(Resource resource, ListRequest request, Call call) {
  const auto found = source(resource, request.ns, "", request.freshness);
  if (!found) co_return found.error();
  const auto& version = request.freshness.not_older_than;
  const auto position = position_of(request.continue_token);
  // Other tokens are the API server's.
  bool from_cache = *found && (request.continue_token.empty() || position);
  if (from_cache && !version.empty() && !position && !found->not_older_than(version)) {
    const auto waited = co_await wait_for(*found, version, call);
    if (!waited) co_return waited.error();
    from_cache = *waited;
  }
  // Whoever reads on does so at the version of the first part: on this replica or another, or from the API server.
  if (from_cache && request.limit > 0 && !found->exact()) from_cache = false;
  if (!from_cache) co_return co_await direct_.list(resource, std::move(request), std::move(call));

  snapshots_.drop_old(Clock::now());
  const auto& store = found->objects->store();
  if (resource == Resource::pvcs && request.selector.empty() && request.limit == 0 && !position) {
    auto answer = pinned_list(store.shard(request.ns));
    answer.resource_version = store.version();
    answer.age = found->age();
    co_return answer;
  }

  Snapshot from;
  from.objects = store.shard(request.ns);
  from.version = store.version();
  if (found->quotas != nullptr) from.quotas_version = found->quotas->store().version();
  from.as_of = found->as_of();
  bool is_current = true;
  if (position) {
    is_current = position->version == from.version && position->quotas_version == from.quotas_version;
    if (!is_current) {
      const auto* snapshot =
          snapshots_.find(resource, request.ns, position->version, position->quotas_version, Clock::now());
      if (snapshot == nullptr) co_return co_await direct_.list(resource, std::move(request), std::move(call));
      from = *snapshot;
    }
  }
  std::string after = position ? position->after : "";
  ListAnswer answer;
  std::string last;
  bool more = false;
  if (from.objects->bytes() <= kRenderedAtOnce) {
    const auto& quotas = from.quotas ? *from.quotas : content_of(found->quotas);
    const Filler filler(resource, *from.objects, quotas);
    Picker picker(filler, *from.objects, request.selector, request.limit, std::move(after));
    if (request.selector.empty() && request.limit == 0) answer.items.reserve(room_for(*from.objects));
    picker.render(answer.items, [] { return false; });
    answer.num = picker.num();
    answer.digest = picker.digest();
    more = picker.more();
    last = picker.last();
  } else {
    if (!from.quotas) from.quotas = pin_quotas(*found);
    const auto list = std::make_shared<const LargeList>(resource, from.objects, from.quotas, request.selector,
                                                        request.limit, std::move(after));
    auto rendered = co_await render_in_turns(list, render_lines_, call);
    if (!rendered) co_return rendered.error();
    answer = std::move(rendered->answer);
    more = rendered->more;
    last = std::move(rendered->last);
  }
  const bool older_quotas = resource == Resource::tenants && model::is_older(from.quotas_version, from.version);
  answer.resource_version = older_quotas ? from.quotas_version : from.version;
  answer.age = age_of(from.as_of);
  if (more) {
    answer.continue_token = to_token({from.version, from.quotas_version, last});
    if (is_current) {
      if (!from.quotas) from.quotas = pin_quotas(*found);
      snapshots_.keep(resource, request.ns, std::move(from), Clock::now());
    }
  }
  co_return answer;
}

Task<Result<ObjectAnswer>> CachedReader::get(Resource resource, std::string ns, std::string name, Freshness freshness,
                                             Call call) {
  const auto found = source(resource, ns, name, freshness);
  if (!found) co_return found.error();
  bool from_cache = static_cast<bool>(*found);
  if (from_cache && !freshness.not_older_than.empty() && !found->not_older_than(freshness.not_older_than)) {
    const auto waited = co_await wait_for(*found, freshness.not_older_than, call);
    if (!waited) co_return waited.error();
    from_cache = *waited;
  }
  if (!from_cache) {
    co_return co_await direct_.get(resource, std::move(ns), std::move(name), std::move(freshness), std::move(call));
  }

  const auto objects = found->objects->store().shard(ns);
  const auto record = objects->find(name);
  if (!record) co_return Error{ErrorCode::not_found, name + " is not found"};
  ObjectAnswer answer{.body = {}, .resource_version = found->version(), .age = found->age()};
  answer.body.reserve(record->dto.size() + 64);
  const Filler filler(resource, *objects, content_of(found->quotas));
  filler.append(answer.body, *record);
  co_return answer;
}

}  // namespace quartermaster::api
