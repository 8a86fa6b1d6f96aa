// Lists of any size, page by page: no more than one page of objects is in memory at a time.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "kubeapi/api.hpp"

namespace quartermaster::kubeapi {

inline constexpr std::size_t kPageSize = 500;

struct PagesEnd {
  std::string continue_token;    // with options.limit: there is more
  std::string resource_version;  // of the list
};

/// Calls `each(json::Value object)` for the objects of a list: one page of `options.limit`, or all there are when that
/// is 0. When the API server has forgotten the list on the way (410), calls `restart()` and reads it again in one
/// piece.
template <class Each, class Restart>
Task<Result<PagesEnd>> for_each_object(Api& api, model::Kind kind, std::string ns, ListOptions options, Call call,
                                       Each each, Restart restart) {
  const bool all = options.limit == 0;
  // Else the token or the version is the caller's, and so is its 410.
  const bool from_start = options.continue_token.empty() && options.resource_version_match.empty();
  if (all) options.limit = kPageSize;
  for (;;) {
    const auto page = co_await api.list(kind, ns, options, call);
    if (!page) {
      const bool lost = page.error().code == ErrorCode::expired && all && from_start && !options.continue_token.empty();
      if (!lost) co_return page.error();
      restart();
      options.limit = 0;
      options.continue_token.clear();
      continue;
    }
    const auto root = page->root();
    for (const auto object : root["items"].items()) each(object);
    PagesEnd end{std::string(root["metadata"]["continue"].string()),
                 std::string(root["metadata"]["resourceVersion"].string())};
    if (!all || end.continue_token.empty()) co_return end;
    options.continue_token = std::move(end.continue_token);
    // They go with the first page only.
    options.resource_version.clear();
    options.resource_version_match.clear();
  }
}

template <class T>
struct AllObjects {
  std::vector<T> objects;
  std::string resource_version;  // of the list
};

/// All objects of a list, as `read` makes them.
template <class T>
Task<Result<AllObjects<T>>> list_all(Api& api, model::Kind kind, std::string ns, ListOptions options, Call call,
                                     T (*read)(json::Value)) {
  AllObjects<T> all;
  const auto each = [&all, read](json::Value object) { all.objects.push_back(read(object)); };
  const auto restart = [&all] { all.objects.clear(); };
  auto end = co_await for_each_object(api, kind, std::move(ns), std::move(options), std::move(call), each, restart);
  if (!end) co_return end.error();
  all.resource_version = std::move(end->resource_version);
  co_return all;
}

}  // namespace quartermaster::kubeapi
