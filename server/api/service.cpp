// The application behind the HTTP layer.
#include "server/api/service.hpp"

#include <algorithm>
#include <array>

#include "server/api/replies.hpp"
#include "server/auth/gate.hpp"
#include "server/http/error_table.hpp"
#include "server/http/header_values.hpp"
#include "server/observe/audit_log.hpp"
#include "server/observe/log.hpp"
#include "server/observe/metrics.hpp"
#include "server/observe/request_id.hpp"
#include "server/observe/stats.hpp"

namespace quartermaster::api {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxBody = 3U << 20;
constexpr std::size_t kMaxIgnoredBody = 64U << 10;  // of a read, where it means nothing
constexpr auto kDefaultTimeout = 30s;
constexpr auto kMaxTimeout = 60s;

bool is_read(http::Verb method) { return method == http::Verb::get || method == http::Verb::head; }

/// Whether the head announces a body.
bool announces_body(const http::Message& request) {
  const auto length = request.find(http::Field::content_length);
  return (length != request.end() && length->value() != "0") || request.count(http::Field::transfer_encoding) > 0;
}

Result<Clock::time_point> deadline_of(const Query& query, Clock::time_point started) {
  const auto asked = query.duration("timeout");
  if (!asked) return started + kDefaultTimeout;
  if (*asked <= 0ns || *asked > kMaxTimeout) {
    return Error{ErrorCode::bad_request, "parameter timeout: must be more than 0 and at most 60s"};
  }
  return started + *asked;
}

/// For logs: the path without its query, which may hold anything.
std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view address_of(std::string_view peer) { return peer.substr(0, peer.rfind(':')); }

Decision decision_on(const std::optional<Error>& refusal) {
  if (!refusal) return Decision::allowed;
  if (refusal->code == ErrorCode::unauthorized) return Decision::unauthenticated;
  return refusal->code == ErrorCode::forbidden ? Decision::denied : Decision::undecided;
}

std::string_view to_string(Decision decision) {
  constexpr std::array<std::string_view, 5> kWords = {"unchecked", "unauthenticated", "undecided", "denied", "allowed"};
  return kWords.at(static_cast<std::size_t>(decision));
}

/// Writes, and reads of secret values.
bool is_audited(const Route& route, const Query& query) {
  if (route.access.requirements().empty()) return false;
  if (route.method != http::Verb::get) return true;
  const auto& first = route.access.requirements().front();
  if (first.kind != model::Kind::secret) return false;
  return first.verb == "get" || query.boolean("values");
}

}  // namespace

struct Service::State : http::HandlerState {
  Match match;
  Query query;
  Trail trail;
  std::string_view reason;  // of the error that was answered
};

Result<void> Service::prepare(http::Exchange& exchange, State& state) const {
  const auto& request = exchange.request;
  const std::string_view target_text(request.target().data(), request.target().size());
  auto target = http::parse_target(target_text);
  if (!target) return target.error();
  auto match = router_.find(request.method(), target->segments);
  if (!match) return match.error();
  state.match = std::move(*match);
  const auto& route = *state.match.route;

  const bool read = is_read(request.method());
  auto query = Query::parse(*target, route.query, !read);
  if (!query) return query.error();
  state.query = std::move(*query);
  auto deadline = deadline_of(state.query, exchange.started);
  if (!deadline) return deadline.error();
  exchange.call.deadline = *deadline;
  exchange.cancel_if_abandoned = read;
  exchange.body_limit = read ? kMaxIgnoredBody : kMaxBody;
  if (!read && announces_body(request) && !http::is_json(request[http::Field::content_type])) {
    return Error{ErrorCode::unsupported_media_type, "the body must be application/json"};
  }
  return {};
}

Task<std::optional<http::Reply>> Service::accept(http::Exchange& exchange) {
  const auto given = exchange.request["X-Request-Id"];
  const std::string_view id(given.data(), given.size());
  exchange.call.request_id = observe::is_request_id(id) ? std::string(id) : observe::make_request_id();
  auto state = std::make_unique<State>();
  auto* const raw = state.get();
  if (services_.gate != nullptr) raw->trail.decision = Decision::undecided;
  exchange.state = std::move(state);
  if (const auto prepared = prepare(exchange, *raw); !prepared) co_return refuse(prepared.error(), &exchange);
  const auto& route = *raw->match.route;
  if (services_.gate == nullptr || route.access.who() == Access::Who::anyone) co_return std::nullopt;

  const auto actions = actions_at_head(route.access, route.pattern, raw->match.path, raw->query);
  const auth::Attempt attempt{.bearer = auth::bearer_of(exchange.request),
                              .peer = address_of(exchange.peer),
                              .actions = actions,
                              .cached_read = route.access.cached() && !bypasses_cache(exchange.request)};
  auto admission = services_.gate->admit_now(attempt);
  if (!admission) admission = co_await services_.gate->admit(attempt, exchange.call);
  if (admission->identity) exchange.caller = admission->identity->user.name;
  raw->trail.caller = std::move(admission->identity);
  raw->trail.age = admission->age;
  raw->trail.decision = decision_on(admission->refusal);
  if (admission->refusal) co_return refuse(*admission->refusal, &exchange);
  co_return std::nullopt;
}

