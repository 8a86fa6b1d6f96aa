#include "test/apisim/watch.hpp"

#include <algorithm>
#include <optional>

#include "test/apisim/list.hpp"
#include "test/apisim/selectors.hpp"
#include "test/apisim/table.hpp"

namespace quartermaster::apisim {
namespace {

constexpr std::size_t kPiece = 64U << 10;

class Watch : public ByteStream {
 public:
  Watch(Cluster& cluster, const ApiRequest& request, Selectors selectors, const Call& call);
  ~Watch() override { --cluster_.watches; }

  Task<Result<std::string_view>> read() override;

  /// The state that a watch without a version begins with.
  void add_current_state();
  void start_after(std::uint64_t version) { version_ = version; }
  void end_at(Clock::time_point when) { end_ = when; }

 private:
  /// Renders what has happened since, up to a piece.
  void collect();
  void collect_change(const Change& change);
  void append(std::string_view type, const Object& object);
  void append_bookmark();
  bool is_over() const {
    return Clock::now() >= end_ || stop_.stop_requested() || generation_ != cluster_.watch_generation;
  }

  Cluster& cluster_;
  const ResourceType& type_;
  const ResourceType& stored_;
  std::string prefix_;  // of the keys
  std::string name_;    // of the one object that is watched, else ""
  Selectors selectors_;
  bool bookmarks_, as_table_;
  std::stop_token stop_;
  std::uint64_t generation_;

  std::uint64_t version_ = 0;  // all up to this one has been sent
  Clock::time_point end_ = Clock::time_point::max();
  Clock::time_point next_bookmark_;
  std::string piece_;
  std::string sent_;  // what the reader holds
  bool expired_ = false;
};

Watch::Watch(Cluster& cluster, const ApiRequest& request, Selectors selectors, const Call& call)
    : cluster_(cluster),
      type_(*request.type),
      stored_(storage_of(*request.type)),
      prefix_(request.ns.empty() ? "" : request.ns + "/"),
      name_(request.name),
      selectors_(std::move(selectors)),
      bookmarks_(request.flag("allowWatchBookmarks")),
      as_table_(wants_table(request)),
      stop_(call.stop),
      generation_(cluster.watch_generation),
      version_(cluster.store.version()),
      next_bookmark_(Clock::now() + cluster.options.bookmark_interval) {
  ++cluster_.watches;
}

void Watch::add_current_state() {
  for (const auto& object : cluster_.store.list(stored_, prefix_.substr(0, prefix_.find('/')))) {
    if ((name_.empty() || name_ == name_of(object->value)) && selectors_.matches(object->value))
      append("ADDED", *object);
  }
}

Task<Result<std::string_view>> Watch::read() {
  auto& signal = cluster_.store.changed();
  const std::stop_callback wake(stop_, [&signal] { signal.notify(); });
  if (piece_.empty() && !expired_) collect();
  for (;;) {
    if (!piece_.empty()) {
      sent_ = std::exchange(piece_, {});
      co_return std::string_view(sent_);
    }
    if (generation_ != cluster_.watch_generation) co_return Error{ErrorCode::internal, "dropped"};
    if (expired_ || is_over()) co_return std::string_view();
    co_await signal.wait(*cluster_.loop, std::min(end_, bookmarks_ ? next_bookmark_ : Clock::time_point::max()));
    if (is_over()) continue;
    collect();
    if (piece_.empty() && bookmarks_ && Clock::now() >= next_bookmark_) append_bookmark();
  }
}

void Watch::collect() {
  if (version_ < cluster_.store.compacted()) {
    const auto status = expired("too old resource version: " + std::to_string(version_) + " (" +
                                std::to_string(cluster_.store.compacted() + 1) + ")");
    piece_.append("{\"type\":\"ERROR\",\"object\":").append(json::serialize(status.to_json())).append("}\n");
    expired_ = true;
    return;
  }
  while (piece_.size() < kPiece) {
    const auto* change = cluster_.store.next(version_);
    if (change == nullptr) return;
    version_ = change->version;
    collect_change(*change);
  }
}

/// An object that comes to match is ADDED, one that no longer does is DELETED.
void Watch::collect_change(const Change& change) {
  if (change.type != &stored_ || !change.key.starts_with(prefix_)) return;
  if (!name_.empty() && change.key != prefix_ + name_) return;
  const bool before = change.before && selectors_.matches(change.before->value);
  const bool after = change.after && selectors_.matches(change.after->value);
  if (after) {
    append(before ? "MODIFIED" : "ADDED", *change.after);
  } else if (before && change.last) {
    append("DELETED", *change.last);
  } else if (before) {
    Object left;
    left.value = change.before->value;
    make_object(left.value, {"metadata"})["resourceVersion"] = std::to_string(change.version);
    append("DELETED", left);
  }
}

void Watch::append(std::string_view type, const Object& object) {
  const auto shown = as_table_ && type != "BOOKMARK" ? render_table(type_, object.value) : render(type_, object);
  piece_.append("{\"type\":\"").append(type).append("\",\"object\":").append(shown).append("}\n");
}

void Watch::append_bookmark() {
  next_bookmark_ = Clock::now() + cluster_.options.bookmark_interval;
  Object bookmark;
  make_object(bookmark.value, {"metadata"})["resourceVersion"] = std::to_string(version_);
  make_object(bookmark.value, {"metadata"})["creationTimestamp"] = nullptr;
  append("BOOKMARK", bookmark);
}

}  // namespace

Answer<std::unique_ptr<ByteStream>> open_watch(Cluster& cluster, const ApiRequest& request, const Call& call) {
  const auto timeout = number_parameter(request, "timeoutSeconds");
  if (!timeout) return timeout.error();
  const auto version = version_parameter(request);
  if (!version) return version.error();
  auto selectors =
      Selectors::parse(storage_of(*request.type), request.query("labelSelector"), request.query("fieldSelector"));
  if (!selectors) return selectors.error();

  auto watch = std::make_unique<Watch>(cluster, request, std::move(*selectors), call);
  if (*timeout > 0) watch->end_at(Clock::now() + std::chrono::seconds(*timeout));
  if (*version && **version != 0) {
    watch->start_after(**version);
  } else {
    watch->add_current_state();
  }
  return std::unique_ptr<ByteStream>(std::move(watch));
}

}  // namespace quartermaster::apisim
