// Lists as streams.
#include "server/api/watch_list.hpp"

#include <algorithm>
#include <utility>

#include "server/api/replies.hpp"
#include "server/api/while_allowed.hpp"
#include "server/http/accept.hpp"
#include "server/http/event_stream.hpp"
#include "server/watch/listening.hpp"

namespace quartermaster::api {
namespace {

/// In the kernel, for each listener; who takes no more than that is told less often, but more at once.
constexpr int kSendBuffer = 64 << 10;

/// Each change is matched with all of them, for as long as somebody listens.
constexpr std::size_t kMostRequirements = 64;

http::Reply event_reply(std::unique_ptr<ByteStream> events) {
  http::Reply reply{.stream = std::move(events), .lasting = true, .send_buffer = kSendBuffer};
  http::set_streaming(reply, http::kEventStream);
  reply.header("Vary", "Accept");
  return reply;
}

Task<Result<void>> wait_for_version(watch::FeedPtr feed, std::string version, Call call) {
  auto waited = co_await feed->objects().wait_for(version, call);
  if (waited && feed->quotas() != nullptr) waited = co_await feed->quotas()->wait_for(version, call);
  co_return waited;
}

}  // namespace

bool wants_events(const http::Message& request) { return http::prefers_events(request[http::Field::accept]); }

bool wants_events(const Route& route, const http::Message& request) {
  const auto is_of_streams = [](const Requirement& requirement) { return requirement.moment == Moment::stream; };
  return std::ranges::any_of(route.access.requirements(), is_of_streams) && wants_events(request);
}

Task<Result<http::Reply>> watch_objects(Context& context, Resource resource, ListRequest request) {
  auto& services = context.services;
  if (request.limit > 0 || !request.continue_token.empty()) {
    co_return Error{ErrorCode::bad_request, "parameters limit and continue: a stream of events is of the whole list"};
  }
  if (request.selector.requirements().size() > kMostRequirements) {
    co_return Error{ErrorCode::bad_request, "parameter labelselector: a stream of events has no more than " +
                                                std::to_string(kMostRequirements) + " requirements"};
  }
  Result<watch::FeedPtr> feed = watch::FeedPtr();
  if (services.feeds != nullptr) feed = services.feeds->find(resource, request.ns);
  if (!feed) co_return feed.error();
  if (!*feed) {
    co_return not_acceptable(
        "this list is read from the API server each time: there are no events of it; accept "
        "application/json",
        context.call.request_id);
  }
  if (context.request.method() == http::Verb::head) co_return event_reply(nothing_to_read());
  auto place = services.overload.watchers.admit(context.caller);
  if (!place) co_return place.error();
  if (const auto& version = request.freshness.not_older_than; !version.empty()) {
    const auto waited = co_await wait_for_version(*feed, version, context.call);
    if (!waited) co_return waited.error();
  }
  const auto last_event_id = context.request["Last-Event-ID"];
  watch::Terms terms{.filter = {std::move(request.ns), std::move(request.selector)},
                     .last_event_id = std::string(last_event_id.data(), last_event_id.size()),
                     .means = {services.feeds->lines(), services.overload.answers, std::string(context.caller)},
                     .right = right_of(context, true),
                     .place = std::move(*place),
                     .call = context.call};
  auto listening = co_await watch::Listening::begin(std::move(*feed), std::move(terms));
  if (!listening) co_return listening.error();
  co_return event_reply(std::move(*listening));
}

}  // namespace quartermaster::api
