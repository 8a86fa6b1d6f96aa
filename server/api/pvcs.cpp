// Persistent volume claims: list and detail.
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"

namespace quartermaster::api {

Task<Result<http::Reply>> list_pvcs(Context& context) {
  auto request = list_request(context, context.at("namespace"));
  co_return co_await list_objects(context, Resource::pvcs, std::move(request));
}

Task<Result<http::Reply>> get_pvc(Context& context) {
  co_return co_await get_object(context, Resource::pvcs, "pvc", context.at("namespace"), context.at("pvcname"));
}

}  // namespace quartermaster::api
