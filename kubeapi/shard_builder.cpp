// Makes a shard from a list.
#include "kubeapi/shard_builder.hpp"

#include <boost/smart_ptr/make_local_shared.hpp>
#include <utility>

namespace quartermaster::kubeapi {

void ShardBuilder::add(const model::Record& record) {
  if (any_ && record.name <= last_) {
    take_matched();
    close_page();
    shard_.put(record);
    return;
  }
  any_ = true;
  last_ = record.name;
  if (matches_old(record)) {
    if (matched_ == 1) close_page();
    if (matched_ == old_->pages()[old_page_]->size()) {
      shard_.append(old_->pages()[old_page_++]);
      matched_ = 0;
    }
    return;
  }
  take_matched();
  if (!open_.empty() && open_.bytes() + record.dto.size() > Page::kBytes) close_page();
  open_.add(record);
}

bool ShardBuilder::matches_old(const model::Record& record) {
  const auto& pages = old_->pages();
  if (matched_ == 0) {
    while (old_page_ < pages.size() && pages[old_page_]->name(0) < record.name) ++old_page_;
  }
  if (old_page_ == pages.size() || !same(pages[old_page_]->at(matched_), record)) return false;
  ++matched_;
  return true;
}

void ShardBuilder::take_matched() {
  if (matched_ == 0) return;
  open_.add(*old_->pages()[old_page_], 0, matched_);
  matched_ = 0;
  ++old_page_;
}

void ShardBuilder::close_page() {
  if (!open_.empty()) shard_.append(open_.finish());
}

Shared<const Shard> ShardBuilder::finish() {
  take_matched();
  close_page();
  return boost::make_local_shared<Shard>(std::move(shard_));
}

}  // namespace quartermaster::kubeapi
