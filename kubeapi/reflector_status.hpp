// What there is to know about a reflector from outside: for readiness, statistics and the log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kubeapi/task.hpp"
#include "model/kinds.hpp"

namespace quartermaster::kubeapi {

struct ReflectorStatus {
  bool synced = false;  // a list has been completed, ever: the store has content
  /// Our credentials may not list or watch the kind, says `denied_message`: what the store holds is not kept up.
  bool denied = false;
  std::string denied_message = {};
  bool watching = false;             // a watch is established now, and the content is complete
  Clock::time_point last_current{};  // when the content was last known to be what the API server has
  /// While `watching`, the content is kept up from then on: until a watch has brought something, it may yet turn out to
  /// have gone on from a version that is forgotten.
  Clock::time_point kept_up_from{};
  std::uint64_t lists = 0;           // completed, and so part of the content
  std::uint64_t relists = 0;         // of these, all but the first
  std::uint64_t watch_restarts = 0;  // watches that were opened but did not follow a list
  std::uint64_t events = 0;          // of watches, bookmarks included
  std::uint64_t failures = 0;        // of lists and watches
};

/// Which reflector it is: all objects of a kind, or those of a namespace.
struct ReflectorId {
  model::Kind kind;
  std::string ns = {};  // "" is all
};

/// Told about changes, for the log. Called from the loop.
class ReflectorObserver {
 public:
  virtual ~ReflectorObserver() = default;
  /// The first list is complete. `seconds` since the start.
  virtual void first_sync(const ReflectorId& id, std::size_t items, double seconds) = 0;
  /// Our credentials do not suffice.
  virtual void denied(const ReflectorId& id, std::string_view message) = 0;
  /// Lists or watches fail: the content may be old from now on.
  virtual void lost(const ReflectorId& id, std::string_view why) = 0;
  /// After denied() or lost(): the content is kept up again.
  virtual void regained(const ReflectorId& id) = 0;
  /// Something that a person may want to know: "skipped an event of unknown type NEWTYPE".
  virtual void remark(const ReflectorId& id, std::string_view what) = 0;
  /// The content is not what the API server has: a bug, of somebody.
  virtual void differs(const ReflectorId& id, std::string_view what) = 0;
};

}  // namespace quartermaster::kubeapi
