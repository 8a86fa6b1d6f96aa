// Lists of any size, page by page and object by object: no more than one object is in memory as JSON at a time, and
// others are served in between.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "kubeapi/api.hpp"

namespace quartermaster::kubeapi {

/// The API server is never asked for more at once, but for what it forgets again and again while it is read.
inline constexpr std::size_t kPageSize = 500;

struct PagesEnd {
  std::string continue_token;    // with options.limit: there is more
  std::string resource_version;  // of the list
};

using EachObject = std::function<void(json::Value object)>;

/// Calls `each` for the objects of a list: the first `options.limit` of them, or all there are when that is 0. When the
/// API server has forgotten the list on the way (410), calls `restart()` and reads it again: twice in pages, then in
/// one piece. Between two pages it stops where `enough()`, if that is given.
Task<Result<PagesEnd>> for_each_object(Api& api, model::Kind kind, std::string ns, ListOptions options, Call call,
                                       EachObject each, std::function<void()> restart,
                                       std::function<bool()> enough = nullptr);

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
