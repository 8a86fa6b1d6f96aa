// A page of the store: a run of records in the order of their names, rendered and ready to be sent. Pages never change;
// a change makes a new one, and whoever reads an old one keeps it.
#pragma once

#include <array>
#include <boost/smart_ptr/local_shared_ptr.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/record.hpp"

namespace quartermaster::kubeapi {

/// Counted without locks: the program has one thread.
template <class T>
using Shared = boost::local_shared_ptr<T>;

/// The sum of the hashes of some records' DTOs: it tells contents apart, whatever the pages are that they lie in.
struct Digest {
  std::uint64_t low = 0, high = 0;

  static Digest of(std::string_view bytes);  // XXH3, 128 bits
  Digest& operator+=(const Digest& other);
  Digest& operator-=(const Digest& other);
  bool operator==(const Digest&) const = default;
};

class Page {
 public:
  /// A page is as large as one write to a socket likes it; a change copies one.
  static constexpr std::size_t kBytes = 32U << 10;

  std::size_t size() const { return entries_.size(); }
  model::RecordView at(std::size_t index) const;
  std::string_view name(std::size_t index) const;
  /// The first record whose name is not less; size() if there is none.
  std::size_t lower_bound(std::string_view name) const;

  /// The DTOs of the records from `first` up to `last`, each after a comma.
  std::string_view bytes(std::size_t first, std::size_t last) const;
  std::string_view bytes() const { return body_; }
  const Digest& digest() const { return digest_; }
  /// Of memory.
  std::size_t footprint() const;

 private:
  friend class PageBuilder;
  struct Entry {
    std::uint32_t body = 0, aside = 0;  // where it begins
    std::uint32_t labels_begin = 0, labels_size = 0;
    std::uint32_t name_size = 0;
    std::array<std::uint32_t, 2> holes = {};
    std::uint32_t hole_count = 0;
  };
  std::uint32_t body_end(std::size_t index) const;
  std::uint32_t aside_end(std::size_t index) const;

  std::string body_;   // a comma and the DTO, of each record
  std::string aside_;  // name and facts, of each record
  std::vector<Entry> entries_;
  Digest digest_;
};

using PagePtr = Shared<const Page>;

/// Makes a page, record by record, in the order of their names.
class PageBuilder {
 public:
  void add(const model::Record& record);
  /// Those of another page.
  void add(const Page& page, std::size_t first, std::size_t last);
  bool empty() const { return page_.entries_.empty(); }
  std::size_t bytes() const { return page_.body_.size(); }
  /// Leaves the builder empty.
  PagePtr finish();

 private:
  Page page_;
};

/// Whether a page holds just this.
bool same(const model::RecordView& view, const model::Record& record);

}  // namespace quartermaster::kubeapi
