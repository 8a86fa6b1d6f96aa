// Storage classes: list and detail.
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"

namespace quartermaster::api {

Task<Result<http::Reply>> list_storage_classes(Context& context) {
  auto request = list_request(context, "");
  const auto answer =
      co_await context.services.reader.list(Resource::storage_classes, std::move(request), context.call);
  if (!answer) co_return answer.error();
  co_return cacheable_reply(context, list_body(*answer), answer->resource_version);
}

Task<Result<http::Reply>> get_storage_class(Context& context) {
  const auto& name = context.at("name");
  auto answer =
      co_await context.services.reader.get(Resource::storage_classes, "", name, freshness(context), context.call);
  if (!answer) co_return about(answer.error(), "storage class", "", name);
  co_return cacheable_reply(context, std::move(answer->body), answer->resource_version);
}

}  // namespace quartermaster::api
