// Lists rendered page by page as they come from the API server.
#pragma once

#include <utility>

#include "kubeapi/pages.hpp"
#include "server/api/list_position.hpp"
#include "server/api/reader.hpp"

namespace quartermaster::api {

using kubeapi::for_each_object;
using kubeapi::list_all;

/// Adds to an answer what a list holds, up to a limit.
template <class Write>
class ListRenderer {
 public:
  /// `write(json::Writer&, json::Value object)` makes an item.
  ListRenderer(Write write, std::size_t limit, std::string after)
      : write_(std::move(write)), limit_(limit), after_(std::move(after)) {}

  void add(json::Value object) {
    const auto name = object["metadata"]["name"].string();
    if (!after_.empty() && name <= after_) return;
    if (limit_ > 0 && answer_.num == limit_) {
      more_ = true;
      return;
    }
    if (answer_.num++ > 0) answer_.items += ',';
    const auto begin = answer_.items.size();
    json::Writer writer(answer_.items);
    write_(writer, object);
    answer_.digest += kubeapi::Digest::of(std::string_view(answer_.items).substr(begin));
    last_ = name;
  }
  void restart() {
    answer_ = {};
    more_ = false;
  }

  ListAnswer& answer() { return answer_; }
  bool more() const { return more_; }
  const std::string& last() const { return last_; }

 private:
  Write write_;
  std::size_t limit_;
  std::string after_;
  ListAnswer answer_;
  std::string last_;
  bool more_ = false;
};

/// Renders what for_each_object finds. A list that a cache began goes on at the version that it had: its token says so.
/// So does one with quotas in it, whose version, `quotas_version`, only our own tokens have.
template <class Write>
Task<Result<ListAnswer>> render_list(kubeapi::Api& api, model::Kind kind, ListRequest request, Call call, Write write,
                                     std::string quotas_version = {}) {
  const auto position = position_of(request.continue_token);
  ListRenderer<Write> renderer(std::move(write), position ? request.limit : 0, position ? position->after : "");
  const auto each = [&renderer](json::Value object) { renderer.add(object); };
  const auto restart = [&renderer] { renderer.restart(); };
  const auto enough = [&renderer] { return renderer.more(); };
  kubeapi::ListOptions options;
  options.label_selector = request.selector.to_string();
  if (position) {
    options.resource_version = position->version;
    options.resource_version_match = "Exact";
  } else {
    options.limit = request.limit;
    options.continue_token = std::move(request.continue_token);
  }
  auto end = co_await for_each_object(api, kind, std::move(request.ns), std::move(options), std::move(call), each,
                                      restart, enough);
  if (!end) co_return end.error();
  auto& answer = renderer.answer();
  answer.resource_version = position ? position->version : std::move(end->resource_version);
  const bool more = position ? renderer.more() : !end->continue_token.empty();
  if (position) quotas_version = position->quotas_version;
  if (more && (position || !quotas_version.empty()))
    answer.continue_token = to_token({answer.resource_version, std::move(quotas_version), renderer.last()});
  else if (more)
    answer.continue_token = std::move(end->continue_token);
  co_return std::move(answer);
}

}  // namespace quartermaster::api
