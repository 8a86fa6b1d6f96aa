// Reads that go to the API server each time. They are quorum reads, so they are not older than any version there is;
// only one that is yet to come must be waited for.
#include "server/api/direct_reader.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <map>
#include <vector>

#include "kubeapi/turn.hpp"
#include "model/pod.hpp"
#include "model/pvc.hpp"
#include "model/resource_version.hpp"
#include "model/storage_class.hpp"
#include "model/tenant.hpp"
#include "server/api/pages.hpp"
#include "server/api/versions.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

void write_pod(json::Writer& writer, json::Value object) {
  model::write(writer, model::pod_from(object), std::chrono::system_clock::now());
}
void write_pvc(json::Writer& writer, json::Value object) { model::write(writer, model::pvc_from(object)); }

/// What an answer is made of beside its list: as of the version at which a list goes on, if it does.
kubeapi::ListOptions as_of(std::string version) {
  kubeapi::ListOptions options;
  if (version.empty()) return options;
  options.resource_version = std::move(version);
  options.resource_version_match = "Exact";
  return options;
}

Error not_from_cache() {
  return {ErrorCode::unavailable,
          "the API server cannot be asked whether this is allowed, and the cache cannot answer it"};
}

/// Where the tokens are ours alone.
Error foreign_token() {
  return {ErrorCode::bad_request, "parameter continue: it is not from an earlier part of this list"};
}

std::string version_of(json::Value object) { return std::string(object["metadata"]["resourceVersion"].string()); }

}  // namespace

Task<Result<ListAnswer>> DirectReader::list(Resource resource, ListRequest request, Call call) {
  if (request.freshness.cache_only) co_return not_from_cache();
  if (const auto& version = request.freshness.not_older_than; !version.empty()) {
    const auto waited = co_await wait_for_version(api_, kind_of(resource), request.ns, version, call);
    if (!waited) co_return waited.error();
  }
  switch (resource) {
    case Resource::pods:
      co_return co_await render_list(api_, Kind::pod, std::move(request), std::move(call), write_pod);
    case Resource::pvcs:
      co_return co_await render_list(api_, Kind::pvc, std::move(request), std::move(call), write_pvc);
    case Resource::storage_classes:
      co_return co_await list_storage_classes(std::move(request), std::move(call));
    case Resource::tenants:
      break;
  }
  co_return co_await list_tenants(std::move(request), std::move(call));
}

Task<Result<ObjectAnswer>> DirectReader::get(Resource resource, std::string ns, std::string name, Freshness freshness,
                                             Call call) {
  if (freshness.cache_only) co_return not_from_cache();
  const auto& version = freshness.not_older_than;
  if (!version.empty()) {
    const auto waited = co_await wait_for_version(api_, kind_of(resource), ns, version, call);
    if (!waited) co_return waited.error();
  }
  auto answer = co_await get_now(resource, std::move(ns), std::move(name), std::move(call));
  // The object's own version may be older, and the answer is not.
  if (answer) answer->resource_version = model::newer_of(answer->resource_version, version);
  co_return answer;
}

Task<Result<ObjectAnswer>> DirectReader::get_now(Resource resource, std::string ns, std::string name, Call call) {
  if (resource == Resource::tenants) co_return co_await get_tenant(std::move(name), std::move(call));
  if (resource == Resource::storage_classes) co_return co_await get_storage_class(std::move(name), std::move(call));
  auto object = co_await api_.get(kind_of(resource), std::move(ns), std::move(name), {}, std::move(call));
  if (!object) co_return object.error();
  ObjectAnswer answer{.body = {}, .resource_version = version_of(object->root())};
  json::Writer writer(answer.body);
  if (resource == Resource::pods)
    write_pod(writer, object->root());
  else
    write_pvc(writer, object->root());
  co_return answer;
}

