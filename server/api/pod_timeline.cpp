// A pod's events and those around it, in the order of time; and, where that is asked for, those that come.
#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "kubeapi/follow.hpp"
#include "kubeapi/watch_event.hpp"
#include "model/json_splitter.hpp"
#include "server/api/handlers.hpp"
#include "server/api/replies.hpp"
#include "server/api/timeline.hpp"
#include "server/api/while_allowed.hpp"

namespace quartermaster::api {
namespace {

using namespace std::chrono_literals;
using model::Kind;

// How long one watch takes. The events of the node, which are in another namespace, are looked at between two.
constexpr auto kWatch = 10s;
constexpr auto kGrace = 5s;        // past that, the API server has forgotten us
constexpr auto kToList = 30s;      // for each list, while events are followed
constexpr auto kRetryPause = 1s;   // after a failure
constexpr int kMostFailures = 60;  // in a row
constexpr std::size_t kMaxEventBytes = 1U << 20;
constexpr int kMostClaims = 16;  // that are asked for one by one

/// All events there are about the timeline's subjects, oldest first.
struct Told {
  std::vector<model::Event> events = {};
  std::string version = {};          // not newer than any of the pod's namespace
  std::optional<Error> denied = {};  // the service may not list those of other namespaces
};

/// What to ask for: many claims are asked for at once, as the claims of the namespace.
std::vector<Subject> in_few_lists(std::vector<Subject> subjects) {
  const auto is_claim = [](const auto& subject) { return subject.kind == model::info(Kind::pvc).name; };
  if (std::ranges::count_if(subjects, is_claim) <= kMostClaims) return subjects;
  const auto first = std::ranges::find_if(subjects, is_claim);
  first->name.clear();
  subjects.erase(std::remove_if(std::next(first), subjects.end(), is_claim), subjects.end());
  return subjects;
}

Task<Result<Told>> read_events(kubeapi::Api& api, std::string ns, std::vector<Subject> subjects, Call call) {
  Told told;
  const auto asked = in_few_lists(subjects);
  for (const auto& subject : asked) {
    auto listed = co_await events_about(api, subject, call);
    if (!listed && listed.error().code == ErrorCode::forbidden && subject.ns != ns) {
      told.denied = listed.error();
      continue;
    }
    if (!listed) co_return listed.error();
    if (told.version.empty()) told.version = std::move(listed->resource_version);
    std::erase_if(listed->objects, [&subjects](const auto& event) { return !is_about_any(event, subjects); });
    std::ranges::move(listed->objects, std::back_inserter(told.events));
  }
  model::sort_by_time(told.events);
  co_return told;
}

http::Reply whole(const Timeline& timeline, const Told& told) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("objects").begin_array();
  for (const auto& subject : timeline.subjects) {
    writer.begin_object().field("kind", subject.kind).field("name", subject.name).end_object();
  }
  writer.end_array().key("events").begin_array();
  for (const auto& event : told.events) model::write_with_object(writer, event);
  writer.end_array();
  write_unread(writer, timeline.unread);
  writer.end_object();
  auto reply = json_reply(200, std::move(body));
  set_version(reply, told.version);
  return reply;
}

/// A line for each event: first those there are, then each that comes or counts on. It holds the versions of those that
/// the API server still has, and no event.
class TimelineStream final : public ByteStream {
 public:
  TimelineStream(kubeapi::Api& api, Timeline timeline, Told told, Call call, http::Admission::Place place,
                 const bool& draining)
      : place_(std::move(place)),
        api_(api),
        subjects_(std::move(timeline.subjects)),
        homeless_(std::move(timeline.homeless)),
        version_(std::move(told.version)),
        call_(std::move(call)),
        draining_(draining) {
    for (const auto& event : told.events) tell(event);
  }

  Task<Result<std::string_view>> read() override {
    while (pending_.empty() && !draining_) {
      Result<void> done;
      if (stream_ == nullptr) {
        done = co_await go_on();
      } else {
        done = co_await read_watch();
      }
      if (!done) co_return done.error();
    }
    sent_ = std::exchange(pending_, {});
    co_return std::string_view(sent_);
  }

 private:
  /// Looks at the node's events, or after a failure at all, and opens the next watch.
  Task<Result<void>> go_on();
  Task<void> find_node();
  Task<Result<void>> open_watch();
  /// Tells what a piece of the watch holds.
  Task<Result<void>> read_watch();
  Task<Result<void>> end_watch();
  void take(const kubeapi::WatchEvent& watched);
  Task<Result<void>> failed(Error error);
  void tell(const model::Event& event);
  void forget_others(const std::vector<model::Event>& listed, bool all);
  const std::string& ns() const { return subjects_.front().ns; }

  Call within(Clock::duration time) const {
    Call call = call_;
    call.deadline = Clock::now() + time;
    return call;
  }

  http::Admission::Place place_;
  kubeapi::Api& api_;
  std::vector<Subject> subjects_;
  std::string homeless_;
  std::string version_;
  const Call call_;
  const bool& draining_;

