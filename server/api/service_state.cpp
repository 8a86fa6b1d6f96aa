// Probes, statistics, metrics, version and the API description.
#include <openssl/crypto.h>

#include <boost/version.hpp>

#include "server/api/handlers.hpp"
#include "server/api/openapi.hpp"
#include "server/api/replies.hpp"
#include "server/observe/metrics.hpp"
#include "server/observe/stats.hpp"

namespace quartermaster::api {

Task<Result<http::Reply>> get_liveness(Context&) { co_return json_reply(200, R"({"status":"ok"})"); }

Task<Result<http::Reply>> get_readiness(Context& context) {
  const bool ready = !context.services.draining;
  const std::string_view message = ready ? "" : "the service is shutting down";
  if (!ready && !context.query.boolean("verbose")) {
    co_return Error{ErrorCode::unavailable, std::string(message)};
  }
  if (!context.query.boolean("verbose")) co_return json_reply(200, R"({"status":"ok"})");
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  if (!ready) {
    writer.field("errCode", 503).field("errMessage", message).field("reason", "ServiceUnavailable");
    writer.field("requestId", context.call.request_id);
  }
  writer.field("status", ready ? "ok" : "unavailable").key("checks").begin_array();
  writer.begin_object().field("name", "shutdown").field("ok", ready).field("message", message).end_object();
  writer.end_array().end_object();
  auto reply = json_reply(ready ? 200 : 503, std::move(body));
  if (!ready) reply.header("Retry-After", "1");
  co_return reply;
}

Task<Result<http::Reply>> get_stats(Context& context) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  context.services.stats.write(writer, Clock::now(), std::chrono::system_clock::now());
  writer.key("caches").begin_object().end_object();
  writer.end_object();
  co_return json_reply(200, std::move(body));
}

Task<Result<http::Reply>> get_metrics(Context& context) {
  http::Reply reply{.body = context.services.metrics.text()};
  reply.header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  co_return reply;
}

Task<Result<http::Reply>> get_version(Context&) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object()
      .field("name", "quartermaster")
      .field("version", QUARTERMASTER_VERSION)
      .field("compiler", "g++ " __VERSION__)
      .field("boost", BOOST_LIB_VERSION)
      .field("openssl", OpenSSL_version(OPENSSL_VERSION_STRING))
      .end_object();
  co_return json_reply(200, std::move(body));
}

Task<Result<http::Reply>> get_openapi(Context&) { co_return json_reply(200, std::string(openapi_document())); }

}  // namespace quartermaster::api
