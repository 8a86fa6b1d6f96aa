#include "test/apisim/front.hpp"

#include <iostream>

#include "test/apisim/rest.hpp"

namespace quartermaster::apisim {
namespace {

constexpr std::size_t kBodyLimit = 3U << 20;
constexpr std::size_t kKeptRequests = 10'000;

struct Recorded : http::HandlerState {
  explicit Recorded(std::shared_ptr<Request> r) : request(std::move(r)) {}
  std::shared_ptr<Request> request;
};

Status status_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::payload_too_large:
      return {413, "RequestEntityTooLarge", "Request entity too large: limit is " + std::to_string(kBodyLimit)};
    case ErrorCode::internal:
      return internal_error(error.message);
    default:
      return bad_request(error.message);
  }
}

}  // namespace

Task<std::optional<http::Reply>> Front::accept(http::Exchange& exchange) {
  exchange.body_limit = kBodyLimit;
  exchange.cancel_if_abandoned = true;
  exchange.state = std::make_unique<Recorded>(record(exchange));
  co_return std::nullopt;
}

std::shared_ptr<Request> Front::record(const http::Exchange& exchange) {
  const auto& message = exchange.request;
  auto request = std::make_shared<Request>();
  request->method = std::string(message.method_string());
  request->target = std::string(message.target());
  request->request_id = std::string(message["X-Request-Id"]);
  requests_.push_back(request);
  if (requests_.size() > kKeptRequests) requests_.pop_front();
  return request;
}

Task<http::Reply> Front::handle(http::Exchange& exchange) {
  auto& request = *static_cast<Recorded&>(*exchange.state).request;
  request.body = exchange.request.body();
  const auto fault = faults_.take(request.method, request.target);
  if (!fault) co_return answer(exchange, request);
  if (fault->delay.count() > 0) co_await pause(*cluster_.loop, Clock::now() + fault->delay, exchange.call.stop);
  if (fault->compact) cluster_.store.compact(cluster_.store.version());
  http::Reply reply;
  switch (fault->action) {
    case Fault::Action::hang:
      co_await pause(*cluster_.loop, Clock::time_point::max(), exchange.call.stop);
      [[fallthrough]];
    case Fault::Action::abort:
      reply.abort = true;
      co_return reply;
    case Fault::Action::answer:
      reply = fault_reply(*fault);
      break;
    case Fault::Action::pass:
      reply = answer(exchange, request);
      break;
  }
  spoil(reply, *fault, *cluster_.loop, exchange.call.stop);
  co_return reply;
}

http::Reply Front::answer(const http::Exchange& exchange, Request& record) {
  const auto& message = exchange.request;
  auto target = http::parse_target(record.target);
  if (!target) return status_reply(bad_request(target.error().message));
  auto user = cluster_.access.authenticate(message[http::Field::authorization]);
  if (!user) return status_reply(unauthorized());
  record.user = user->name;

  ApiRequest request;
  request.method = record.method;
  request.path = record.target.substr(0, record.target.find('?'));
  request.target = std::move(*target);
  request.body = message.body();
  request.content_type = std::string(message[http::Field::content_type]);
  request.accept = std::string(message[http::Field::accept]);
  request.user = std::move(*user);
  return respond(cluster_, request, exchange.call);
}

http::Reply Front::refuse(const Error& error, http::Exchange*) { return status_reply(status_of(error)); }

void Front::finished(http::Exchange* exchange, const http::Outcome& outcome) {
  if (exchange != nullptr && exchange->state) static_cast<Recorded&>(*exchange->state).request->status = outcome.status;
}

void Front::failed(std::string_view what) { std::cerr << "apisim: bug: " << what << "\n"; }

}  // namespace quartermaster::apisim
