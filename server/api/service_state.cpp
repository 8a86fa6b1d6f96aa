// Probes, statistics, metrics, version and the API description.
#include <openssl/crypto.h>

#include <algorithm>
#include <boost/version.hpp>

#include "server/api/handlers.hpp"
#include "server/api/openapi.hpp"
#include "server/api/replies.hpp"
#include "server/observe/metrics.hpp"
#include "server/observe/stats.hpp"

namespace quartermaster::api {

Task<Result<http::Reply>> get_liveness(Context&) { co_return json_reply(200, R"({"status":"ok"})"); }

namespace {

/// Of /readyz.
struct Check {
  std::string name;
  std::string problem;      // "" is none
  std::string remark = {};  // of what does not make it fail
};

std::vector<Check> readiness_checks(const Services& services) {
  std::vector<Check> checks;
  checks.push_back({"shutdown", services.draining ? "the service is shutting down" : ""});
  for (const auto& cache : services.caches.summaries(Clock::now())) {
    const std::string name(cache.resource);
    checks.push_back({"cache-" + name, cache.settled ? "" : name + " have not been read from the API server yet"});
    if (cache.denied) {
      checks.back().remark = "our credentials may not list and watch " + name + ": each read goes to the API server";
    }
  }
  return checks;
}

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Task<Result<http::Reply>> get_readiness(Context& context) {
  const auto checks = readiness_checks(context.services);
  const auto failed = std::ranges::find_if(checks, [](const Check& check) { return !check.problem.empty(); });
  const bool ready = failed == checks.end();
  if (!context.query.boolean("verbose")) {
    if (!ready) co_return Error{ErrorCode::unavailable, failed->problem};
    co_return json_reply(200, R"({"status":"ok"})");
  }
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  if (!ready) {
    writer.field("errCode", 503).field("errMessage", failed->problem).field("reason", "ServiceUnavailable");
    writer.field("requestId", context.call.request_id);
  }
  writer.field("status", ready ? "ok" : "unavailable").key("checks").begin_array();
  for (const auto& [name, problem, remark] : checks) {
    writer.begin_object().field("name", name).field("ok", problem.empty());
    writer.field("message", problem.empty() ? remark : problem).end_object();
  }
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
  writer.key("caches").begin_object();
  for (const auto& cache : context.services.caches.summaries(Clock::now())) {
    writer.key(cache.resource).begin_object();
    writer.field("objects", static_cast<std::int64_t>(cache.objects));
    writer.field("bytes", static_cast<std::int64_t>(cache.bytes));
    writer.field("resourceVersion", cache.resource_version);
    writer.key("age").number(seconds(cache.age));
    writer.field("synced", cache.synced).field("denied", cache.denied);
    writer.field("relists", static_cast<std::int64_t>(cache.relists));
    writer.field("watchRestarts", static_cast<std::int64_t>(cache.watch_restarts));
    writer.field("events", static_cast<std::int64_t>(cache.events));
    writer.field("failures", static_cast<std::int64_t>(cache.failures));
    writer.end_object();
  }
  writer.end_object().end_object();
  co_return json_reply(200, std::move(body));
}

Task<Result<http::Reply>> get_metrics(Context& context) {
  auto& metrics = context.services.metrics;
  for (const auto& cache : context.services.caches.summaries(Clock::now())) metrics.cache(cache);
  http::Reply reply{.body = metrics.text()};
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

Task<Result<http::Reply>> get_openapi(Context&) {
  auto reply = json_reply(200, "");
  reply.pinned.pieces = {openapi_document()};
  co_return reply;
}

}  // namespace quartermaster::api
