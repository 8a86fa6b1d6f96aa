// Waits for replacements.
#include "server/api/replacement.hpp"

#include <algorithm>
#include <utility>

#include "model/event.hpp"
#include "model/workload.hpp"
#include "server/api/pages.hpp"
#include "server/api/require.hpp"
#include "server/http/error_table.hpp"

namespace quartermaster::api {
namespace {

using namespace std::chrono_literals;
using model::Kind;

constexpr Clock::duration kFirstPause = 50ms, kLongestPause = 1s;
constexpr auto kToExplain = 5s;         // of the time after the wait
constexpr auto kClockSkew = 10s;        // between us and those who write events
constexpr std::size_t kMostEvents = 3;  // of an object

constexpr std::string_view kDeployment = "Deployment";

/// Ready, or has done its work.
bool has_arrived(const model::Pod& pod) {
  const auto status = model::state_of(pod).status;
  return status == "Ready" || status == "Succeeded";
}

/// Of several new pods the one to tell of: 3 has arrived, 2 is on its way, 1 is going.
int rank(const model::Pod& pod) {
  if (has_arrived(pod)) return 3;
  return pod.meta.terminating || model::is_finished(pod) ? 1 : 2;
}

Owner name_of(const model::Pod& pod) { return {std::string(model::info(Kind::pod).name), pod.meta.name, pod.meta.uid}; }

/// Why a pod that is to go is still there.
std::string lingering(const model::Pod& pod) {
  auto message = model::state_of(pod).message;
  return message.empty() ? "it has not ended yet, and its name or its place is not free" : message;
}

}  // namespace

void write(json::Writer& writer, const Replacement& replacement) {
  const auto& pod = replacement.pod;
  const auto state = pod ? model::state_of(*pod) : model::State();
  writer.begin_object().field("name", pod ? pod->meta.name : "").field("uid", pod ? pod->meta.uid : "");
  writer.field("node", pod ? pod->node_name : "").field("ready", state.status == "Ready");
  model::write_field(writer, "state", state);
  writer.key("causes").begin_array();
  for (const auto& [kind, name, reason, message] : replacement.causes) {
    writer.begin_object().field("kind", kind).field("name", name);
    writer.field("reason", reason).field("message", message).end_object();
  }
  writer.end_array().end_object();
}

ReplacementFinder::ReplacementFinder(Context& context, model::Pod old, Owner maker)
    : context_(context), ns_(context.at("namespace")), old_(std::move(old)), maker_(std::move(maker)) {}

Task<Result<void>> ReplacementFinder::prepare() {
  // Without the selector, which other controllers do not show, all pods are looked at.
  if (const auto kind = maker_kind(maker_.kind)) {
    const auto raw = co_await context_.services.api.get(*kind, ns_, maker_.name, {}, context_.call);
    if (raw) selector_ = model::workload_from(raw->root()).selector.value_or(LabelSelector()).to_string();
  }
  since_ = std::chrono::system_clock::now() - kClockSkew;
  if (maker_.kind == kDeployment) {
    const auto read = co_await read_sets();
    if (!read) co_return read.error();
    for (const auto& set : std::exchange(sets_, {})) before_.insert(set.uid);
    co_return Result<void>();
  }
  kubeapi::ListOptions options;
  options.label_selector = selector_;
  const auto each = [this](json::Value raw) {
    const auto meta = model::object_meta_from(raw);
    const auto owner = owner_of(meta);
    if (owner && owner->uid == maker_.uid) before_.insert(meta.uid);
  };
  const auto restart = [] {};
  const auto end =
      co_await for_each_object(context_.services.api, Kind::pod, ns_, std::move(options), context_.call, each, restart);
  if (!end) co_return end.error();
  co_return Result<void>();
}

/// The replica sets of a deployment, but those from before.
Task<Result<void>> ReplacementFinder::read_sets() {
  kubeapi::ListOptions options;
  options.label_selector = selector_;
  const auto sets = co_await list_all(context_.services.api, Kind::replica_set, ns_, std::move(options), context_.call,
                                      model::object_meta_from);
  if (!sets) co_return sets.error();
  sets_.clear();
  for (const auto& meta : sets->objects) {
    const auto owner = owner_of(meta);
    if (!owner || owner->uid != maker_.uid || before_.contains(meta.uid)) continue;
    sets_.push_back({std::string(model::info(Kind::replica_set).name), meta.name, meta.uid});
  }
  co_return Result<void>();
}

bool ReplacementFinder::is_candidate(const model::Pod& pod) const {
  const auto owner = owner_of(pod.meta);
  if (!owner || before_.contains(pod.meta.uid)) return false;
  if (maker_.kind == kDeployment) return std::ranges::find(sets_, owner->uid, &Owner::uid) != sets_.end();
  if (owner->uid != maker_.uid) return false;
  if (maker_.kind == "StatefulSet") return pod.meta.name == old_.meta.name;
  // One pod on each node.
  if (maker_.kind == "DaemonSet") return pod.node_name == old_.node_name || pod.node_name.empty();
  return true;
}

/// Sets what is found; where it fails, that stays as it was.
Task<Result<void>> ReplacementFinder::look() {
  if (maker_.kind == kDeployment) {
    const auto read = co_await read_sets();
    if (!read) co_return read.error();
  }
  kubeapi::ListOptions options;
  options.label_selector = selector_;
  std::optional<model::Pod> best, old_now;
  const auto each = [&](json::Value raw) {
    auto pod = model::pod_from(raw);
    if (pod.meta.uid == old_.meta.uid) {
      old_now = std::move(pod);
    } else if (is_candidate(pod) && (!best || rank(pod) > rank(*best))) {
      best = std::move(pod);
    }
  };
  const auto restart = [&] {
    best.reset();
    old_now.reset();
  };
  const auto end =
      co_await for_each_object(context_.services.api, Kind::pod, ns_, std::move(options), context_.call, each, restart);
  if (!end) co_return end.error();
  found_ = std::move(best);
  old_now_ = std::move(old_now);
  looked_ = true;
  co_return Result<void>();
}

Task<Result<Replacement>> ReplacementFinder::wait(Clock::duration at_most) {
  context_.call.deadline = Clock::now() + at_most;
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    const auto looked = co_await look();
    failure_.reset();
    if (!looked && looked.error().code != ErrorCode::timeout) failure_ = looked.error();
    if (found_ && has_arrived(*found_)) co_return Replacement{.pod = std::move(found_)};
    if (context_.services.draining) break;
    const auto slept = co_await sleep_for(pause, context_.call);
    if (!slept) break;
  }
  context_.call.deadline = Clock::now() + kToExplain;
  if (!context_.call.stop.stop_requested()) co_await explain();
  if (context_.call.stop.stop_requested()) co_return Error{ErrorCode::cancelled, "cancelled"};
  co_return Replacement{.pod = std::move(found_), .causes = std::move(causes_)};
}

