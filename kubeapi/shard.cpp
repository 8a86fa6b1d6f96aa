// Changes of a shard: each makes one page anew, or splits it, or merges it with its neighbour.
#include "kubeapi/shard.hpp"

#include <algorithm>
#include <utility>

namespace quartermaster::kubeapi {
namespace {

/// Smaller pages are merged with the one before.
constexpr std::size_t kSmall = Page::kBytes / 4;

/// Appends the page, halved for as long as it is too large. A record that came last begins a page of its own, as names
/// often ascend.
void append_split(std::vector<PagePtr>& pages, PagePtr page, bool at_end) {
  if (page->bytes().size() <= Page::kBytes || page->size() < 2) {
    pages.push_back(std::move(page));
    return;
  }
  std::size_t middle = page->size() - 1;
  if (!at_end) {
    middle = 1;
    while (middle + 1 < page->size() && page->bytes(0, middle).size() < page->bytes().size() / 2) ++middle;
  }
  PageBuilder first, second;
  first.add(*page, 0, middle);
  second.add(*page, middle, page->size());
  append_split(pages, first.finish(), false);
  append_split(pages, second.finish(), false);
}

}  // namespace

std::size_t Shard::footprint() const {
  std::size_t bytes = sizeof(Shard) + pages_.capacity() * sizeof(PagePtr);
  for (const auto& page : pages_) bytes += page->footprint();
  return bytes;
}

std::size_t Shard::page_of(std::string_view name) const {
  const auto behind =
      std::partition_point(pages_.begin(), pages_.end(), [&](const PagePtr& page) { return page->name(0) <= name; });
  return behind == pages_.begin() ? 0 : static_cast<std::size_t>(behind - pages_.begin()) - 1;
}

std::optional<model::RecordView> Shard::find(std::string_view name) const {
  if (pages_.empty()) return std::nullopt;
  const auto& page = *pages_[page_of(name)];
  const auto index = page.lower_bound(name);
  if (index == page.size() || page.name(index) != name) return std::nullopt;
  return page.at(index);
}

void Shard::count(const Page& page, bool add) {
  if (add) {
    size_ += page.size();
    bytes_ += page.bytes().size();
    digest_ += page.digest();
  } else {
    size_ -= page.size();
    bytes_ -= page.bytes().size();
    digest_ -= page.digest();
  }
}

void Shard::append(PagePtr page) {
  count(*page, true);
  pages_.push_back(std::move(page));
}

void Shard::replace(std::size_t index, std::vector<PagePtr> pages) {
  count(*pages_[index], false);
  for (const auto& page : pages) count(*page, true);
  const auto at = pages_.begin() + static_cast<std::ptrdiff_t>(index);
  if (pages.empty()) {
    pages_.erase(at);
    return;
  }
  *at = std::move(pages.front());
  pages_.insert(at + 1, std::make_move_iterator(pages.begin() + 1), std::make_move_iterator(pages.end()));
}

bool Shard::put(const model::Record& record) {
  PageBuilder builder;
  if (pages_.empty()) {
    builder.add(record);
    append(builder.finish());
    return true;
  }
  const auto index = page_of(record.name);
  const auto& page = *pages_[index];
  const auto at = page.lower_bound(record.name);
  const bool there = at < page.size() && page.name(at) == record.name;
  if (there && same(page.at(at), record)) return false;
  const auto rest = there ? at + 1 : at;
  const bool at_end = rest == page.size() && index + 1 == pages_.size();
  builder.add(page, 0, at);
  builder.add(record);
  builder.add(page, rest, page.size());
  std::vector<PagePtr> pages;
  append_split(pages, builder.finish(), at_end);
  replace(index, std::move(pages));
  return true;
}

bool Shard::remove(std::string_view name) {
  if (pages_.empty()) return false;
  const auto index = page_of(name);
  const auto& page = *pages_[index];
  const auto at = page.lower_bound(name);
  if (at == page.size() || page.name(at) != name) return false;
  PageBuilder builder;
  const bool merge = index > 0 && page.bytes().size() < kSmall &&
                     pages_[index - 1]->bytes().size() + page.bytes().size() <= Page::kBytes;
  if (merge) builder.add(*pages_[index - 1], 0, pages_[index - 1]->size());
  builder.add(page, 0, at);
  builder.add(page, at + 1, page.size());
  if (builder.empty()) {
    replace(index, {});
    return true;
  }
  replace(index, {builder.finish()});
  if (merge) {
    count(*pages_[index - 1], false);
    pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(index) - 1);
  }
  return true;
}

}  // namespace quartermaster::kubeapi