Task<http::Reply> Service::handle(http::Exchange& exchange) {
  auto& state = static_cast<State&>(*exchange.state);
  const auto& route = *state.match.route;
  json::Document document;
  if (!is_read(exchange.request.method()) && !exchange.request.body().empty()) {
    auto parsed = json::parse(exchange.request.body(), json::kRequestBody);
    if (!parsed) co_return refuse(parsed.error(), &exchange);
    document = std::move(*parsed);
    if (!route.takes_body && (!document.root().is_object() || document.root().size() > 0)) {
      co_return refuse(Error{ErrorCode::bad_request, "body: this takes none"}, &exchange);
    }
  }
  Context context{.request = exchange.request,
                  .route = route,
                  .path = state.match.path,
                  .query = state.query,
                  .body = exchange.request.body().empty() ? json::Value() : document.root(),
                  .call = exchange.call,
                  .services = services_,
                  .trail = state.trail};
  auto reply = co_await route.handle(context);
  if (!reply) co_return refuse(reply.error(), &exchange);
  reply->header("X-Request-Id", exchange.call.request_id);
  if (state.trail.age) {
    const auto age = std::chrono::floor<std::chrono::seconds>(*state.trail.age);
    reply->header("X-Authorization-Age", std::to_string(age.count()));
  }
  co_return std::move(*reply);
}

http::Reply Service::refuse(const Error& error, http::Exchange* exchange) {
  if (error.code == ErrorCode::cancelled) return {.abort = true};
  const auto id = exchange != nullptr ? exchange->call.request_id : observe::make_request_id();
  Error shown = error;
  std::string allow;
  if (error.code == ErrorCode::method_not_allowed) {
    for (const auto& cause : error.causes) {
      allow += (allow.empty() ? "" : ", ") + cause.field;
      if (cause.field == "GET") allow += ", HEAD";
    }
    shown.causes.clear();
  }
  auto reply = error_reply(shown, id);
  if (exchange != nullptr && exchange->state) {
    static_cast<State&>(*exchange->state).reason = http::error_row(error.code).reason;
  }
  if (reply.status == 401 && exchange != nullptr && exchange->request.count(http::Field::authorization) > 0) {
    const auto challenge = std::ranges::find(reply.headers, "WWW-Authenticate", &http::Header::name);
    challenge->value += " error=\"invalid_token\"";
  }
  if (!allow.empty()) reply.header("Allow", std::move(allow));
  reply.header("X-Request-Id", id);
  return reply;
}

void Service::finished(http::Exchange* exchange, const http::Outcome& outcome) {
  const auto* state = exchange != nullptr ? static_cast<const State*>(exchange->state.get()) : nullptr;
  const auto* route = state != nullptr ? state->match.route : nullptr;
  const auto pattern = route != nullptr ? route->pattern : std::string_view();
  const auto method =
      exchange != nullptr ? boost::beast::http::to_string(exchange->request.method()) : boost::beast::string_view();
  const auto status = outcome.status != 0 ? outcome.status : http::error_row(ErrorCode::cancelled).status;
  services_.metrics.answered({method.data(), method.size()}, pattern, status,
                             std::chrono::duration<double>(outcome.duration).count(), outcome.body_bytes);
  services_.stats.record(status, outcome.body_bytes, outcome.duration, Clock::now());

  if (services_.audit != nullptr && route != nullptr && is_audited(*route, state->query))
    audit(*exchange, *state, outcome.status);

  const bool quiet = pattern.starts_with("/") && !pattern.starts_with("/api/") && status < 400;
  const auto level = quiet ? observe::Level::debug : observe::Level::info;
  if (!observe::log_enabled(level)) return;
  const auto target = exchange != nullptr ? exchange->request.target() : boost::beast::string_view();
  observe::log(level, "request",
               {{"requestId", exchange != nullptr ? std::string_view(exchange->call.request_id) : ""},
                {"peer", exchange != nullptr ? std::string_view(exchange->peer) : ""},
                {"user", exchange != nullptr ? std::string_view(exchange->caller) : ""},
                {"method", std::string_view(method.data(), method.size())},
                {"path", path_of({target.data(), target.size()})},
                {"route", pattern},
                {"status", status},
                {"bytes", static_cast<std::int64_t>(outcome.body_bytes)},
                {"seconds", std::chrono::duration<double>(outcome.duration).count()},
                {"complete", outcome.complete}});
}

void Service::audit(const http::Exchange& exchange, const State& state, unsigned status) {
  const auto& route = *state.match.route;
  const auto& first = route.access.requirements().front();
  const auto& caller = state.trail.caller;
  auto names = state.trail.names;
  std::string_view ns;
  for (const auto& [parameter, value] : state.match.path) {
    if (parameter == "namespace") {
      ns = value;
    } else {
      names.insert(names.begin(), value);
    }
  }
  observe::AuditRecord record{.request_id = exchange.call.request_id,
                              .peer = exchange.peer,
                              .verb = first.verb,
                              .resource = model::info(first.kind).resource,
                              .route = route.pattern,
                              .ns = ns,
                              .names = names,
                              .dry_run = state.query.has("dryRun") && state.query.boolean("dryRun"),
                              .decision = to_string(state.trail.decision),
                              .status = status,
                              .reason = state.reason};
  if (caller) {
    record.user = caller->user.name;
    record.uid = caller->user.uid;
    record.groups = caller->user.groups;
  }
  services_.audit->write(record);
}

void Service::failed(std::string_view what) { observe::log(observe::Level::error, "bug", {{"what", what}}); }

}  // namespace quartermaster::api
