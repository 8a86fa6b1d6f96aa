// Routes: what each takes and answers is declared beside its handler, and checked against the API description by a
// test.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kubeapi/api.hpp"
#include "kubeapi/cache.hpp"
#include "server/api/access.hpp"
#include "server/api/query.hpp"
#include "server/api/reader.hpp"
#include "server/auth/identity.hpp"
#include "server/http/admission.hpp"
#include "server/http/handler.hpp"
#include "server/http/limits.hpp"

namespace quartermaster::auth {
class Gate;
}  // namespace quartermaster::auth

namespace quartermaster::observe {
class AuditLog;
class Metrics;
class Stats;
}  // namespace quartermaster::observe

namespace quartermaster::watch {
class Feeds;
}  // namespace quartermaster::watch

namespace quartermaster::api {

/// What operators can change about the use cases.
struct Settings {
  std::string own_namespace;       // never a tenant; "" if unknown
  bool tenant_limit_range = true;  // give each new tenant a LimitRange
  std::string tenant_limit_cpu = "0.1";
  std::string tenant_limit_memory = "128Mi";
  bool client_certificates = false;  // callers need one, but for what anyone may ask
};

/// Bounds of what is under way.
struct Overload {
  http::Admission requests;
  http::Admission bodies;   // their bytes
  http::Admission answers;  // likewise, of those that are large and kept for one caller alone
  http::Admission streams;
  http::Admission watchers;

  explicit Overload(const http::Limits& limits)
      : requests("requests", {.in_all = limits.requests_in_flight}),
        bodies("bytes of bodies", {.in_all = limits.bodies_bytes}),
        answers("bytes of answers", {.in_all = limits.answers_bytes}),
        streams("streams", {.in_all = limits.streams, .per_caller = limits.streams_per_caller}),
        watchers("watchers", {.in_all = limits.watchers, .per_caller = limits.watchers_per_caller}) {}
};

/// What the handlers work with; all of it outlives them.
struct Services {
  kubeapi::Api& api;
  Reader& reader;
  const kubeapi::Caches& caches;
  const Settings& settings;
  observe::Metrics& metrics;
  observe::Stats& stats;
  const bool& draining;
  Overload& overload;
  auth::Gate* gate = nullptr;          // null: nobody is checked
  observe::AuditLog* audit = nullptr;  // null: none is kept
  watch::Feeds* feeds = nullptr;       // null: nobody can listen to changes
};

enum class Decision { unchecked, unauthenticated, undecided, denied, allowed };

/// What becomes known of a request on its way: who calls, and what is touched.
struct Trail {
  auth::IdentityPtr caller = {};  // null: nobody was authenticated
  Decision decision = Decision::unchecked;
  std::optional<Clock::duration> age = {};  // of the yes that let it in, while the API server cannot be reached
  std::vector<std::string> names = {};      // of objects that the path does not name
  std::string plan = {};                    // JSON, shown beside an error; "": none
};

struct Route;

/// One request on its way through its handler.
struct Context {
  const http::Message& request;
  const Route& route;
  const PathParameters& path;  // the {parameters}, decoded and checked
  const Query& query;
  json::Value body;  // absent where the route takes none
  Call call;
  std::string_view caller;  // by whom limits are counted
  Services& services;
  Trail& trail;

  const std::string& at(std::string_view parameter) const { return path.find(parameter)->second; }
};

using HandlerFunction = Task<Result<http::Reply>> (*)(Context&);

struct Route {
  http::Verb method;
  std::string_view pattern;  // "/api/v1/pvc/{namespace}/name/{pvcname}"
  HandlerFunction handle;
  Access access;
  std::vector<Parameter> query = {};
  bool takes_body = false;
  std::vector<unsigned> statuses = {};  // all that the handler may answer, errors included
  bool always_answered = false;         // however much is in flight: it takes next to nothing, as a probe does

  /// The media type of its body: a patch is a JSON merge patch (RFC 7386).
  std::string_view body_type() const {
    return method == http::Verb::patch ? "application/merge-patch+json" : "application/json";
  }
  /// It answers 411 where none comes.
  bool needs_body() const { return std::ranges::find(statuses, 411U) != statuses.end(); }
};

/// All routes, in the order of the API description.
std::span<const Route> routes();

}  // namespace quartermaster::api
