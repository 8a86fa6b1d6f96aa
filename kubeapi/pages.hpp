// Lists of any size, page by page: no more than one page of objects is in memory at a time.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

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
  const bool from_start = options.continue_token.empty();  // else the token is the caller's, and so is its 410
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
    options.resource_version.clear();  // it goes with the first page only
  }
}

}  // namespace quartermaster::kubeapi
