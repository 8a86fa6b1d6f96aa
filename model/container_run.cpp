// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
#include "model/container_run.hpp"

namespace quartermaster::model {
namespace {

enum class Sort { regular, init, ephemeral };

json::Value named(json::Value list, std::string_view name) {
  for (const json::Value each : list.items()) {
    if (each["name"].string() == name) return each;
  }
  return {};
}

/// Whether a container that has ended is started again.
bool comes_back(json::Value pod, json::Value spec, Sort sort, json::Value terminated) {
  if (sort == Sort::ephemeral || pod["metadata"]["deletionTimestamp"].exists()) return false;
  const bool failed = terminated["exitCode"].integer().value_or(0) != 0;
  const auto policy = pod["spec"]["restartPolicy"].string("Always");
  if (sort == Sort::init && spec["restartPolicy"].string() != "Always") return failed && policy != "Never";
  if (sort == Sort::init || policy == "Always") return true;
  return failed && policy == "OnFailure";
}

ContainerRun run_of(json::Value pod, json::Value spec, Sort sort, json::Value status) {
  ContainerRun run;
  run.restarts = status["restartCount"].integer().value_or(0);
  const auto terminated = status["state"]["terminated"];
  run.running = status["state"]["running"].is_object();
  run.started = run.running || terminated.is_object() || status["lastState"]["terminated"].is_object();
  const auto phase = pod["status"]["phase"].string();
  run.finished =
      phase == "Succeeded" || phase == "Failed" || (terminated.is_object() && !comes_back(pod, spec, sort, terminated));
  return run;
}

}  // namespace

ContainerRun container_run(json::Value pod, std::string_view container) {
  const auto spec = pod["spec"], status = pod["status"];
  if (const auto found = named(spec["initContainers"], container); found.exists())
    return run_of(pod, found, Sort::init, named(status["initContainerStatuses"], container));
  if (const auto found = named(spec["ephemeralContainers"], container); found.exists())
    return run_of(pod, found, Sort::ephemeral, named(status["ephemeralContainerStatuses"], container));
  return run_of(pod, named(spec["containers"], container), Sort::regular,
                named(status["containerStatuses"], container));
}

}  // namespace quartermaster::model
