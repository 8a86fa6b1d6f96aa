#include "test/apisim/watch.hpp"

#include <algorithm>
#include <optional>

#include "test/apisim/list.hpp"
#include "test/apisim/selectors.hpp"
#include "test/apisim/table.hpp"

namespace quartermaster::apisim {
namespace {

constexpr std::size_t kPiece = 64U << 10;

class Watch : public ByteStream, public OpenWatch {
 public:
  Watch(Cluster& cluster, const ApiRequest& request, Selectors selectors, const Call& call);
  ~Watch() override { cluster_.watches.erase(this); }

  Task<Result<std::string_view>> read() override;
  const std::string& path() const override { return path_; }
  void disturb(std::string_view bytes, Afterwards afterwards) override;

  /// Begins with what is there, as ADDED; `marked`: and says where that ends.
  void begin_with_state(bool marked);
  void start_after(std::uint64_t version) { version_ = start_ = version; }
  void end_at(Clock::time_point when) { end_ = when; }

 private:
  /// Renders what has happened since, until there are `enough` bytes of it.
  void collect(std::size_t enough);
  void collect_state(std::size_t enough);
  void collect_change(const Change& change);
  bool matches(const ObjectPtr& object) const { return object && selectors_.matches(*object); }
  void append(std::string_view type, const Object& object);
  void append_bookmark(std::uint64_t version, bool end_of_state);
  void remind();

  Cluster& cluster_;
  const ResourceType& type_;
  const ResourceType& stored_;
  std::string path_;
  std::string prefix_;  // of the keys
  std::string name_;    // of the one object that is watched, else ""
  Selectors selectors_;
  bool bookmarks_, as_table_;
  std::stop_token stop_;

