// Secrets: list and detail. Never cached, and never stored by anyone on the way.
#include "model/secret.hpp"

#include "server/api/handlers.hpp"
#include "server/api/pages.hpp"
#include "server/api/replies.hpp"
#include "server/api/versions.hpp"

namespace quartermaster::api {

using model::Kind;

Task<Result<http::Reply>> list_secrets(Context& context) {
  auto& api = context.services.api;
  const bool with_values = context.query.boolean("values");
  auto request = list_request(context, context.at("namespace"));
  if (const auto& version = request.freshness.not_older_than; !version.empty()) {
    const auto waited = co_await wait_for_version(api, Kind::secret, request.ns, version, context.call);
    if (!waited) co_return waited.error();
  }
  const auto answer = co_await render_list(api, Kind::secret, std::move(request), context.call,
                                           [with_values](json::Writer& writer, json::Value raw) {
                                             model::write_item(writer, model::secret_from(raw), with_values);
                                           });
  if (!answer) co_return answer.error();
  auto reply = json_reply(200, list_body(*answer));
  reply.header("Cache-Control", "no-store");
  set_version(reply, answer->resource_version);
  co_return reply;
}

Task<Result<http::Reply>> get_secret(Context& context) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto& name = context.at("secretname");
  if (const auto version = context.query.text("resourceVersion"); !version.empty()) {
    const auto waited = co_await wait_for_version(api, Kind::secret, ns, version, context.call);
    if (!waited) co_return waited.error();
  }
  const auto raw = co_await api.get(Kind::secret, ns, name, {}, context.call);
  if (!raw) co_return about(raw.error(), "secret", ns, name);
  const auto secret = model::secret_from(raw->root());
  const bool decode = context.query.boolean("decode");
  std::string body;
  json::Writer writer(body);
  model::write(writer, secret, decode ? model::SecretValues::decoded : model::SecretValues::encoded);
  auto reply = json_reply(200, std::move(body));
  reply.header("Cache-Control", "no-store");
  set_version(reply, secret.meta.resource_version);
  co_return reply;
}

}  // namespace quartermaster::api
