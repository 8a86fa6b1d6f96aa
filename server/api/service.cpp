// The application behind the HTTP layer.
#include "server/api/service.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <limits>

#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/api/watch_list.hpp"
#include "server/api/wipe_stack.hpp"
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

constexpr std::size_t kMaxIgnoredBody = 64U << 10;        // of a read, where it means nothing
constexpr std::size_t kMaxIgnoredBodyOfProbe = 1U << 10;  // which are not counted
constexpr std::size_t kSmallAnswer = 64U << 10;           // is not counted
constexpr auto kDefaultTimeout = 30s;
constexpr auto kMaxTimeout = 60s;

bool is_read(http::Verb method) { return method == http::Verb::get || method == http::Verb::head; }

/// Whether there can be a body: without these it has no bytes (RFC 9112 section 6.3).
bool tells_length(const http::Message& request) {
  return request.count(http::Field::content_length) + request.count(http::Field::transfer_encoding) > 0;
}

/// How many bytes of body the head announces; of a chunked one any number.
std::size_t announced_body(const http::Message& request) {
  if (request.count(http::Field::transfer_encoding) > 0) return std::numeric_limits<std::size_t>::max();
  const auto text = request[http::Field::content_length];
  std::size_t bytes = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return ec == std::errc::result_out_of_range ? std::numeric_limits<std::size_t>::max() : bytes;
}

