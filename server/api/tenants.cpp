// Tenants: list and detail.
#include "model/tenant.hpp"

#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"

namespace quartermaster::api {

Task<Result<http::Reply>> list_tenants(Context& context) {
  auto request = list_request(context, "");
  if (context.query.boolean("multiTenant")) {
    request.selector.add({std::string(model::kTenantLabel), LabelSelector::Operator::exists, {}});
  }
  const auto answer = co_await context.services.reader.list(Resource::tenants, std::move(request), context.call);
  if (!answer) co_return answer.error();
  co_return cacheable_reply(context, list_body(*answer), answer->resource_version);
}

Task<Result<http::Reply>> get_tenant(Context& context) {
  const auto& name = context.at("tenantName");
  auto answer = co_await context.services.reader.get(Resource::tenants, "", name, freshness(context), context.call);
  if (!answer) co_return about(answer.error(), "tenant", "", name);
  co_return cacheable_reply(context, std::move(answer->body), answer->resource_version);
}

}  // namespace quartermaster::api
