// Pods: list and detail.
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"

namespace quartermaster::api {

Task<Result<http::Reply>> list_pods(Context& context) {
  auto request = list_request(context, context.at("namespace"));
  co_return co_await list_objects(context, Resource::pods, std::move(request));
}

Task<Result<http::Reply>> get_pod(Context& context) {
  co_return co_await get_object(context, Resource::pods, "pod", context.at("namespace"), context.at("pod"));
}

}  // namespace quartermaster::api
