// The changes of one list: what becomes of a store's objects, told to all who listen. They are kept once, in a ring;
// each listener is a place in it. So the slowest one needs no more memory than the fastest, and one that falls out of
// the ring begins anew.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "kubeapi/cache.hpp"
#include "kubeapi/shard_diff.hpp"
#include "kubeapi/turn.hpp"
#include "server/api/reader.hpp"
#include "server/watch/channel.hpp"

namespace quartermaster::watch {

using ChannelPtr = std::shared_ptr<Channel>;

class Feed : public std::enable_shared_from_this<Feed> {
 public:
  /// From now on. `quotas`: of tenants, else null. Both stores must outlive it, and nobody else may observe them.
  Feed(Executor executor, api::Resource resource, kubeapi::Store& objects, kubeapi::Store* quotas,
       Ring::Limits limits = {});
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  api::Resource resource() const { return resource_; }
  const kubeapi::Store& objects() const { return objects_; }
  kubeapi::Store& objects() { return objects_; }
  kubeapi::Store* quotas() const { return quotas_; }
  const Ring& ring() const { return ring_; }

  /// The ring is as old as the stores are: not while what a list has changed is being found out.
  bool settled() const { return !working_; }
  /// Waits until it is. That takes milliseconds. Error: timeout, cancelled.
  Task<Result<void>> settle(Call call);
  /// The first change behind a position. Nothing: it cannot be gone on with from there.
  std::optional<Ring::Number> behind(const Position& position) const;

  /// How often all was told anew, as too much had changed at once.
  std::size_t restarts() const { return restarts_; }

  /// For as long as somebody has it.
  ChannelPtr join(const Filter& filter);
  void leave(const ChannelPtr& channel);
  std::size_t listeners() const { return listeners_; }

  /// All are told why it is over.
  void close(Error why);
  const std::optional<Error>& closed() const { return closed_; }

 private:
  /// One of the stores' two ends.
  class Side final : public kubeapi::StoreObserver {
   public:
    Side(Feed& feed, bool of_quotas) : feed_(feed), of_quotas_(of_quotas) {}
    void changed(std::string_view ns, std::string_view name, kubeapi::ShardPtr before,
                 kubeapi::ShardPtr after) override;
    void replaced(kubeapi::Store::Content before) override;
    void advanced() override { feed_.advance(); }
    void understated() override { feed_.inexact_ = true; }

   private:
    Feed& feed_;
    const bool of_quotas_;
  };
  struct Advance {
    Position to;
    bool forget = false;  // positions before
  };
  /// A list has come: what it has changed is still to be found out.
  struct Replacement {
    bool of_quotas = false;
    kubeapi::Store::Content before, after;
    Advance end;
    // Of tenants, what the other store had when the list came: what it has later is told by what comes later.
    kubeapi::ShardPtr tenants = {};
    kubeapi::Store::Content quotas = {};
  };
  using Step = std::variant<Change, Advance, Replacement>;

  Position now() const;
  bool exact() const;
  void object_changed(std::string_view ns, std::string_view name, const kubeapi::Shard& before,
                      const kubeapi::Shard& after);
  void quota_changed(std::string_view ns);
  void advance();
  std::optional<Change> change_of(std::string_view ns, std::string_view name, const kubeapi::Shard& before,
                                  const kubeapi::Shard& after, const kubeapi::Store::Content& quotas) const;
  const kubeapi::Store::Content& quotas_now() const;
  std::vector<Change> default_changes(std::string_view but, const kubeapi::Shard& before, const kubeapi::Shard& after,
                                      const Position& position) const;

  void add(Change change);
  void add(Advance step);
  void add(Replacement list);
  void wait_for_turn(Step step);
  const Position& newest() const;
  void apply(Change change);
  void apply(Advance step);
  void match_first();
  void start_over(Position position);

  static Task<void> work_off(std::shared_ptr<Feed> self);
  Task<void> wake_unsettled(kubeapi::Turn& turn);
  Task<void> find_changes(Replacement list, kubeapi::Turn& turn);
  Task<void> find_changes_of(const Replacement& list, std::string ns, kubeapi::Turn& turn);
  void find_quota_changes_of(const Replacement& list, std::string_view ns);
  /// False: there were too many, and all is told anew.
  bool apply_found(Change change, const Position& position);

  void tell(const std::string& ns);
  void tell_all();
  void start_telling();
  static Task<void> tell_in_turns(std::shared_ptr<Feed> self);

  const Executor executor_;
  const api::Resource resource_;
  kubeapi::Store& objects_;
  kubeapi::Store* const quotas_;
  Side object_side_{*this, false}, quota_side_{*this, true};
  Ring ring_;
  bool inexact_ = false;  // the stores may be newer than their versions
  std::optional<Error> closed_;

  std::deque<Step> steps_;  // in the order in which they came; while there are any, others wait behind them
  std::size_t waiting_bytes_ = 0;
  Position newest_;  // of the last one
  bool working_ = false;
  Waiters unsettled_;                        // they wait for the end of that
  std::size_t found_ = 0, found_bytes_ = 0;  // in the list that is worked on
  std::size_t restarts_ = 0;

  using Key = std::pair<std::string, std::string>;  // namespace, selector
  std::map<Key, ChannelPtr> channels_;
  Ring::Number matched_ = 0;  // each change before it was matched by all channels of its namespace
  std::size_t listeners_ = 0;
  std::map<std::string, bool> untold_;  // namespaces with news; true: for all, whatever they read
  bool telling_ = false;
};

}  // namespace quartermaster::watch
