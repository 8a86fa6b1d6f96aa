// What is different between two shards, step by step, so that whoever asks can stop in between. Pages that both have
// are one step.
#pragma once

#include <optional>
#include <utility>

#include "kubeapi/shard.hpp"

namespace quartermaster::kubeapi {

class ShardDiff {
 public:
  enum class Step { same, differs, done };

  ShardDiff(Shared<const Shard> before, Shared<const Shard> after)
      : before_{std::move(before)}, after_{std::move(after)} {}

  /// To the next record, or page; differs: before() and after() are what is different.
  Step step();
  /// Of one name; one of them is not there if it is new, or gone. Valid as long as the diff.
  const std::optional<model::RecordView>& before() const { return before_.seen; }
  const std::optional<model::RecordView>& after() const { return after_.seen; }

 private:
  struct Side {
    Shared<const Shard> shard;
    std::size_t page = 0, index = 0;
    std::optional<model::RecordView> seen = {};

    bool at_end() const { return page == shard->pages().size(); }
    const PagePtr& current() const { return shard->pages()[page]; }
    model::RecordView take();
  };
  Side before_, after_;
};

}  // namespace quartermaster::kubeapi
