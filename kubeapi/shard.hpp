// All records of one namespace (of a kind without namespaces: all there are), as pages in the order of their names.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kubeapi/page.hpp"

namespace quartermaster::kubeapi {

class Shard {
 public:
  const std::vector<PagePtr>& pages() const { return pages_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Of DTOs, with a comma for each.
  std::size_t bytes() const { return bytes_; }
  std::size_t footprint() const;
  const Digest& digest() const { return digest_; }
  /// Valid as long as the shard, or its page.
  std::optional<model::RecordView> find(std::string_view name) const;

  /// `each(record)` in order of name, beginning behind `after` ("" is the beginning), until it answers false.
  template <class Each>
  void for_each(std::string_view after, Each each) const {
    for (auto page = page_of(after); page < pages_.size(); ++page) {
      const auto& records = *pages_[page];
      auto index = after.empty() ? 0 : records.lower_bound(after);
      if (index < records.size() && !after.empty() && records.name(index) == after) ++index;
      for (; index < records.size(); ++index)
        if (!each(records.at(index))) return;
    }
  }

  /// Adds or replaces. False: it is there just so, and nothing was done.
  bool put(const model::Record& record);
  /// False: there is none.
  bool remove(std::string_view name);
  /// Behind all that there is.
  void append(PagePtr page);

 private:
  /// The last page that does not begin behind `name`; 0 if there is none.
  std::size_t page_of(std::string_view name) const;
  /// Puts these pages in place of the page at `index`.
  void replace(std::size_t index, std::vector<PagePtr> pages);
  void count(const Page& page, bool add);

  std::vector<PagePtr> pages_;
  std::size_t size_ = 0, bytes_ = 0;
  Digest digest_;
};

}  // namespace quartermaster::kubeapi
