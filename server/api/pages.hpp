// Lists rendered page by page as they come from the API server.
#pragma once

#include <utility>

#include "kubeapi/pages.hpp"
#include "server/api/reader.hpp"

namespace quartermaster::api {

using kubeapi::for_each_object;
using kubeapi::list_all;

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
