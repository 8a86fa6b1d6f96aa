// The logs of many pods in one answer. As a whole they come pod by pod; followed, line by line as they come.
#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <set>
#include <vector>

#include "kubeapi/pages.hpp"
#include "kubeapi/spawn.hpp"
#include "model/container_run.hpp"
#include "model/pod.hpp"
#include "server/api/handlers.hpp"
#include "server/api/log_source.hpp"
#include "server/api/replies.hpp"
#include "server/api/while_allowed.hpp"
#include "server/observe/log.hpp"

namespace quartermaster::api {
namespace {

using model::Kind;

constexpr auto kLook = std::chrono::seconds(1);          // at the cache, for a change of pods
constexpr auto kLookUncached = std::chrono::seconds(5);  // at the API server, instead
constexpr auto kAnswerTime = std::chrono::seconds(10);

struct Found {
  kubeapi::LogTarget target;
  bool started = false, finished = false;

  std::string id() const { return LogCursor::source_of(target.uid, target.container); }
};

/// The merging of one answer; shared by all that run for it.
class Merge : public std::enable_shared_from_this<Merge> {
 public:
  Merge(Context& context, LogRequest request, std::shared_ptr<LogPipe> pipe, Call call)
      : services_(context.services),
        ns_(context.at("namespace")),
        selector_(context.query.selector().to_string()),
        container_(context.query.text("container")),
        caller_(context.caller),
        request_(std::move(request)),
        pipe_(std::move(pipe)),
        call_(std::move(call)),
        began_(Clock::now()) {}

  Task<Result<std::vector<Found>>> discover(Clock::time_point deadline) const;
  /// Where to go on in these is known, though they say nothing before this answer ends.
  void set_positions(const std::vector<Found>& found) const;
  /// In one place. Error: there is none.
  Result<void> read_in_turn(const Executor& executor, std::vector<Found> found);
  /// Those that have ended in turn, the others side by side, and those that come. Error: there is no room for all.
  Result<void> follow(const Executor& executor, const std::vector<Found>& found);

 private:
  enum class State { running, ended, omitted };

  static Task<void> run_in_turn(std::shared_ptr<Merge> self, std::vector<Found> found, http::Admission::Place place);
  static Task<void> run_beside(std::shared_ptr<Merge> self, LogSourcePtr source);
  static Task<void> look_out(std::shared_ptr<Merge> self);
  /// False: the answer has an error, and is at its end.
  Task<bool> run(LogSourcePtr source);
  /// Begins to read those that have not been begun. Error: there is no room for all.
  Result<void> add(const Executor& executor, const std::vector<Found>& found, bool later);
  LogSourcePtr make(const Found& found, http::Admission::Place place, bool later) const;
  void forget_gone(const std::vector<Found>& found);
  Task<bool> await_change();
  Task<bool> look_again();

