// What happens to the caches, in the log.
#include "server/observe/cache_log.hpp"

#include "server/observe/log.hpp"

namespace quartermaster::observe {
namespace {

std::string_view resource(const kubeapi::ReflectorId& id) { return model::info(id.kind).resource; }

}  // namespace

void CacheLog::first_sync(const kubeapi::ReflectorId& id, std::size_t items, double seconds) {
  log(Level::info, "cache synced",
      {{"resource", resource(id)},
       {"namespace", id.ns},
       {"objects", static_cast<std::int64_t>(items)},
       {"seconds", seconds}});
}

void CacheLog::denied(const kubeapi::ReflectorId& id, std::string_view message) {
  log(Level::warning, "our credentials may not list and watch this: it is read from the API server each time",
      {{"resource", resource(id)}, {"namespace", id.ns}, {"why", message}});
}

void CacheLog::lost(const kubeapi::ReflectorId& id, std::string_view why) {
  log(Level::warning, "cache lost touch", {{"resource", resource(id)}, {"namespace", id.ns}, {"why", why}});
}

void CacheLog::regained(const kubeapi::ReflectorId& id) {
  log(Level::info, "cache is up to date again", {{"resource", resource(id)}, {"namespace", id.ns}});
}

void CacheLog::remark(const kubeapi::ReflectorId& id, std::string_view what) {
  log(Level::info, "cache", {{"resource", resource(id)}, {"namespace", id.ns}, {"what", what}});
}

void CacheLog::differs(const kubeapi::ReflectorId& id, std::string_view what) {
  log(Level::error, "cache differs from the API server",
      {{"resource", resource(id)}, {"namespace", id.ns}, {"what", what}});
}

}  // namespace quartermaster::observe
