// What is different between two shards.
#include "kubeapi/shard_diff.hpp"

namespace quartermaster::kubeapi {

model::RecordView ShardDiff::Side::take() {
  const auto record = current()->at(index);
  if (++index == current()->size()) {
    ++page;
    index = 0;
  }
  return record;
}

ShardDiff::Step ShardDiff::step() {
  before_.seen.reset();
  after_.seen.reset();
  if (before_.at_end() && after_.at_end()) return Step::done;
  if (before_.at_end()) {
    after_.seen = after_.take();
    return Step::differs;
  }
  if (after_.at_end()) {
    before_.seen = before_.take();
    return Step::differs;
  }
  if (before_.index == 0 && after_.index == 0 && before_.current() == after_.current()) {
    ++before_.page;
    ++after_.page;
    return Step::same;
  }
  const auto order = before_.current()->name(before_.index).compare(after_.current()->name(after_.index));
  if (order <= 0) before_.seen = before_.take();
  if (order >= 0) after_.seen = after_.take();
  if (order != 0) return Step::differs;
  const bool same = before_.seen->dto == after_.seen->dto && before_.seen->facts == after_.seen->facts;
  return same ? Step::same : Step::differs;
}

}  // namespace quartermaster::kubeapi
