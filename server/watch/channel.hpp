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

struct ListEvent;

using Hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// One who waits for the next change, as long as it waits.
struct Waiter : Hook {
  Timer* timer = nullptr;
  Ring::Number next = 0;  // the first change that it has not read
};

using Waiters =
    boost::intrusive::list<Waiter, boost::intrusive::base_hook<Hook>, boost::intrusive::constant_time_size<false>>;

class Channel {
 public:
  /// A batch is not larger than this, but for one event that is.
  static constexpr std::size_t kBatchBytes = 32U << 10;
  /// So many changes are matched in no more than a turn.
  static constexpr std::size_t kAtOnce = 256;

  /// Begins with the changes to come.
  Channel(Filter filter, const Ring& ring) : filter_(std::move(filter)), begin_(ring.end()), end_(ring.end()) {}

  const Filter& filter() const { return filter_; }

  /// Matches some of what is new in the ring. False: there is more.
  bool catch_up(const Ring& ring, std::size_t most = kAtOnce);
  /// Matches some changes from `number` on, too, which must be in the ring. False: there is more.
  bool reach_back(const Ring& ring, Ring::Number number);
  /// A change from `next` on that the filter selects may have left the ring.
  bool lost(const Ring& ring, Ring::Number next);
  /// Events from the change `next` on, which must not be lost, nor before begin(); those that were matched. `end` says
  /// how far that is, even if there are none.
  BatchPtr read(const Ring& ring, Ring::Number next);

  Ring::Number begin() const { return begin_; }
  Ring::Number end() const { return end_; }

  void wait(Waiter& waiter);
  void stop_waiting(Waiter& waiter);
  /// Wakes the one who waits longest, if it has something to read, or `anyway`; false: nobody.
  bool wake_one(bool anyway = false);
  std::size_t waiting() const { return num_waiting_; }
  /// How many changes are kept in mind.
  std::size_t hits() const { return hits_.size(); }

  std::weak_ptr<const ListEvent> list;  // the last one, while somebody sends it
  std::size_t listeners = 0;

 private:
  struct Hit {
    Ring::Number number;
    ChangeType type;
  };
  void forget_lost(const Ring& ring);
  void forget_before(Ring::Number number);

  const Filter filter_;
  Ring::Number begin_, end_;  // all changes in between that are selected are hits
  std::deque<Hit> hits_;
  BatchPtr last_;
  Waiters waiting_;  // in the order of `next`
  std::size_t num_waiting_ = 0;
};

}  // namespace quartermaster::watch
