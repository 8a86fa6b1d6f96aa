// Storage classes: list and detail.
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"

namespace quartermaster::api {

Task<Result<http::Reply>> list_storage_classes(Context& context) {
  auto request = list_request(context, "");
  co_return co_await list_objects(context, Resource::storage_classes, std::move(request));
}

Task<Result<http::Reply>> get_storage_class(Context& context) {
  co_return co_await get_object(context, Resource::storage_classes, "storage class", "", context.at("name"));
}

}  // namespace quartermaster::api
