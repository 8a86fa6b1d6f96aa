// Whether a workload would fit into a tenant, as far as limit ranges and quotas say.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "model/fit.hpp"
#include "model/namespace.hpp"
#include "model/storage_class.hpp"
#include "server/api/fits_body.hpp"
#include "server/api/handlers.hpp"
#include "server/api/pages.hpp"
#include "server/api/replies.hpp"
#include "server/api/secret_users.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

/// Some quota counts a class's claims, and some claim gets the default class.
bool needs_default_class(const model::Demand& demand, const std::vector<model::ResourceQuota>& quotas) {
  const auto names_none = [](const model::ClaimDemand& claim) { return !claim.storage_class; };
  const auto by_class = [](const model::ResourceQuota& quota) {
    return std::ranges::any_of(quota.hard, [](const auto& entry) {
      return entry.first.find(".storageclass.storage.k8s.io/") != entry.first.npos;
    });
  };
  return std::ranges::any_of(demand.claims, names_none) && std::ranges::any_of(quotas, by_class);
}

/// The name of the default class, "" if there is none.
Task<Result<std::string>> default_class(Context& context) {
  const std::string all;
  const auto allowed = co_await may(context, Moment::default_class, Kind::storage_class, all);
  if (!allowed) co_return allowed.error();
  const auto classes =
      co_await list_all(context.services.api, Kind::storage_class, {}, {}, context.call, model::storage_class_from);
  if (!classes) co_return classes.error();
  const auto* found = model::effective_default(classes->objects);
  co_return found == nullptr ? std::string() : found->meta.name;
}

Task<Result<void>> name_classes(Context& context, model::Demand& demand, std::vector<Unread>& unread) {
  const auto name = co_await default_class(context);
  if (!name) {
    if (name.error().code != ErrorCode::forbidden) co_return name.error();
    unread.push_back({Kind::storage_class, name.error()});
    co_return Result<void>();
  }
  for (auto& claim : demand.claims) {
    if (!claim.storage_class) claim.storage_class = *name;
  }
  co_return Result<void>();
}

}  // namespace

Task<Result<http::Reply>> ask_whether_fits(Context& context) {
  auto& api = context.services.api;
  const auto& name = context.at("tenantName");
  auto demand = parse_fits_body(context.body);
  if (!demand) co_return demand.error();
  const auto raw = co_await api.get(Kind::namespace_, "", name, {}, context.call);
  if (!raw) co_return about(raw.error(), "tenant", "", name);
  if (model::namespace_from(raw->root()).meta.terminating)
    co_return Error{ErrorCode::terminating, "namespace " + name + " is being deleted: nothing fits any more"};
  const auto quotas = co_await list_all(api, Kind::resource_quota, name, {}, context.call, model::resource_quota_from);
  if (!quotas) co_return quotas.error();
  const auto ranges = co_await list_all(api, Kind::limit_range, name, {}, context.call, model::limit_range_from);
  if (!ranges) co_return ranges.error();
  std::vector<Unread> unread;
  if (needs_default_class(*demand, quotas->objects)) {
    const auto named = co_await name_classes(context, *demand, unread);
    if (!named) co_return named.error();
  }
  const auto fit = model::fit_of(std::move(*demand), ranges->objects, quotas->objects);
  std::string body;
  json::Writer writer(body);
  writer.begin_object().field("tenantName", name);
  model::write_members(writer, fit);
  write_unread(writer, unread);
  writer.end_object();
  co_return json_reply(200, std::move(body));
}

}  // namespace quartermaster::api
