// The log of a container, relayed through one small buffer.
#include <algorithm>
#include <array>
#include <vector>

#include "model/pod.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/http/header_values.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

constexpr std::size_t kMaxJsonLog = 10U << 20;
constexpr std::size_t kJsonLogStep = 256U << 10;  // the first is free

Result<kubeapi::LogOptions> log_options(const Query& query) {
  if (query.has("sinceSeconds") && query.has("sinceTime")) {
    return Error{ErrorCode::bad_request, "parameters sinceSeconds and sinceTime: only one of them can be given"};
  }
  return kubeapi::LogOptions{.follow = query.boolean("follow"),
                             .previous = query.boolean("previous"),
                             .timestamps = query.boolean("timestamps"),
                             .tail_lines = query.number("tail"),
                             .since_seconds = query.number("sinceSeconds"),
                             .limit_bytes = query.number("limitBytes"),
                             .since_time = format_timestamp(query.time("sinceTime"))};
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

/// For HEAD: what has a length that is not known, and is not read.
class NothingToRead final : public ByteStream {
 public:
  Task<Result<std::string_view>> read() override { co_return std::string_view(); }
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

}  // namespace

Task<Result<http::Reply>> get_pod_logs(Context& context) {
  auto& api = context.services.api;
  const auto& ns = context.at("namespace");
  const auto& name = context.at("pod");
  auto options = log_options(context.query);
  if (!options) co_return options.error();
  const bool as_json = http::prefers_json(context.request[http::Field::accept]);
  if (as_json && options->follow) {
    co_return Error{ErrorCode::bad_request,
                    "parameter follow: a log that goes on cannot be one JSON string; accept text/plain"};
  }
  const auto raw = co_await api.get(Kind::pod, ns, name, {}, context.call);
  if (!raw) co_return about(raw.error(), "pod", ns, name);
  auto container = choose_container(model::pod_from(raw->root()), context.query);
  if (!container) co_return container.error();
  options->container = *container;
  options->keep_deadline = as_json;  // which is answered only when it is whole

  const std::string_view content_type = as_json ? "application/json" : "text/plain; charset=utf-8";
  if (context.request.method() == http::Verb::head) {
    http::Reply reply{.stream = std::make_unique<NothingToRead>()};
    reply.header("Content-Type", std::string(content_type)).header("X-Container", std::move(*container));
    co_return reply;
  }
  auto place = context.services.overload.streams.admit(context.caller);
  if (!place) co_return place.error();
  auto stream = co_await api.pod_log(ns, name, std::move(*options), context.call);
  if (!stream) co_return about(stream.error(), "pod", ns, name);
  http::Reply reply;
  if (as_json) {
    auto whole = co_await json_log(context, std::move(*stream));
    if (!whole) co_return whole.error();
    reply = std::move(*whole);
  } else {
    reply.header("Content-Type", std::string(content_type));
    reply.stream = std::make_unique<CountedStream>(std::move(*stream), std::move(*place));
  }
  reply.header("X-Container", std::move(*container));
  co_return reply;
}

}  // namespace quartermaster::api
