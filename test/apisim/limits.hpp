// What LimitRanges refuse: k8s.io/kubernetes/plugin/pkg/admission/limitranger.
#pragma once

#include <optional>

#include "test/apisim/cluster.hpp"

namespace quartermaster::apisim {

/// For a pod or a claim that is created, with its defaults; anything else passes.
std::optional<Status> check_limit_ranges(const Cluster& cluster, const ResourceType& type, const json::object& object);

}  // namespace quartermaster::apisim
