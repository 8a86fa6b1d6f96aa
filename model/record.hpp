// What a cache keeps of an object: not the object, but its DTO as bytes, and what it takes to find and select it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"

namespace quartermaster::model {

/// A DTO may have holes: places for what is known only when it is read, as a pod's age or a tenant's quotas.
struct Record {
  std::string ns;  // "" for kinds without namespaces
  std::string name;
  std::string dto;
  std::vector<std::uint32_t> holes = {};  // positions in `dto`, ascending
  std::uint32_t labels_begin = 0;         // in `dto`: the labels, a JSON object of strings
  std::uint32_t labels_size = 0;          // 0: the kind's DTO has none
  std::string facts = {};                 // what else the service asks of an object; the kind's header reads it
};

/// A record in a cache, valid as long as the page that it lies in.
struct RecordView {
  std::string_view name;
  std::string_view dto;
  std::span<const std::uint32_t> holes;
  std::string_view labels;
  std::string_view facts;
};

/// Appends the DTO with `fill(std::string& out, std::size_t hole)` called at each hole, counted from 0.
template <class Fill>
void append_filled(std::string& out, const RecordView& record, Fill fill) {
  std::size_t at = 0;
  for (std::size_t hole = 0; hole < record.holes.size(); ++hole) {
    out.append(record.dto.substr(at, record.holes[hole] - at));
    fill(out, hole);
    at = record.holes[hole];
  }
  out.append(record.dto.substr(at));
}

// One for each kind that is cached, beside the kind: from the raw object, like the DTO. They never fail.
Record pod_record(json::Value raw);
Record pvc_record(json::Value raw);
Record storage_class_record(json::Value raw);
Record namespace_record(json::Value raw);
Record resource_quota_record(json::Value raw);
Record stateful_set_record(json::Value raw);

}  // namespace quartermaster::model
