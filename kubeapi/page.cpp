// Pages of rendered records.
#include "kubeapi/page.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <boost/smart_ptr/make_local_shared.hpp>

namespace quartermaster::kubeapi {

Digest Digest::of(std::string_view bytes) {
  const auto hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

Digest& Digest::operator+=(const Digest& other) {
  low += other.low;
  high += other.high;
  return *this;
}

Digest& Digest::operator-=(const Digest& other) {
  low -= other.low;
  high -= other.high;
  return *this;
}

std::uint32_t Page::body_end(std::size_t index) const {
  return index + 1 < entries_.size() ? entries_[index + 1].body : static_cast<std::uint32_t>(body_.size());
}

std::uint32_t Page::aside_end(std::size_t index) const {
  return index + 1 < entries_.size() ? entries_[index + 1].aside : static_cast<std::uint32_t>(aside_.size());
}

model::RecordView Page::at(std::size_t index) const {
  const auto& entry = entries_[index];
  const std::string_view body(body_), aside(aside_);
  const auto dto = body.substr(entry.body + 1, body_end(index) - entry.body - 1);
  const auto facts = entry.aside + entry.name_size;
  return {.name = aside.substr(entry.aside, entry.name_size),
          .dto = dto,
          .holes = std::span(entry.holes).first(entry.hole_count),
          .labels = dto.substr(entry.labels_begin, entry.labels_size),
          .facts = aside.substr(facts, aside_end(index) - facts)};
}

std::string_view Page::name(std::size_t index) const {
  return std::string_view(aside_).substr(entries_[index].aside, entries_[index].name_size);
}

std::size_t Page::lower_bound(std::string_view name) const {
  const auto found = std::partition_point(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return std::string_view(aside_).substr(entry.aside, entry.name_size) < name;
  });
  return static_cast<std::size_t>(found - entries_.begin());
}

std::string_view Page::bytes(std::size_t first, std::size_t last) const {
  if (first >= last) return {};
  return std::string_view(body_).substr(entries_[first].body, body_end(last - 1) - entries_[first].body);
}

std::size_t Page::footprint() const {
  return sizeof(Page) + body_.capacity() + aside_.capacity() + entries_.capacity() * sizeof(Entry);
}

void PageBuilder::add(const model::Record& record) {
  Page::Entry entry;
  entry.body = static_cast<std::uint32_t>(page_.body_.size());
  entry.aside = static_cast<std::uint32_t>(page_.aside_.size());
  entry.labels_begin = record.labels_begin;
  entry.labels_size = record.labels_size;
  entry.name_size = static_cast<std::uint32_t>(record.name.size());
  entry.hole_count = static_cast<std::uint32_t>(std::min(record.holes.size(), entry.holes.size()));
  std::copy_n(record.holes.begin(), entry.hole_count, entry.holes.begin());
  page_.body_.append(",").append(record.dto);
  page_.aside_.append(record.name).append(record.facts);
  page_.entries_.push_back(entry);
  page_.digest_ += Digest::of(record.dto);
}

void PageBuilder::add(const Page& page, std::size_t first, std::size_t last) {
  if (first >= last) return;
  const auto body = page.entries_[first].body, aside = page.entries_[first].aside;
  const auto to_body = static_cast<std::uint32_t>(page_.body_.size());
  const auto to_aside = static_cast<std::uint32_t>(page_.aside_.size());
  page_.body_.append(page.bytes(first, last));
  page_.aside_.append(page.aside_, aside, page.aside_end(last - 1) - aside);
  for (auto index = first; index < last; ++index) {
    auto& entry = page_.entries_.emplace_back(page.entries_[index]);
    entry.body = entry.body - body + to_body;
    entry.aside = entry.aside - aside + to_aside;
  }
  if (first == 0 && last == page.size()) {
    page_.digest_ += page.digest_;
  } else {
    for (auto index = first; index < last; ++index) page_.digest_ += Digest::of(page.at(index).dto);
  }
}

PagePtr PageBuilder::finish() {
  auto page = boost::make_local_shared<Page>();
  // Copied, as that takes just the memory that it needs.
  page->body_ = page_.body_;
  page->aside_ = page_.aside_;
  page->entries_ = page_.entries_;
  page->digest_ = page_.digest_;
  page_.body_.clear();
  page_.aside_.clear();
  page_.entries_.clear();
  page_.digest_ = {};
  return page;
}

bool same(const model::RecordView& view, const model::Record& record) {
  return view.name == record.name && view.dto == record.dto && view.facts == record.facts;
}

}  // namespace quartermaster::kubeapi