/// From the list of all, as which default is the effective one depends on the others.
Task<Result<ObjectAnswer>> DirectReader::get_storage_class(std::string name, Call call) {
  const auto all = co_await list_all(api_, Kind::storage_class, "", {}, std::move(call), model::storage_class_from);
  if (!all) co_return all.error();
  const auto found = std::ranges::find_if(all->objects, [&name](const auto& item) { return item.meta.name == name; });
  if (found == all->objects.end()) co_return Error{ErrorCode::not_found, name + " is not found"};
  ObjectAnswer answer{.body = {}, .resource_version = all->resource_version};
  json::Writer writer(answer.body);
  model::write(writer, *found, model::effective_default(all->objects) == &*found);
  co_return answer;
}

/// Picked here from the list of all, for the same reason; so the tokens are ours.
Task<Result<ListAnswer>> DirectReader::list_storage_classes(ListRequest request, Call call) {
  const auto position = position_of(request.continue_token);
  if (!position && !request.continue_token.empty()) co_return foreign_token();
  auto options = as_of(position ? position->version : "");
  const auto all =
      co_await list_all(api_, Kind::storage_class, "", std::move(options), std::move(call), model::storage_class_from);
  if (!all) co_return all.error();
  const auto* effective = model::effective_default(all->objects);
  ListAnswer answer;
  answer.resource_version = position ? position->version : all->resource_version;
  std::string last;
  kubeapi::Turn turn(co_await asio::this_coro::executor);
  for (const auto& item : all->objects) {
    if (turn.over()) co_await turn.pass_on();
    if (position && item.meta.name <= position->after) continue;
    if (!request.selector.matches(item.meta.labels)) continue;
    if (request.limit > 0 && answer.num == request.limit) {
      answer.continue_token = to_token({answer.resource_version, "", last});
      break;
    }
    if (answer.num++ > 0) answer.items += ',';
    const auto begin = answer.items.size();
    json::Writer writer(answer.items);
    model::write(writer, item, &item == effective);
    answer.digest += kubeapi::Digest::of(std::string_view(answer.items).substr(begin));
    last = item.meta.name;
  }
  co_return answer;
}

/// In parts, all of them are of the versions of the first one. The API server's own tokens say nothing of the quotas:
/// so ours are used.
Task<Result<ListAnswer>> DirectReader::list_tenants(ListRequest request, Call call) {
  const auto position = position_of(request.continue_token);
  if (!position && !request.continue_token.empty()) co_return foreign_token();
  std::map<std::string, std::vector<model::ResourceQuota>, std::less<>> quotas;
  const auto each = [&quotas](json::Value raw) {
    auto quota = model::resource_quota_from(raw);
    quotas[quota.meta.ns].push_back(std::move(quota));
  };
  auto options = as_of(position ? position->quotas_version : "");
  const auto all = co_await for_each_object(api_, Kind::resource_quota, "", std::move(options), call, each,
                                            [&quotas] { quotas.clear(); });
  if (!all) co_return all.error();
  const auto write = [&quotas](json::Writer& writer, json::Value raw) {
    const auto ns = model::namespace_from(raw);
    model::write_tenant(writer, ns, quotas[ns.meta.name]);
  };
  auto answer =
      co_await render_list(api_, Kind::namespace_, std::move(request), std::move(call), write, all->resource_version);
  // The answer is as old as the older of the two lists.
  if (answer && model::is_older(all->resource_version, answer->resource_version))
    answer->resource_version = all->resource_version;
  co_return answer;
}

Task<Result<ObjectAnswer>> DirectReader::get_tenant(std::string name, Call call) {
  // The quotas first: the namespace is read after them, so all of the answer is not older than their list.
  const auto quotas = co_await list_all(api_, Kind::resource_quota, name, {}, call, model::resource_quota_from);
  if (!quotas) co_return quotas.error();
  const auto raw = co_await api_.get(Kind::namespace_, "", std::move(name), {}, std::move(call));
  if (!raw) co_return raw.error();
  ObjectAnswer answer;
  json::Writer writer(answer.body);
  model::write_tenant(writer, model::namespace_from(raw->root()), quotas->objects);
  answer.resource_version = quotas->resource_version;
  co_return answer;
}

}  // namespace quartermaster::api
