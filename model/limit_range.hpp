// Limit ranges: what containers, pods and claims of a namespace get if they name nothing, and the bounds of what they
// may name. https://kubernetes.io/docs/concepts/policy/limit-range/
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"
#include "model/object_meta.hpp"
#include "model/resource_list.hpp"

namespace quartermaster::model {

/// The limit range that each tenant gets.
inline constexpr std::string_view kDefaultLimitRange = "walm-default-limitrange";

struct LimitRangeItem {
  std::string type;  // of what it is about: "Container", "Pod", "PersistentVolumeClaim"
  ResourceList min = {}, max = {};
  ResourceList default_limit = {}, default_request = {};  // of containers
  ResourceList max_ratio = {};                            // of limit to request
};

struct LimitRange {
  ObjectMeta meta;
  std::vector<LimitRangeItem> limits;
};

LimitRange limit_range_from(json::Value raw);

struct LimitRangeSpec {
  std::string name{kDefaultLimitRange};
  std::vector<LimitRangeItem> limits = {};
};

/// Default limits of a container; "" for none.
LimitRangeSpec default_limits(std::string_view cpu, std::string_view memory);

/// The manifest to create it from, with the label by which is_managed() knows it again.
void write_manifest(json::Writer& writer, const LimitRangeSpec& spec);

/// The merge patch that gives it these limits in place of its own. It holds for this limit range only, not for one made
/// anew under the name.
void write_patch(json::Writer& writer, const LimitRange& current, const LimitRangeSpec& spec);

}  // namespace quartermaster::model