  std::vector<ObjectPtr> state_;  // still to be sent, the last one first
  bool mark_state_ = false;
  std::uint64_t version_;  // all up to this one has been sent
  std::uint64_t start_;    // bookmarks up to this one are not worth sending
  Clock::time_point end_ = Clock::time_point::max();
  Clock::time_point next_bookmark_;
  std::string piece_;
  std::string sent_;  // what the reader holds
  Afterwards fate_ = Afterwards::go_on;
};

Watch::Watch(Cluster& cluster, const ApiRequest& request, Selectors selectors, const Call& call)
    : cluster_(cluster),
      type_(*request.type),
      stored_(storage_of(*request.type)),
      path_(request.path),
      prefix_(request.ns.empty() ? "" : request.ns + "/"),
      name_(request.name),
      selectors_(std::move(selectors)),
      bookmarks_(request.flag("allowWatchBookmarks")),
      as_table_(wants_table(request)),
      stop_(call.stop),
      version_(cluster.store.version()),
      start_(cluster.cache_version(stored_)),
      next_bookmark_(Clock::now() + cluster.options.bookmark_interval) {
  cluster_.watches.insert(this);
}

void Watch::begin_with_state(bool marked) {
  state_ = cluster_.store.list(stored_, prefix_.substr(0, prefix_.find('/')));
  const auto key = prefix_ + name_;
  std::erase_if(state_, [&](const ObjectPtr& object) {
    return (!name_.empty() && object->key() != key) || !selectors_.matches(*object);
  });
  shuffle(state_);
  mark_state_ = marked;
}

void Watch::disturb(std::string_view bytes, Afterwards afterwards) {
  if (fate_ == Afterwards::go_on) collect(std::string::npos);
  piece_.append(bytes);
  fate_ = afterwards;
}

Task<Result<std::string_view>> Watch::read() {
  auto& signal = cluster_.store.changed();
  const std::stop_callback wake(stop_, [&signal] { signal.notify(); });
  for (;;) {
    if (piece_.empty() && fate_ == Afterwards::go_on && Clock::now() < end_) collect(kPiece);
    if (!piece_.empty()) {
      sent_ = std::exchange(piece_, {});
      co_return std::string_view(sent_);
    }
    const bool hangs = fate_ == Afterwards::hang;
    if (fate_ == Afterwards::cut) co_return Error{ErrorCode::internal, "cut"};
    if (stop_.stop_requested() || fate_ == Afterwards::end || (Clock::now() >= end_ && !hangs)) {
      co_return std::string_view();
    }
    const auto until = hangs ? Clock::time_point::max() : std::min(end_, next_bookmark_);
    co_await signal.wait(*cluster_.loop, until);
  }
}

void Watch::collect(std::size_t enough) {
  collect_state(enough);
  if (!state_.empty()) return;
  if (version_ < cluster_.store.compacted()) {
    const auto status = expired("too old resource version: " + std::to_string(version_) + " (" +
                                std::to_string(cluster_.store.compacted() + 1) + ")");
    piece_.append("{\"type\":\"ERROR\",\"object\":").append(json::serialize(status.to_json())).append("}\n");
    fate_ = Afterwards::end;
    return;
  }
  while (piece_.size() < enough) {
    const auto* change = cluster_.store.next(version_);
    if (change == nullptr) return remind();
    version_ = change->version;
    collect_change(*change);
  }
}

void Watch::collect_state(std::size_t enough) {
  for (; !state_.empty() && piece_.size() < enough; state_.pop_back()) append("ADDED", *state_.back());
  if (state_.empty() && std::exchange(mark_state_, false)) append_bookmark(version_, true);
}

/// An object that comes to match is ADDED, one that no longer does is DELETED.
void Watch::collect_change(const Change& change) {
  if (change.type != &stored_ || !change.key.starts_with(prefix_)) return;
  if (!name_.empty() && change.key != prefix_ + name_) return;
  const bool before = matches(change.before), after = matches(change.after);
  if (after) {
    append(before ? "MODIFIED" : "ADDED", *change.after);
  } else if (before && change.last) {
    append("DELETED", *change.last);
  } else if (before) {
    auto left = change.before->value();
    make_object(left, {"metadata"})["resourceVersion"] = std::to_string(change.version);
    append("DELETED", Object(std::move(left)));
  }
}

void Watch::append(std::string_view type, const Object& object) {
  const auto shown = as_table_ && type != "BOOKMARK" ? render_table(type_, object.value()) : render(type_, object);
  piece_.append("{\"type\":\"").append(type).append("\",\"object\":").append(shown).append("}\n");
}

void Watch::append_bookmark(std::uint64_t version, bool end_of_state) {
  json::object metadata = {{"resourceVersion", std::to_string(version)}, {"creationTimestamp", nullptr}};
  if (end_of_state) metadata["annotations"] = json::object{{"k8s.io/initial-events-end", "true"}};
  append("BOOKMARK", Object(json::object{{"metadata", std::move(metadata)}}));
}

/// A bookmark, if it is time for one and it says something new.
void Watch::remind() {
  if (Clock::now() < next_bookmark_) return;
  next_bookmark_ = Clock::now() + cluster_.options.bookmark_interval;
  const auto version = cluster_.cache_version(stored_);
  if (bookmarks_ && cluster_.bookmarks && version > start_) append_bookmark(version, false);
}

FieldErrors check_options(const Cluster& cluster, const ApiRequest& request) {
  if (!cluster.options.watch_list) return check_match(request);
  const auto match = request.query("resourceVersionMatch");
  const bool initial = !request.query("sendInitialEvents").empty();
  const auto forbid = [](const char* why) { return FieldErrors{forbidden_field("resourceVersionMatch", why)}; };
  if (!initial && !match.empty()) {
    return forbid("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  }
  if (initial && match.empty()) {
    return forbid("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
  if (initial && match != "NotOlderThan") return {not_supported("resourceVersionMatch", match, {"NotOlderThan"})};
  return {};
}

}  // namespace

Answer<std::unique_ptr<ByteStream>> open_watch(Cluster& cluster, const ApiRequest& request, const Call& call) {
  if (const auto errors = check_options(cluster, request); !errors.empty()) {
    return invalid("meta.k8s.io", "ListOptions", "", errors);
  }
  const auto timeout = number_parameter(request, "timeoutSeconds");
  if (!timeout) return timeout.error();
  const auto version = version_parameter(request);
  if (!version) return version.error();
  auto selectors =
      Selectors::parse(storage_of(*request.type), request.query("labelSelector"), request.query("fieldSelector"));
  if (!selectors) return selectors.error();

  const auto asked = version->value_or(0);
  const bool streams_list = cluster.options.watch_list && request.flag("sendInitialEvents");
  if (streams_list && asked > cluster.store.version()) return too_large_version(asked, cluster.store.version(), true);
  auto watch = std::make_unique<Watch>(cluster, request, std::move(*selectors), call);
  if (*timeout > 0) watch->end_at(Clock::now() + std::chrono::seconds(*timeout));
  const bool declined = cluster.options.watch_list && request.query("sendInitialEvents") == "false";
  if (streams_list || (asked == 0 && !declined)) {
    watch->begin_with_state(streams_list && request.flag("allowWatchBookmarks"));
  } else if (asked != 0) {
    watch->start_after(asked);
  }
  return std::unique_ptr<ByteStream>(std::move(watch));
}

}  // namespace quartermaster::apisim
