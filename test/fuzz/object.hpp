// What the targets of objects share: raw JSON goes in, and what comes out must be JSON and, where the kind is cached,
// the same from a record as from the object itself.
#pragma once

#include <optional>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/record.hpp"
#include "test/fuzz/fuzz.hpp"

namespace quartermaster::fuzz {

/// Text that `write(json::Writer&)` writes; it must be one JSON value.
template <class Write>
std::string written(Write write) {
  std::string out;
  {
    json::Writer writer(out);
    write(writer);
  }
  check(json::parse(out).has_value(), "what is written is JSON");
  return out;
}

inline model::RecordView view_of(const model::Record& record) {
  check(record.labels_begin + record.labels_size <= record.dto.size(), "labels are inside");
  std::size_t last = 0;
  for (const auto hole : record.holes) {
    check(hole >= last && hole <= record.dto.size(), "holes are inside, and in order");
    last = hole;
  }
  return {.name = record.name,
          .dto = record.dto,
          .holes = record.holes,
          .labels = std::string_view(record.dto).substr(record.labels_begin, record.labels_size),
          .facts = record.facts};
}

/// A DTO as a reader of the cache gets it.
template <class Fill>
std::string filled(const model::RecordView& record, Fill fill) {
  std::string out;
  model::append_filled(out, record, fill);
  return out;
}

inline void check_labels(const model::RecordView& record, const StringMap& labels) {
  const auto written_labels = written([&](json::Writer& writer) { write(writer, labels); });
  check(record.labels == written_labels, "the labels are where the record says");
}

}  // namespace quartermaster::fuzz
