// How far a container of a pod has come: what a reader of its log asks.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/json.hpp"

namespace quartermaster::model {

struct ContainerRun {
  bool started = false;  // it runs or has run, so that there is a log
  bool running = false;
  bool finished = false;      // it has ended, and will not be started again
  std::int64_t restarts = 0;  // the status may be older than what the node knows
};

/// Of a container of any sort, from a raw pod. The rules are the kubelet's: the pod's restartPolicy, but for init
/// containers, which are done when they have succeeded, sidecars among them, which are not, and ephemeral containers,
/// which run once.
ContainerRun container_run(json::Value pod, std::string_view container);

}  // namespace quartermaster::model
