// What a reflector does next, and what becomes of what it has got: a state machine without sockets and clock, so that
// each rule can be tested alone. The rules are those of client-go's reflector (k8s.io/client-go/tools/cache) where the
// API's documentation leaves things open.
//
//   lists    streamed ones first: a watch that begins with all objects. An API server that refuses or ignores that is
//            asked for pages from then on. The first list may be of any age, later ones not older than what was seen.
//   watches  from the list's version on. One that ends is opened again from the last version seen.
//   failures pause, longer each time; then the watch goes on, or a list is made if something may have been missed. What
//            a failed list has brought is dropped.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kubeapi/api.hpp"
#include "kubeapi/backoff.hpp"
#include "kubeapi/reflector_status.hpp"
#include "kubeapi/watch_event.hpp"

namespace quartermaster::kubeapi {

namespace input {

struct Start {};
struct Stop {};
struct PauseOver {};
/// A page of a list has been read to its end.
struct PageRead {
  std::string version, continue_token;
};
/// There is no answer to a list, it is an error, or it cannot be read.
struct ListFailed {
  Error error;
};
/// The answer to a watch has begun.
struct WatchOpened {};
struct Event {
  const WatchEvent& event;
};
/// Nothing more comes of the initial events, nor their end.
struct Stalled {};
/// Properly.
struct WatchEnded {};
/// There is no answer to a watch, or it is an error.
struct WatchRefused {
  Error error;
};
/// The connection is gone in the middle of a watch or of an event, or too much has come before the end of the initial
/// events.
struct WatchBroken {
  Error error;
};
/// What came in a watch makes no sense: something may have been missed.
struct Garbage {
  Error error;
};

}  // namespace input

using Input = std::variant<input::Start, input::Stop, input::PauseOver, input::PageRead, input::ListFailed,
                           input::WatchOpened, input::Event, input::Stalled, input::WatchEnded, input::WatchRefused,
                           input::WatchBroken, input::Garbage>;

namespace action {

// Of the sink.
struct BeginList {};
struct DropList {};
struct EndList {
  std::string version;
  bool understated = false;  // until the next Advance the content may be newer than its version
};
struct Advance {
  std::string version;
};
// What the event that was put in is.
struct ListItem {};
struct Put {};
struct Remove {};
struct Hold {};     // to be put in once more later, after what was held before it
struct Release {};  // all that was held, now

// What to do next; any of these ends the list or watch that is under way. The items of pages go to the sink.
struct ReadPage {
  ListOptions options;
};
struct OpenWatch {
  WatchOptions options;
};
struct Pause {
  Clock::duration duration;
};

// For the observer.
struct Synced {};
struct Denied {
  std::string message;
};
struct Lost {
  std::string why;
};
struct Regained {};
struct Remark {
  std::string what;
};

}  // namespace action

using Action =
    std::variant<action::BeginList, action::DropList, action::EndList, action::Advance, action::ListItem, action::Put,
                 action::Remove, action::Hold, action::Release, action::ReadPage, action::OpenWatch, action::Pause,
                 action::Synced, action::Denied, action::Lost, action::Regained, action::Remark>;

class ReflectorMachine {
 public:
  using Actions = std::vector<Action>;

  explicit ReflectorMachine(const ReflectorOptions& options) : options_(options), backoff_(options.backoff) {}

  /// What to do, in this order. `random` is in [0, 1).
  Actions step(const Input& input, Clock::time_point now, double random);

  const ReflectorStatus& status() const { return status_; }
  /// Of the content: all that has happened up to it has been seen.
  const std::string& version() const { return version_; }
  /// Initial events are coming in.
  bool streaming() const { return phase_ == Phase::streaming; }

 private:
  enum class Phase { idle, paging, streaming, watching };
  struct Moment {
    Clock::time_point now;
    double random;
  };

  void on(const input::Start&);
  void on(const input::Stop&);
  void on(const input::PauseOver&);
  void on(const input::PageRead& page);
  void on(const input::ListFailed& failed);
  void on(const input::WatchOpened&);
  void on(const input::Event& input);
  void on(const input::Stalled&);
  void on(const input::WatchEnded&);
  void on(const input::WatchRefused& refused);
  void on(const input::WatchBroken& broken);
  void on(const input::Garbage& garbage);

  void list();
  void read_page(std::string continue_token);
  void complete_list(std::string version, bool understated);
  void drop_list();
  void list_failed(const Error& error);
  void watch();
  void initial_event(const WatchEvent& event);
  void live_event(const WatchEvent& event);
  void watch_refused(const Error& error);
  void current();
  void accepted();
  void regained();
  void pause(const Error& error, bool relist);
  void skip(const WatchEvent& event);
  bool short_lived() const;
  std::string list_version() const;
  std::chrono::seconds watch_timeout() const;

  template <class A>
  void act(A action) {
    actions_.emplace_back(std::move(action));
  }

  const ReflectorOptions options_;
  Backoff backoff_;
  ReflectorStatus status_;
  Actions actions_;
  Moment at_{};

  Phase phase_ = Phase::idle;
  std::string version_;   // of the content, and of what was seen since
  bool latest_ = false;   // version_ is of no use: list the latest
  bool relist_ = true;    // after the pause; else the watch goes on
  bool failing_ = false;  // as the observer knows

  // Of the list that is under way.
  bool listing_ = false;  // the sink has one
  bool in_one_piece_ = false;
  std::string page_version_, continue_token_;
  std::string initial_version_;  // the highest of the initial objects
  bool holding_ = false;

  bool can_stream_ = options_.stream_lists;
  bool has_streamed_ = false;   // ever
  bool stream_failed_ = false;  // so the next list is in pages

  // Of the watch that is under way.
  bool open_ = false;
  bool first_watch_ = false;  // after a list
  bool after_list_ = false;   // nothing has come since the list
  bool at_once_ = false;      // it follows its list without a pause
  bool had_events_ = false;
  Clock::time_point opened_at_{};
  std::string last_skipped_;
};

}  // namespace quartermaster::kubeapi
