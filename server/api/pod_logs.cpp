// The log of a container: relayed through one small buffer as it comes, or, where more is asked for, line by line.
#include <algorithm>
#include <array>
#include <vector>

#include "model/container_run.hpp"
#include "model/pod.hpp"
#include "server/api/handlers.hpp"
#include "server/api/log_answer.hpp"
#include "server/api/replies.hpp"
#include "server/api/while_allowed.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

constexpr std::size_t kMaxJsonLog = 10U << 20;
constexpr std::size_t kJsonLogStep = 256U << 10;  // the first is free

/// Of a log that is relayed as it comes.
kubeapi::LogOptions log_options(const LogRequest& request) {
  return {.previous = request.options.previous,
          .timestamps = request.format.timestamps,
          .tail_lines = request.options.tail_lines,
          .since_seconds = request.options.since_seconds,
          .limit_bytes = request.format.limit_bytes,
          .since_time = request.options.since_time};
}

/// The container to read. Error: bad_request naming those there are.
Result<std::string> choose_container(const model::Pod& pod, const Query& query) {
  if (!query.has("container")) return std::string(model::default_container(pod));
  auto name = query.text("container");
  if (model::find_container(pod, name) != nullptr) return name;
  std::string known;
  for (const auto& container : model::container_names(pod)) known += (known.empty() ? "" : ", ") + container;
  return Error{ErrorCode::bad_request, "parameter container: the pod has no container " + name + "; it has " + known};
}

/// A stream and its place among the streams.
class CountedStream final : public ByteStream {
 public:
  CountedStream(std::unique_ptr<ByteStream> stream, http::Admission::Place place)
      : place_(std::move(place)), stream_(std::move(stream)) {}
  Task<Result<std::string_view>> read() override { return stream_->read(); }

 private:
  http::Admission::Place place_;
  std::unique_ptr<ByteStream> stream_;
};

/// The whole text as one JSON string. It takes room among the answers as it grows.
Task<Result<http::Reply>> json_log(Context& context, std::unique_ptr<ByteStream> stream) {
  std::string text;
  std::vector<http::Admission::Place> places;
  for (;;) {
    const auto piece = co_await stream->read();
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    if (text.size() + piece->size() > (places.size() + 1) * kJsonLogStep) {
      auto place = context.services.overload.answers.admit(context.caller, kJsonLogStep);
      if (!place) co_return place.error();
      places.push_back(std::move(*place));
    }
    if (text.size() + piece->size() > kMaxJsonLog) {
      co_return Error{ErrorCode::payload_too_large,
                      "the log is larger than 10 MiB, too large for one JSON string: "
                      "ask for less of it by tail or limitBytes, or for text/plain"};
    }
    text += *piece;
  }
  std::string body;
  json::Writer(body).string(text);
  co_return json_reply(200, std::move(body));
}

/// What cannot be relayed as it comes.
bool is_read_by_line(const LogRequest& request) {
  return request.format.shape != LogShape::text || request.options.follow || !request.format.contains.empty() ||
         request.resumed;
}

/// The log as bytes; the text of it, unless it is read line by line. Null as with answer_with_log().
Task<Result<std::unique_ptr<ByteStream>>> open_log(Context& context, kubeapi::LogTarget target, LogRequest request,
                                                   bool as_json, bool ended) {
  auto place = context.services.overload.streams.admit(context.caller);
  if (!place) co_return place.error();
  if (is_read_by_line(request)) {
    request.options.keep_deadline = as_json;
    co_return co_await answer_with_log(context, std::move(request), std::move(target), std::move(*place), ended);
  }
  auto options = log_options(request);
  options.container = target.container;
  options.keep_deadline = as_json;  // which is answered only when it is whole
  auto stream = co_await context.services.api.pod_log(target.ns, target.pod, std::move(options), context.call);
  if (!stream) co_return stream.error();
  co_return std::make_unique<CountedStream>(std::move(*stream), std::move(*place));
}

}  // namespace

Task<Result<http::Reply>> get_pod_logs(Context& context) {
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pod");
  const auto type = log_type(context.request);
  const auto shape = log_shape(type);
  const bool as_json = type == "application/json";
  if (as_json && context.query.boolean("follow")) {
    co_return Error{ErrorCode::bad_request,
                    "parameter follow: a log that goes on cannot be one JSON string; accept text/plain, "
                    "application/x-ndjson or text/event-stream"};
  }
  auto request = log_request(context, shape);
  if (!request) co_return request.error();
  const bool follow = request->options.follow;
  const auto raw = co_await context.services.api.get(Kind::pod, ns, name, {}, context.call);
  if (!raw) co_return about(raw.error(), "pod", ns, name);
  const auto pod = model::pod_from(raw->root());
  const auto container = choose_container(pod, context.query);
  if (!container) co_return container.error();

  http::Reply reply;
  if (context.request.method() == http::Verb::head) {
    reply.stream = nothing_to_read();
    if (as_json) reply.header("Content-Type", "application/json");
  } else {
    kubeapi::LogTarget target{.ns = ns, .pod = name, .uid = pod.meta.uid, .container = *container};
    const auto run = model::container_run(raw->root(), *container);
    target.restarts = run.restarts;
    auto stream = co_await open_log(context, std::move(target), std::move(*request), as_json, run.finished);
    if (!stream) co_return about(stream.error(), "pod", ns, name);
    if (*stream == nullptr) co_return http::Reply{.status = 204};
    if (as_json) {
      auto whole = co_await json_log(context, std::move(*stream));
      if (!whole) co_return whole.error();
      reply = std::move(*whole);
    } else {
      reply.stream = follow ? while_allowed(context, std::move(*stream)) : std::move(*stream);
      reply.lasting = true;
    }
  }
  if (!as_json) set_log_headers(reply, shape);
  reply.header("X-Container", *container);
  co_return reply;
}

}  // namespace quartermaster::api
