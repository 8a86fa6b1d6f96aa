// Makes a shard from a list. A list mostly says what is known already: pages of the old shard that still hold are taken
// over as they are, so that a resync needs hardly any memory.
#pragma once

#include <string>

#include "kubeapi/shard.hpp"

namespace quartermaster::kubeapi {

class ShardBuilder {
 public:
  explicit ShardBuilder(Shared<const Shard> old) : old_(std::move(old)) {}

  /// In any order; in the order of names it is fast.
  void add(const model::Record& record);
  Shared<const Shard> finish();

 private:
  /// Whether `record` is the next one of an old page, all of whose records before it came, too.
  bool matches_old(const model::Record& record);
  /// Those that matched an old page that does not hold as a whole.
  void take_matched();
  void close_page();

  Shared<const Shard> old_;
  std::size_t old_page_ = 0;
  std::size_t matched_ = 0;  // records of that page
  PageBuilder open_;
  Shard shard_;
  std::string last_;  // name
  bool any_ = false;
};

}  // namespace quartermaster::kubeapi
