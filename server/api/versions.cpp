// Resource versions of whole kinds.
#include "server/api/versions.hpp"

#include <algorithm>

#include "model/resource_version.hpp"

namespace quartermaster::api {

using namespace std::chrono_literals;

Task<Result<std::string>> current_version(kubeapi::Api& api, model::Kind kind, std::string ns, Call call) {
  kubeapi::ListOptions one;
  one.limit = 1;
  const auto list = co_await api.list(kind, std::move(ns), std::move(one), std::move(call));
  if (!list) co_return list.error();
  co_return std::string(list->root()["metadata"]["resourceVersion"].string());
}

Task<Result<void>> wait_for_version(kubeapi::Api& api, model::Kind kind, std::string ns, std::string version,
                                    Call call) {
  for (Clock::duration pause = 20ms;; pause = std::min<Clock::duration>(pause * 2, 1s)) {
    const auto current = co_await current_version(api, kind, ns, call);
    if (!current) co_return current.error();
    if (!model::is_older(*current, version)) co_return Result<void>{};
    if (const auto slept = co_await sleep_for(pause, call); !slept) {
      if (slept.error().code != ErrorCode::timeout) co_return slept.error();
      co_return Error{ErrorCode::timeout, "resource version " + version + " has not come; the newest is " + *current};
    }
  }
}

Task<std::string> version_after_delete(kubeapi::Api& api, model::Kind kind, std::string ns, kubeapi::Deleted deleted,
                                       Call call) {
  if (!deleted.finished) co_return deleted.resource_version;
  auto version = co_await current_version(api, kind, std::move(ns), std::move(call));
  co_return version ? std::move(*version) : std::string();
}

Task<std::string> version_after_deletes(kubeapi::Api& api, model::Kind kind, std::string ns, std::string made,
                                        Call call) {
  const auto now = co_await current_version(api, kind, std::move(ns), std::move(call));
  if (!now || now->empty()) co_return std::string();
  co_return model::newer_of(made, *now);
}

}  // namespace quartermaster::api
