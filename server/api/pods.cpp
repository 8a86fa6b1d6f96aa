// Pods: list and detail.
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"

namespace quartermaster::api {

Task<Result<http::Reply>> list_pods(Context& context) {
  auto request = list_request(context, context.at("namespace"));
  const auto answer = co_await context.services.reader.list(Resource::pods, std::move(request), context.call);
  if (!answer) co_return answer.error();
  co_return cacheable_reply(context, list_body(*answer), answer->resource_version);
}

Task<Result<http::Reply>> get_pod(Context& context) {
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pod");
  auto answer = co_await context.services.reader.get(Resource::pods, ns, name, freshness(context), context.call);
  if (!answer) co_return about(answer.error(), "pod", ns, name);
  co_return cacheable_reply(context, std::move(answer->body), answer->resource_version);
}

}  // namespace quartermaster::api
