// Reads from the caches, without parsing and without waiting. What the caches cannot answer goes to the API server: a
// kind that they do not have, a caller who asks for it, a version that they have not seen.
#pragma once

#include "kubeapi/cache.hpp"
#include "server/api/large_list.hpp"
#include "server/api/list_position.hpp"
#include "server/api/reader.hpp"
#include "server/api/snapshots.hpp"

namespace quartermaster::api {

class CachedReader : public Reader {
 public:
  /// Both must outlive it.
  CachedReader(const kubeapi::Caches& caches, Reader& direct) : caches_(caches), direct_(direct) {}

  Task<Result<ListAnswer>> list(Resource resource, ListRequest request, Call call) override;
  Task<Result<ObjectAnswer>> get(Resource resource, std::string ns, std::string name, Freshness freshness,
                                 Call call) override;
  /// Lists that nobody has read on from for a while are forgotten. To be called now and then.
  void forget_old_lists() { snapshots_.drop_old(Clock::now()); }

 private:
  /// The caches that an answer is made from; nulls: there are none.
  struct Source {
    kubeapi::Cache* objects = nullptr;
    kubeapi::Cache* quotas = nullptr;  // of tenants

    explicit operator bool() const { return objects != nullptr; }
    bool not_older_than(std::string_view version) const;
    bool watching() const;
    bool exact() const;
    std::string version() const;  // the older one
    std::chrono::seconds age() const;
    Clock::time_point as_of() const;  // the content is not older than what the API server had then
  };

  /// Error: unavailable, when a cache has nothing yet.
  Result<Source> source(Resource resource, std::string_view ns, std::string_view name,
                        const Freshness& freshness) const;
  /// Whether the source comes to be fresh enough, and stays usable, within the short time that is worth waiting.
  Task<Result<bool>> wait_for(Source source, std::string version, Call call);
  QuotasPtr pin_quotas(const Source& source) const;

  const kubeapi::Caches& caches_;
  Reader& direct_;
  Snapshots snapshots_;
  RenderLines render_lines_;
};

}  // namespace quartermaster::api
