// Reads from the caches.
#include "server/api/cached_reader.hpp"

#include <algorithm>
#include <utility>

#include "model/pod.hpp"
#include "model/resource_version.hpp"
#include "model/storage_class.hpp"
#include "model/tenant.hpp"

namespace quartermaster::api {
namespace {

using namespace std::chrono_literals;
using kubeapi::ShardPtr;
using model::Kind;
using model::RecordView;

/// For a version to come by watch. Many never come that way, as they are those of other kinds: then the API server is
/// asked.
constexpr auto kPatience = 100ms;

using Content = kubeapi::Store::Content;

/// Fills the holes of records, as of now.
class Filler {
 public:
  /// `all` are those of the kind, `quotas` those of tenants.
  Filler(Resource resource, const kubeapi::Shard& all, const Content& quotas) : resource_(resource), quotas_(quotas) {
    if (resource != Resource::storage_classes) return;
    all.for_each("", [this](const RecordView& record) {
      effective_default_.add(record);
      return true;
    });
  }

  void append(std::string& out, const RecordView& record) const {
    model::append_filled(out, record, [&](std::string& to, std::size_t hole) {
      switch (resource_) {
        case Resource::pods:
          return model::append_age(to, record.facts, now_);
        case Resource::storage_classes:
          to += effective_default_.name() == record.name ? "true" : "false";
          return;
        case Resource::tenants:
          return append_quotas(to, record.name, hole);
        case Resource::pvcs:
          return;
      }
    });
  }

 private:
  void append_quotas(std::string& out, std::string_view ns, std::size_t hole) const {
    const auto quotas = quotas_.find(ns);
    if (quotas == quotas_.end()) return;
    quotas->second->for_each("", [&](const RecordView& quota) {
      model::append_quota(out, quota, hole);
      return true;
    });
  }

  Resource resource_;
  const Content& quotas_;
  model::EffectiveDefault effective_default_;
  Timestamp now_ = std::chrono::system_clock::now();
};

/// All of it as it lies there: nothing has holes.
ListAnswer pinned_list(const ShardPtr& shard) {
  ListAnswer answer;
  answer.num = shard->size();
  answer.digest = shard->digest();
  answer.pinned.pieces.reserve(shard->pages().size());
  for (const auto& page : shard->pages()) answer.pinned.pieces.push_back(page->bytes());
  if (!answer.pinned.pieces.empty()) answer.pinned.pieces.front().remove_prefix(1);  // its comma
  answer.pinned.owner = shard;
  return answer;
}

/// Those that are selected, behind `after`, up to the limit.
ListAnswer picked_list(const Filler& filler, const kubeapi::Shard& objects, const ListRequest& request,
                       ListPosition position) {
  ListAnswer answer;
  constexpr std::size_t kForHoles = 16;  // of each
  if (request.selector.empty() && request.limit == 0)
    answer.items.reserve(objects.bytes() + kForHoles * objects.size());
  std::string_view last;
  objects.for_each(position.after, [&](const RecordView& record) {
    if (!request.selector.matches(RenderedLabels(record.labels))) return true;
    if (request.limit > 0 && answer.num == request.limit) {
      position.after = last;
      answer.continue_token = to_token(position);
      return false;
    }
    if (answer.num++ > 0) answer.items += ',';
    const auto begin = answer.items.size();
    filler.append(answer.items, record);
    answer.digest += kubeapi::Digest::of(std::string_view(answer.items).substr(begin));
    last = record.name;
    return true;
  });
  return answer;
}

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

Error not_synced(const kubeapi::Cache& cache) {
  return {.code = ErrorCode::unavailable,
          .message = std::string(model::info(cache.id().kind).resource) + " have not been read from the API server yet",
          .retry_after = 1s};
}

}  // namespace

bool CachedReader::Source::not_older_than(std::string_view version) const {
  return !model::is_older(objects->store().version(), version) &&
         (quotas == nullptr || !model::is_older(quotas->store().version(), version));
}

bool CachedReader::Source::watching() const {
  return objects->status().watching && (quotas == nullptr || quotas->status().watching);
}

std::string CachedReader::Source::version() const {
  const auto& version = objects->store().version();
  if (quotas == nullptr || model::is_older(version, quotas->store().version())) return version;
  return quotas->store().version();
}

std::chrono::seconds CachedReader::Source::age() const {
  const auto now = Clock::now();
  const auto age = objects->age(now);
  return std::chrono::floor<std::chrono::seconds>(quotas == nullptr ? age : std::max(age, quotas->age(now)));
}

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
  if (!from_cache) co_return co_await direct_.list(resource, std::move(request), std::move(call));

  const auto now = Clock::now();
  snapshots_.drop_old(now);
  const auto& store = found->objects->store();
  if (resource == Resource::pvcs && request.selector.empty() && request.limit == 0 && !position) {
    auto answer = pinned_list(store.shard(request.ns));
    answer.resource_version = store.version();
    answer.age = found->age();
    co_return answer;
  }

  static const Content none;
  const Content* quotas = found->quotas != nullptr ? &found->quotas->store().content() : &none;
  ShardPtr objects = store.shard(request.ns);
  ListPosition from{store.version(), found->quotas != nullptr ? found->quotas->store().version() : "", ""};
  bool is_current = true;
  if (position) {
    is_current = position->version == from.version && position->quotas_version == from.quotas_version;
    from = *position;
    if (!is_current) {
      const auto* snapshot = snapshots_.find(resource, request.ns, from.version, from.quotas_version, now);
      if (snapshot == nullptr) co_return co_await direct_.list(resource, std::move(request), std::move(call));
      objects = snapshot->objects;
      quotas = &snapshot->quotas;
    }
  }
  const Filler filler(resource, *objects, *quotas);
  auto answer = picked_list(filler, *objects, request, from);
  if (!answer.continue_token.empty() && is_current)
    snapshots_.keep(resource, request.ns, {objects, *quotas, from.version, from.quotas_version}, now);
  const bool older_quotas = resource == Resource::tenants && model::is_older(from.quotas_version, from.version);
  answer.resource_version = older_quotas ? from.quotas_version : from.version;
  answer.age = found->age();
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

  static const Content none;
  const auto objects = found->objects->store().shard(ns);
  const auto record = objects->find(name);
  if (!record) co_return Error{ErrorCode::not_found, name + " is not found"};
  ObjectAnswer answer{.body = {}, .resource_version = found->version(), .age = found->age()};
  answer.body.reserve(record->dto.size() + 64);
  const Filler filler(resource, *objects, found->quotas != nullptr ? found->quotas->store().content() : none);
  filler.append(answer.body, *record);
  co_return answer;
}

}  // namespace quartermaster::api
