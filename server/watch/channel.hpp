// Those who read the same: changes are matched with a filter once, and become bytes once, however many read them.
#pragma once

#include <boost/intrusive/list.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "kubeapi/task.hpp"
#include "model/label_selector.hpp"
#include "server/watch/ring.hpp"

namespace quartermaster::watch {

struct Filter {
  std::string ns;  // "" for kinds without namespaces
  LabelSelector selector = {};
};

enum class ChangeType { added, modified, deleted };

/// What a change is to one who sees only what the filter selects. Nothing: it sees nothing of it.
std::optional<ChangeType> as_seen(const Change& change, const Filter& filter);

/// Events as they are sent, and the number of the change to go on with.
struct Batch {
  Ring::Number first = 0, end = 0;
  bool full = false;  // there was more
  std::string bytes;
};
using BatchPtr = std::shared_ptr<const Batch>;

/// The list as an event, and from where its reader goes on. Kept by whoever sends it.
struct ListEvent {
  Ring::Number next = 0;
  std::string bytes;
  std::shared_ptr<void> place = {};  // among the answers that are kept
};

using Hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// One who waits for the next change, as long as it waits.
struct Waiter : Hook {
  Timer* timer = nullptr;
  Ring::Number next = 0;  // the first change that it has not read
};

class Channel {
 public:
  /// A batch is not larger than this, but for one event that is.
  static constexpr std::size_t kBatchBytes = 32U << 10;

  /// Begins with the changes to come.
  Channel(Filter filter, const Ring& ring) : filter_(std::move(filter)), begin_(ring.end()), end_(ring.end()) {}

  const Filter& filter() const { return filter_; }

  /// Matches the changes from `number` on, too. It must be in the ring.
  void reach_back(const Ring& ring, Ring::Number number);
  /// Matches what is new in the ring.
  void catch_up(const Ring& ring);
  /// Events from the change `next` on, which must not be before begin(); empty, with `end` all the same, if there are
  /// none. `next` must be in the ring, or be its end.
  BatchPtr read(const Ring& ring, Ring::Number next);

  Ring::Number begin() const { return begin_; }

  void wait(Waiter& waiter) { waiting_.push_back(waiter); }
  /// Wakes the one who waits longest, if it has something to read, or `anyway`; false: nobody.
  bool wake_one(bool anyway = false);
  std::size_t waiting() const { return waiting_.size(); }

  std::weak_ptr<const ListEvent> list;  // the last one, while somebody sends it
  std::size_t listeners = 0;

 private:
  using Waiting =
      boost::intrusive::list<Waiter, boost::intrusive::base_hook<Hook>, boost::intrusive::constant_time_size<false>>;
  struct Hit {
    Ring::Number number;
    ChangeType type;
  };
  void match(const Ring& ring, Ring::Number from, Ring::Number to, std::deque<Hit>& hits) const;

  const Filter filter_;
  Ring::Number begin_, end_;  // of the changes that were matched
  std::deque<Hit> hits_;
  BatchPtr last_;
  Waiting waiting_;  // in the order of `next`
};

}  // namespace quartermaster::watch
