// Lists of any size, page by page: no more than one page of the API server's objects is in memory at a time.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "kubeapi/api.hpp"
#include "server/api/reader.hpp"

namespace quartermaster::api {

inline constexpr std::size_t kPageSize = 500;

struct PagesEnd {
  std::string continue_token;    // with options.limit: there is more
  std::string resource_version;  // of the list
};

/// Calls `each(json::Value object)` for the objects of a list: one page of `options.limit`, or all there are when that
/// is 0. When the API server has forgotten the list on the way (410), calls `restart()` and reads it again in one
/// piece.
template <class Each, class Restart>
Task<Result<PagesEnd>> for_each_object(kubeapi::Api& api, model::Kind kind, std::string ns,
                                       kubeapi::ListOptions options, Call call, Each each, Restart restart) {
  const bool all = options.limit == 0;
  if (all) options.limit = kPageSize;
  for (;;) {
    const auto page = co_await api.list(kind, ns, options, call);
    if (!page) {
      const bool lost = page.error().code == ErrorCode::expired && all && !options.continue_token.empty();
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
  }
}

/// Renders what for_each_object finds: `write(json::Writer&, json::Value object)` makes an item.
template <class Write>
Task<Result<ListAnswer>> render_list(kubeapi::Api& api, model::Kind kind, ListRequest request, Call call, Write write) {
  ListAnswer answer;
  const auto each = [&answer, &write](json::Value object) {
    if (answer.num++ > 0) answer.items += ',';
    json::Writer writer(answer.items);
    write(writer, object);
  };
  const auto restart = [&answer] { answer = {}; };
  kubeapi::ListOptions options;
  options.label_selector = request.selector.to_string();
  options.limit = request.limit;
  options.continue_token = std::move(request.continue_token);
  auto end =
      co_await for_each_object(api, kind, std::move(request.ns), std::move(options), std::move(call), each, restart);
  if (!end) co_return end.error();
  answer.continue_token = std::move(end->continue_token);
  answer.resource_version = std::move(end->resource_version);
  co_return answer;
}

}  // namespace quartermaster::api
