// Limit ranges: the default limits that a tenant's containers get if they name none.
#pragma once

#include <string>
#include <string_view>

#include "model/json.hpp"
#include "model/labels.hpp"
#include "model/object_meta.hpp"

namespace quartermaster::model {

/// The limit range that each tenant gets.
inline constexpr std::string_view kDefaultLimitRange = "walm-default-limitrange";

struct LimitRange {
  ObjectMeta meta;
  StringMap container_default;  // default limit of a container by resource name
};

LimitRange limit_range_from(json::Value raw);

struct LimitRangeSpec {
  std::string name{kDefaultLimitRange};
  std::string cpu;     // a container's default limit; "" for none
  std::string memory;  // likewise
};

/// The manifest to create it from, with the label by which is_managed() knows it again.
void write_manifest(json::Writer& writer, const LimitRangeSpec& spec);

}  // namespace quartermaster::model
