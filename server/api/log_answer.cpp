#include "server/api/log_answer.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "kubeapi/spawn.hpp"
#include "server/api/log_source.hpp"
#include "server/http/accept.hpp"
#include "server/http/event_stream.hpp"
#include "server/observe/log.hpp"

namespace quartermaster::api {
namespace {

constexpr auto kGiveUpOnWhole = std::chrono::seconds(30);  // of a log that does not go on

/// One log is the whole answer.
Task<void> run_alone(LogSourcePtr source, std::shared_ptr<LogPipe> pipe, Call call) {
  const auto ended = co_await run_source(std::move(source), std::move(call));
  pipe->finish(ended ? std::optional<Error>() : ended.error());
}

}  // namespace

std::string_view log_type(const http::Message& request) {
  return http::most_preferred(request[http::Field::accept],
                              {http::kJsonLines, http::kEventStream, "application/json", "text/plain"});
}

LogShape log_shape(std::string_view type) {
  if (type == http::kJsonLines) return LogShape::json_lines;
  return type == http::kEventStream ? LogShape::events : LogShape::text;
}

void set_log_headers(http::Reply& reply, LogShape shape) {
  if (shape == LogShape::text) {
    reply.header("Content-Type", "text/plain; charset=utf-8");
  } else {
    http::set_streaming(reply, shape == LogShape::events ? http::kEventStream : http::kJsonLines);
  }
}

Result<LogRequest> log_request(const Context& context, LogShape shape) {
  const auto& query = context.query;
  if (query.has("sinceSeconds") && query.has("sinceTime")) {
    return Error{ErrorCode::bad_request, "parameters sinceSeconds and sinceTime: only one of them can be given"};
  }
  LogRequest request;
  request.format = {.shape = shape,
                    .timestamps = query.boolean("timestamps"),
                    .contains = query.text("contains"),
                    .limit_bytes = query.number("limitBytes")};
  request.options.follow = query.boolean("follow");
  request.options.previous = query.boolean("previous");
  if (!request.options.follow) request.options.give_up_after = kGiveUpOnWhole;
  // A browser that comes back repeats the address that it was given, and says in the header how far it has come.
  const auto header = context.request["Last-Event-ID"];
  const auto text = header.empty() ? query.text("cursor") : std::string(header.data(), header.size());
  request.resumed = !text.empty();
  if (!request.resumed) {
    request.options.tail_lines = query.number("tail");
    request.options.since_seconds = query.number("sinceSeconds");
    request.options.since_time = format_timestamp(query.time("sinceTime"));
    return request;
  }
  auto cursor = LogCursor::parse(text);
  const std::string what = header.empty() ? "parameter cursor" : "header Last-Event-ID";
  if (!cursor) return Error{ErrorCode::bad_request, what + ": it is not the cursor of a line of such an answer"};
  if (request.options.previous) {
    return Error{ErrorCode::bad_request, what + ": it goes on with a log, and previous=true does not"};
  }
  request.cursor = std::move(*cursor);
  return request;
}

kubeapi::LogPosition first_position(const LogRequest& request, std::string_view source, std::int64_t restarts) {
  if (const auto* const known = request.cursor.find(source)) return *known;
  constexpr std::int64_t kLongest = 1'000'000'000;  // seconds
  const auto& options = request.options;
  const Timestamp now = std::chrono::system_clock::now();
  auto from = kubeapi::LogPosition::kBegin;
  if (options.tail_lines == 0)
    from = now;
  else if (options.since_seconds)
    from = now - std::chrono::seconds(std::min(*options.since_seconds, kLongest));
  else if (const auto since = parse_timestamp(options.since_time))
    from = std::max(from, *since);
  return {.time = from, .restarts = restarts};
}

Task<Result<void>> run_source(LogSourcePtr source, Call call) {
  try {
    co_return co_await source->follower.run(std::move(call));
  } catch (const std::exception& bug) {
    observe::log(observe::Level::error, "bug", {{"what", bug.what()}});
  }
  co_return Error{ErrorCode::internal, "internal error"};
}

LogAnswer::LogAnswer(std::shared_ptr<LogPipe> pipe, LogShape shape, const Call& caller)
    : pipe_(std::move(pipe)),
      shape_(shape),
      call_(caller),
      caller_(caller.stop, [stop = stop_, pipe = pipe_]() mutable {
        stop.request_stop();
        pipe->close();
      }) {
  call_.stop = stop_.get_token();
}

LogAnswer::~LogAnswer() {
  stop_.request_stop();
  pipe_->close();
}

Call LogAnswer::call() const { return call_; }

Task<Result<std::string_view>> LogAnswer::read() {
  if (first_) co_return *std::exchange(first_, std::nullopt);
  for (;;) {
    const auto piece = co_await pipe_->read(http::kHeartbeat);
    if (!piece) co_return piece.error();
    if (!*piece) co_return end();
    if (!(*piece)->empty()) co_return **piece;
    if (shape_ != LogShape::events) continue;
    own_.clear();
    http::append_heartbeat(own_);
    // Lines that were left out by a filter count, too.
    if (const auto id = pipe_->cursor().text(); !id.empty()) own_.append("id: ").append(id).append("\n\n");
    co_return std::string_view(own_);
  }
}

Task<Result<bool>> LogAnswer::has_events() {
  const auto piece = co_await read();
  if (!piece) co_return piece.error();
  first_ = *piece;
  co_return !ended_;
}

/// Browsers take the end of a stream for a lost connection, and come back: so it is an event.
std::string_view LogAnswer::end() {
  if (shape_ != LogShape::events || std::exchange(ended_, true)) return {};
  own_.clear();
  const auto id = pipe_->cursor().text();
  http::append_event(own_, {.id = id, .name = "end", .data = "{}"});
  return own_;
}

Task<Result<std::unique_ptr<ByteStream>>> answer_with_log(Context& context, LogRequest request,
                                                          kubeapi::LogTarget target, http::Admission::Place place,
                                                          bool ended) {
  const auto executor = co_await asio::this_coro::executor;
  const auto pipe = std::make_shared<LogPipe>(executor);
  auto answer = std::make_unique<LogAnswer>(pipe, request.format.shape, context.call);
  const auto restarts = target.restarts;
  auto source = std::make_shared<LogSource>(context.services.api, request, std::move(target), pipe, std::move(place));
  pipe->cursor().set(source->id, first_position(request, source->id, restarts));
  if (request.resumed && request.cursor.find(source->id) == nullptr) source->writer.mark(kubeapi::LogMark::gap, {});
  auto call = answer->call();
  const auto opened = co_await source->follower.open(call);
  if (!opened) co_return opened.error();
  spawn(executor, run_alone(std::move(source), pipe, std::move(call)));
  if (ended && request.resumed && request.format.shape == LogShape::events) {
    const auto any = co_await answer->has_events();
    if (!any) co_return any.error();
    if (!*any) co_return nullptr;
  }
  co_return answer;
}

}  // namespace quartermaster::api
