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
  co_return co_await list_objects(context, Resource::tenants, std::move(request));
}

Task<Result<http::Reply>> get_tenant(Context& context) {
  co_return co_await get_object(context, Resource::tenants, "tenant", "", context.at("tenantName"));
}

}  // namespace quartermaster::api