void ReplacementFinder::add(const Owner& about, std::string reason, std::string message) {
  causes_.push_back({about.kind, about.name, std::move(reason), std::move(message)});
}

/// What the replacement is made by, from the nearest on.
Task<std::vector<Owner>> ReplacementFinder::chain() {
  std::vector<Owner> all = sets_;
  all.push_back(maker_);
  const auto above = co_await owner_above(context_, maker_);
  if (above && *above) all.push_back(**above);
  co_return all;
}

Task<void> ReplacementFinder::explain() {
  if (!looked_ && !failure_) {  // the wait was too short even for one look
    const auto looked = co_await look();
    if (!looked) failure_ = looked.error();
  }
  if (context_.services.draining)
    add(name_of(old_), "ShuttingDown", "this service is shutting down, and waits no longer");
  if (failure_) add(name_of(old_), std::string(http::error_row(failure_->code).reason), failure_->message);
  if (!found_ && old_now_ && old_now_->meta.terminating) add(name_of(*old_now_), "Terminating", lingering(*old_now_));
  const auto allowed = co_await may(context_, Moment::part, Kind::event, "");
  if (!allowed) {
    add({"Event", "", ""}, std::string(http::error_row(allowed.error().code).reason), allowed.error().message);
    co_return;
  }
  auto all = co_await chain();
  if (found_ || old_now_) all.insert(all.begin(), name_of(found_ ? *found_ : *old_now_));
  for (const auto& about : all) co_await add_events(about);
  if (!found_ && causes_.empty()) add(maker_, "Timeout", "it has not made a new pod in time, and no event says why");
}

/// Adds what warnings of late say about an object, the latest first.
Task<void> ReplacementFinder::add_events(Owner about) {
  kubeapi::ListOptions options;
  options.field_selector = "involvedObject.uid=" + about.uid + ",type=Warning";
  auto events =
      co_await list_all(context_.services.api, Kind::event, ns_, std::move(options), context_.call, model::event_from);
  if (!events) {
    add(about, std::string(http::error_row(events.error().code).reason), events.error().message);
    co_return;
  }
  std::erase_if(events->objects, [this](const auto& event) { return !event.last || *event.last < since_; });
  model::sort_by_time(events->objects);
  std::ranges::reverse(events->objects);
  const auto told = std::min(events->objects.size(), kMostEvents);
  for (std::size_t i = 0; i < told; ++i) add(about, events->objects[i].reason, events->objects[i].message);
}

}  // namespace quartermaster::api