  struct Version {
    std::string version;
    bool watched = false;  // it is of the namespace that is watched
  };
  std::map<std::string, Version> versions_;  // of events that were told, by uid
  std::unique_ptr<ByteStream> stream_;
  std::optional<json::StreamSplitter> splitter_;
  Clock::time_point opened_{};
  int failures_ = 0;
  bool lost_ = false;  // something may have been missed
  std::string pending_, sent_;
};

/// Unless this version of it has been told.
void TimelineStream::tell(const model::Event& event) {
  auto& known = versions_[event.meta.uid];
  known.watched = event.meta.ns == ns();
  if (std::exchange(known.version, event.meta.resource_version) == event.meta.resource_version) return;
  json::Writer writer(pending_);
  model::write_with_object(writer, event);
  pending_ += '\n';
}

Task<Result<void>> TimelineStream::failed(Error error) {
  stream_.reset();
  if (call_.stop.stop_requested() || error.code == ErrorCode::forbidden || ++failures_ > kMostFailures) co_return error;
  lost_ = lost_ || error.code == ErrorCode::expired;
  const auto slept = co_await sleep_for(kRetryPause, call_);
  if (!slept) co_return slept.error();
  co_return Result<void>();
}

/// Of the events that are no longer there, but those that only the watch tells of.
void TimelineStream::forget_others(const std::vector<model::Event>& listed, bool all) {
  std::set<std::string_view> there;
  for (const auto& event : listed) there.insert(event.meta.uid);
  std::erase_if(versions_,
                [&](const auto& entry) { return (all || !entry.second.watched) && !there.contains(entry.first); });
}

/// Of a pod that was on none yet. Where that fails, it is tried again.
Task<void> TimelineStream::find_node() {
  if (homeless_.empty()) co_return;
  Call call = within(kToList);
  const auto raw = co_await api_.get(Kind::pod, ns(), subjects_.front().name, {}, std::move(call));
  if (!raw && raw.error().code != ErrorCode::not_found) co_return;
  const bool there = raw && raw->root()["metadata"]["uid"].string() == homeless_;
  std::string node(there ? raw->root()["spec"]["nodeName"].string() : "");
  if (there && node.empty()) co_return;
  homeless_.clear();
  if (there) add_node(subjects_, std::move(node));
  lost_ = lost_ || there;  // what is told of it already
}

Task<Result<void>> TimelineStream::go_on() {
  co_await find_node();
  std::vector<Subject> subjects = subjects_;
  if (!lost_) std::erase_if(subjects, [this](const auto& subject) { return subject.ns == ns(); });
  Call call = within(kToList);
  const auto told = co_await read_events(api_, ns(), std::move(subjects), std::move(call));
  if (!told) co_return co_await failed(told.error());
  for (const auto& event : told->events) tell(event);
  forget_others(told->events, lost_);
  if (std::exchange(lost_, false)) version_ = told->version;
  co_return co_await open_watch();
}

Task<Result<void>> TimelineStream::open_watch() {
  Call call = within(kWatch + kGrace);
  auto stream = co_await kubeapi::follow(api_.client(), Kind::event, ns(), version_, kWatch, std::move(call));
  if (!stream) co_return co_await failed(stream.error());
  stream_ = std::move(*stream);
  splitter_.emplace(kMaxEventBytes);
  opened_ = Clock::now();
  co_return Result<void>();
}

/// In good order. One that ends at once is not opened again and again.
Task<Result<void>> TimelineStream::end_watch() {
  stream_.reset();
  if (Clock::now() - opened_ > kRetryPause) co_return Result<void>();
  co_return co_await sleep_for(kRetryPause, call_);
}

Task<Result<void>> TimelineStream::read_watch() {
  const auto bytes = co_await stream_->read();
  if (!bytes) co_return co_await failed(bytes.error());
  failures_ = 0;
  if (bytes->empty()) co_return co_await end_watch();
  splitter_->feed(*bytes);
  for (;;) {
    const auto text = splitter_->next();
    if (!text) co_return co_await failed(text.error());
    if (!*text) co_return Result<void>();
    const auto event = kubeapi::decode_event(Kind::event, **text);
    if (!event) co_return co_await failed(event.error());
    if (event->type == kubeapi::EventType::error) co_return co_await failed(event->error);
    take(*event);
  }
}

void TimelineStream::take(const kubeapi::WatchEvent& watched) {
  using enum kubeapi::EventType;
  if (watched.type == unknown || !watched.kind_ok) return;
  version_ = watched.version;
  if (watched.type == bookmark) return;
  const auto event = model::event_from(watched.object);
  if (watched.type == deleted) {
    versions_.erase(event.meta.uid);
    return;
  }
  if (is_about_any(event, subjects_)) tell(event);
}

}  // namespace

Task<Result<http::Reply>> get_pod_timeline(Context& context) {
  auto& api = context.services.api;
  auto timeline = co_await read_timeline(context);
  if (!timeline) co_return timeline.error();
  const auto& ns = context.at("namespace");
  auto told = co_await read_events(api, ns, timeline->subjects, context.call);
  if (!told) co_return told.error();
  if (told->denied) timeline->unread.push_back({Kind::node, *told->denied});
  if (!timeline->pod_exists && told->events.empty()) {
    co_return Error{ErrorCode::not_found,
                    "pod " + ns + "/" + context.at("pod") + " is not found, and no event tells of it"};
  }
  if (!context.query.boolean("follow")) co_return whole(*timeline, *told);

  auto place = context.services.overload.streams.admit(context.caller);
  if (!place) co_return place.error();
  Call call = context.call;
  call.deadline = Clock::time_point::max();
  http::Reply reply;
  reply.header("Content-Type", "application/x-ndjson");
  reply.stream = while_allowed(
      context, std::make_unique<TimelineStream>(api, std::move(*timeline), std::move(*told), std::move(call),
                                                std::move(*place), context.services.draining));
  reply.lasting = true;
  co_return reply;
}

}  // namespace quartermaster::api