  Services& services_;
  const std::string ns_, selector_, container_, caller_;
  const LogRequest request_;
  const std::shared_ptr<LogPipe> pipe_;
  const Call call_;
  const Clock::time_point began_;
  std::map<std::string, State, std::less<>> sources_;
  kubeapi::Digest seen_;  // of the namespace's pods in the cache
};

/// In the order of their names; those without the container that was asked for are left out.
Task<Result<std::vector<Found>>> Merge::discover(Clock::time_point deadline) const {
  std::vector<Found> all;
  const auto each = [&](json::Value object) {
    const auto pod = model::pod_from(object);
    const std::string container = container_.empty() ? std::string(model::default_container(pod)) : container_;
    if (model::find_container(pod, container) == nullptr) return;
    const auto run = model::container_run(object, container);
    all.push_back(
        {{.ns = ns_, .pod = pod.meta.name, .uid = pod.meta.uid, .container = container, .restarts = run.restarts},
         run.started,
         run.finished});
  };
  const auto restart = [&all] { all.clear(); };
  kubeapi::ListOptions options;
  options.label_selector = selector_;
  auto call = call_;
  call.deadline = deadline;
  const auto end = co_await kubeapi::for_each_object(services_.api, Kind::pod, ns_, std::move(options), std::move(call),
                                                     each, restart);
  if (!end) co_return end.error();
  co_return all;
}

void Merge::set_positions(const std::vector<Found>& found) const {
  for (const auto& each : found) {
    const auto id = each.id();
    if (!each.started && request_.cursor.find(id) == nullptr) continue;
    pipe_->cursor().set(id, first_position(request_, id, each.target.restarts));
  }
}

LogSourcePtr Merge::make(const Found& found, http::Admission::Place place, bool later) const {
  auto request = request_;
  auto& since = request.options.since_seconds;
  if (since) *since += std::chrono::floor<std::chrono::seconds>(Clock::now() - began_).count();
  if (later) {  // all of it is new
    request.options.tail_lines.reset();
    request.options.since_seconds.reset();
    request.options.since_time.clear();
  }
  return std::make_shared<LogSource>(services_.api, request, found.target, pipe_, std::move(place));
}

Result<void> Merge::follow(const Executor& executor, const std::vector<Found>& found) {
  std::vector<Found> ended;
  for (const auto& each : found) {
    if (!each.started || !each.finished) continue;
    ended.push_back(each);
    sources_[each.id()] = State::running;
  }
  if (!ended.empty()) {
    const auto begun = read_in_turn(executor, std::move(ended));
    if (!begun) return begun.error();
  }
  const auto added = add(executor, found, false);
  if (!added) return added.error();
  spawn(executor, look_out(shared_from_this()));
  return {};
}

Result<void> Merge::add(const Executor& executor, const std::vector<Found>& found, bool later) {
  for (const auto& each : found) {
    const auto id = each.id();
    const auto known = sources_.find(id);
    if (!each.started || (known != sources_.end() && known->second != State::omitted)) continue;
    auto place = services_.overload.streams.admit(caller_);
    if (!place && !later) return place.error();
    if (!place) {
      if (known == sources_.end()) make(each, {}, later)->writer.omit();
      sources_[id] = State::omitted;
      continue;
    }
    sources_[id] = State::running;
    spawn(executor, run_beside(shared_from_this(), make(each, std::move(*place), later)));
  }
  return {};
}

Task<bool> Merge::run(LogSourcePtr source) {
  const auto ended = co_await run_source(source, call_);
  sources_[source->id] = State::ended;
  if (ended || ended.error().code == ErrorCode::not_found) co_return true;
  if (ended.error().code == ErrorCode::bad_request) {  // its kubelet has none: no reason to end those of others
    source->writer.mark(kubeapi::LogMark::gap, source->follower.at());
    co_return true;
  }
  pipe_->finish(ended.error());
  co_return false;
}

Task<void> Merge::run_beside(std::shared_ptr<Merge> self, LogSourcePtr source) {
  static_cast<void>(co_await self->run(std::move(source)));
}

/// Their cursors, too: nobody will ask for them any more.
void Merge::forget_gone(const std::vector<Found>& found) {
  std::set<std::string, std::less<>> there;
  for (const auto& each : found) there.insert(each.id());
  for (auto each = sources_.begin(); each != sources_.end();) {
    if (there.contains(each->first) || each->second == State::running) {
      ++each;
      continue;
    }
    pipe_->cursor().erase(each->first);
    each = sources_.erase(each);
  }
}

Task<bool> Merge::await_change() {
  for (;;) {
    const auto* const cache = services_.caches.find(Kind::pod, ns_);
    // One that is left out gets a place when one is free, whether or not a pod has changed.
    const bool left_out =
        std::ranges::any_of(sources_, [](const auto& source) { return source.second == State::omitted; });
    const bool cached = cache != nullptr && cache->usable() && !left_out;
    const auto slept = co_await sleep_for(cached ? Clock::duration(kLook) : Clock::duration(kLookUncached), call_);
    if (!slept) co_return false;
    if (!cached) co_return true;
    const auto now = cache->store().shard(ns_)->digest();
    if (now == seen_) continue;
    seen_ = now;
    co_return true;
  }
}

/// False: the answer is at its end.
Task<bool> Merge::look_again() {
  const bool changed = co_await await_change();
  if (!changed || pipe_->finished()) co_return false;
  const auto found = co_await discover(Clock::now() + kAnswerTime);
  if (!found) {
    seen_ = {};  // look again
    co_return true;
  }
  const auto executor = co_await asio::this_coro::executor;
  const auto added = add(executor, *found, true);
  if (added) forget_gone(*found);
  co_return true;
}

Task<void> Merge::look_out(std::shared_ptr<Merge> self) {
  try {
    for (bool going_on = true; going_on;) going_on = co_await self->look_again();
    self->pipe_->finish();
    co_return;
  } catch (const std::exception& bug) {
    observe::log(observe::Level::error, "bug", {{"what", bug.what()}});
  }
  self->pipe_->finish(Error{ErrorCode::internal, "internal error"});
}

Result<void> Merge::read_in_turn(const Executor& executor, std::vector<Found> found) {
  auto place = services_.overload.streams.admit(caller_);
  if (!place) return place.error();
  spawn(executor, run_in_turn(shared_from_this(), std::move(found), std::move(*place)));
  return {};
}

/// A pod that is gone by now has no log.
Task<void> Merge::run_in_turn(std::shared_ptr<Merge> self, std::vector<Found> found, http::Admission::Place place) {
  for (const auto& each : found) {
    if (!each.started) continue;
    const bool go_on = co_await self->run(self->make(each, {}, false));
    if (!go_on || self->call_.stop.stop_requested()) break;
  }
  place.release();
  if (!self->request_.options.follow) self->pipe_->finish();
}

}  // namespace

Task<Result<std::unique_ptr<ByteStream>>> answer_with_logs(Context& context, LogRequest request) {
  const auto executor = co_await asio::this_coro::executor;
  const bool follow = request.options.follow, with_cursors = request.format.shape != LogShape::text;
  auto pipe = std::make_shared<LogPipe>(executor);
  auto answer = std::make_unique<LogAnswer>(pipe, request.format.shape, context.call);
  auto merge = std::make_shared<Merge>(context, std::move(request), std::move(pipe), answer->call());
  auto found = co_await merge->discover(context.call.deadline);
  if (!found) co_return found.error();
  if (with_cursors && found->size() > LogCursor::kMost) {
    co_return Error{ErrorCode::bad_request, "parameter labelselector: it selects " + std::to_string(found->size()) +
                                                " pods; a cursor holds the positions in at most " +
                                                std::to_string(LogCursor::kMost)};
  }
  if (context.request.method() == http::Verb::head) co_return nothing_to_read();
  merge->set_positions(*found);
  const auto begun = follow ? merge->follow(executor, *found) : merge->read_in_turn(executor, std::move(*found));
  if (!begun) co_return begun.error();
  co_return answer;
}

Task<Result<http::Reply>> get_pods_logs(Context& context) {
  const auto shape = log_shape(log_type(context.request));
  auto request = log_request(context, shape);
  if (!request) co_return request.error();
  http::Reply reply;
  set_log_headers(reply, shape);
  const bool follow = request->options.follow;
  auto stream = co_await answer_with_logs(context, std::move(*request));
  if (!stream) co_return stream.error();
  reply.stream = follow ? while_allowed(context, std::move(*stream)) : std::move(*stream);
  reply.lasting = true;
  co_return reply;
}

}  // namespace quartermaster::api