/// How much room the body may take; none if it is refused for the length that it announces.
std::size_t room_for_body(const http::Exchange& exchange) {
  if (exchange.request.count(http::Field::transfer_encoding) > 0) return exchange.body_limit;
  const auto bytes = announced_body(exchange.request);
  return bytes > exchange.body_limit ? 0 : bytes;
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

/// `asked`: something was, or there is nothing to ask.
Decision decision_of(const auth::Admission& admission, bool asked) {
  if (!admission.refusal) return asked ? Decision::allowed : Decision::undecided;
  if (admission.undecided) return Decision::undecided;
  if (admission.refusal->code == ErrorCode::unauthorized) return Decision::unauthenticated;
  return admission.refusal->code == ErrorCode::forbidden ? Decision::denied : Decision::undecided;
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

/// By whom requests are counted: the authenticated caller, or where it comes from.
std::string_view counted_as(const http::Exchange& exchange) {
  if (!exchange.caller.empty()) return exchange.caller;
  return address_of(exchange.peer);
}

}  // namespace

struct Service::State : http::HandlerState {
  http::Admission::Place place;  // among the requests in flight
  http::Admission::Place body;
  http::Admission::Place answer;
  Match match;
  Query query;
  std::optional<Executor> executor;  // of requests about secrets
  Trail trail;
  std::string_view reason;  // of the error that was answered

  void release() {
    place.release();
    body.release();
    answer.release();
  }
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
  if (services_.settings.client_certificates && !exchange.client_verified &&
      route.access.who() != Access::Who::anyone) {
    return Error{ErrorCode::unauthorized, "a client certificate is needed"};
  }

  const bool read = is_read(request.method());
  auto query = Query::parse(*target, route.query, !read);
  if (!query) return query.error();
  state.query = std::move(*query);
  auto deadline = deadline_of(state.query, exchange.started);
  if (!deadline) return deadline.error();
  exchange.call.deadline = *deadline;
  exchange.cancel_if_abandoned = read || state.query.has("wait");
  if (read)
    exchange.body_limit =
        std::min(exchange.body_limit, route.always_answered ? kMaxIgnoredBodyOfProbe : kMaxIgnoredBody);
  if (route.needs_body() && !tells_length(request)) {
    return Error{ErrorCode::length_required, "this needs a body, and the request does not tell the length of one"};
  }
  if (!read && announced_body(request) > 0 &&
      !http::is_media_type(request[http::Field::content_type], route.body_type())) {
    return Error{ErrorCode::unsupported_media_type, "the body must be " + std::string(route.body_type())};
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
  if (raw->match.route->pattern.starts_with("/api/v1/secret/")) raw->executor = co_await asio::this_coro::executor;
  if (const auto refusal = co_await authorize(exchange, *raw)) co_return refuse(*refusal, &exchange);
  if (const auto admitted = admit(exchange, *raw); !admitted) co_return refuse(admitted.error(), &exchange);
  if (const auto admitted = admit_body(exchange, *raw); !admitted) co_return refuse(admitted.error(), &exchange);
  exchange.call.caller = std::hash<std::string_view>()(counted_as(exchange));
  co_return std::nullopt;
}

Task<std::optional<Error>> Service::authorize(http::Exchange& exchange, State& state) {
  const auto& route = *state.match.route;
  if (services_.gate == nullptr || route.access.who() == Access::Who::anyone) co_return std::nullopt;
  // Browsers ask for streams with no-cache.
  const bool stream = wants_events(route, exchange.request);
  const auto actions = actions_at_head(route.access, route.pattern, state.match.path, state.query, stream);
  const auth::Attempt attempt{.bearer = auth::bearer_of(exchange.request),
                              .peer = address_of(exchange.peer),
                              .actions = actions,
                              .cached_read = route.access.cached() && (stream || !bypasses_cache(exchange.request))};
  auto admission = services_.gate->admit_now(attempt);
  if (!admission) {
    // What waits for a review is in flight, too: by its address, until it is known who calls.
    if (const auto admitted = admit(exchange, state); !admitted) co_return admitted.error();
    admission = co_await services_.gate->admit(attempt, exchange.call);
  }
  if (admission->identity) exchange.caller = admission->identity->user.name;
  state.trail.caller = std::move(admission->identity);
  state.trail.age = admission->age;
  state.trail.decision = decision_of(*admission, !actions.empty() || route.access.requirements().empty());
  co_return std::move(admission->refusal);
}

Result<void> Service::admit(const http::Exchange& exchange, State& state) {
  if (state.match.route->always_answered) return {};
  state.place.release();
  auto place = services_.overload.requests.admit(counted_as(exchange));
  if (!place) return place.error();
  state.place = std::move(*place);
  return {};
}

Result<void> Service::admit_body(const http::Exchange& exchange, State& state) {
  const auto bytes = room_for_body(exchange);
  if (bytes == 0 || state.match.route->always_answered) return {};
  auto body = services_.overload.bodies.admit(counted_as(exchange), bytes);
  if (!body) return body.error();
  state.body = std::move(*body);
  return {};
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
                  .caller = counted_as(exchange),
                  .services = services_,
                  .trail = state.trail};
  auto reply = co_await route.handle(context);
  if (!reply) co_return refuse(reply.error(), &exchange);
  if (const auto bytes = reply->memory(); bytes > kSmallAnswer && is_read(route.method) && !route.always_answered) {
    auto place = services_.overload.answers.admit(context.caller, bytes);
    if (!place) co_return refuse(place.error(), &exchange);
    state.answer = std::move(*place);
  }
  reply->header("X-Request-Id", exchange.call.request_id);
  if (state.trail.age) {
    const auto age = std::chrono::floor<std::chrono::seconds>(*state.trail.age);
    reply->header("X-Authorization-Age", std::to_string(age.count()));
  }
  // What goes on has a place of its own, among the streams. A large list, which is one too, goes on being a request.
  if (reply->lasting) state.release();
  reply->close = reply->close || services_.draining;
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
  auto* const state = exchange != nullptr ? static_cast<State*>(exchange->state.get()) : nullptr;
  auto reply = error_reply(shown, id, state != nullptr ? std::string_view(state->trail.plan) : std::string_view());
  if (state != nullptr) state->reason = http::error_row(error.code).reason;
  if (state != nullptr && state->trail.decision == Decision::unauthenticated &&
      exchange->request.count(http::Field::authorization) > 0) {
    const auto challenge = std::ranges::find(reply.headers, "WWW-Authenticate", &http::Header::name);
    if (challenge != reply.headers.end()) challenge->value += " error=\"invalid_token\"";
  }
  if (!allow.empty()) reply.header("Allow", std::move(allow));
  if (error.code == ErrorCode::unsupported_media_type && exchange != nullptr &&
      exchange->request.method() == http::Verb::patch) {
    reply.header("Accept-Patch", "application/merge-patch+json");  // RFC 5789 section 2.2
  }
  reply.header("X-Request-Id", id);
  reply.close = services_.draining;
  return reply;
}

void Service::finished(http::Exchange* exchange, const http::Outcome& outcome) {
  auto* const state = exchange != nullptr ? static_cast<State*>(exchange->state.get()) : nullptr;
  if (state != nullptr) state->release();
  const auto* route = state != nullptr ? state->match.route : nullptr;
  if (state != nullptr && state->executor) asio::post(*state->executor, &wipe_stack);
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
