// The items of a list from a cache: those of the records that a request asks for, rendered in as many steps as one
// likes.
#pragma once

#include <string>
#include <string_view>

#include "kubeapi/shard.hpp"
#include "model/label_selector.hpp"
#include "server/api/filler.hpp"

namespace quartermaster::api {

class Picker {
 public:
  /// Begins behind the name `after`; a `limit` of 0 is none. What is referred to must outlive it.
  Picker(const Filler& filler, const kubeapi::Shard& objects, const LabelSelector& selector, std::size_t limit,
         std::string after)
      : filler_(filler), objects_(objects), selector_(selector), limit_(limit), after_(std::move(after)) {}

  /// Appends items to `out`, with a comma before each but the first of all, until there are no more (true) or
  /// `enough()`, which is asked before each record.
  template <class Enough>
  bool render(std::string& out, Enough enough) {
    bool done = true;
    std::string_view seen;
    objects_.for_each(after_, [&](const model::RecordView& record) {
      if (enough()) return done = false;
      seen = record.name;
      if (!selector_.matches(RenderedLabels(record.labels))) return true;
      if (limit_ > 0 && num_ == limit_) {
        more_ = true;
        return false;
      }
      if (num_++ > 0) out += ',';
      const auto begin = out.size();
      filler_.append(out, record);
      digest_ += kubeapi::Digest::of(std::string_view(out).substr(begin));
      last_ = record.name;
      return true;
    });
    if (!done && !seen.empty()) after_ = seen;
    return done;
  }

  // Of what has been rendered so far.
  std::size_t num() const { return num_; }
  const kubeapi::Digest& digest() const { return digest_; }
  /// The name of the last item; valid as long as the objects.
  std::string_view last() const { return last_; }
  /// There are more than the limit.
  bool more() const { return more_; }

 private:
  const Filler& filler_;
  const kubeapi::Shard& objects_;
  const LabelSelector& selector_;
  const std::size_t limit_;
  std::string after_;
  std::size_t num_ = 0;
  kubeapi::Digest digest_;
  std::string_view last_;
  bool more_ = false;
};

}  // namespace quartermaster::api
