// A pod's state in a word, and why: state_of(Pod).
#include "model/pod.hpp"

namespace quartermaster::model {
namespace {

template <class Predicate>
const Container* first_container(const Pod& pod, Predicate matches) {
  for (const auto* list : {&pod.init_containers, &pod.containers}) {
    for (const Container& container : *list) {
      if (matches(container)) return &container;
    }
  }
  return nullptr;
}

State pending(const Pod& pod) {
  for (const std::string_view type : {"PodScheduled", "Initialized"}) {
    const Condition* condition = find_condition(pod.conditions, type);
    if (condition && condition->status != "True") return {"Pending", condition->reason, condition->message};
  }
  const Container* waiting = first_container(pod, [](const Container& c) {
    return c.state.status == "Waiting" && !(c.state.reason.empty() && c.state.message.empty());
  });
  if (waiting) return {"Pending", waiting->state.reason, waiting->state.message};
  return {"Pending", pod.reason, pod.message};
}

State running(const Pod& pod) {
  const Condition* ready = find_condition(pod.conditions, "Ready");
  if (!ready) return {"Running", pod.reason, pod.message};
  if (ready->status == "True") return {"Ready", "", ""};
  return {"Running", ready->reason, ready->message};
}

State failed(const Pod& pod) {
  if (!pod.reason.empty() || !pod.message.empty()) return {"Failed", pod.reason, pod.message};
  const Container* container = first_container(pod, [](const Container& c) { return c.exit_code.value_or(0) != 0; });
  if (!container) return {"Failed", "", ""};
  std::string message = container->state.message;
  if (message.empty()) {
    message = "container " + container->name + " ended with exit code " + std::to_string(*container->exit_code);
  }
  return {"Failed", container->state.reason, std::move(message)};
}

State terminating(const Pod& pod) {
  if (pod.reason.empty() && pod.message.empty()) return terminating_state(pod.meta);
  return {"Terminating", pod.reason, pod.message};
}

}  // namespace

State state_of(const Pod& pod) {
  if (pod.meta.terminating) return terminating(pod);
  if (pod.phase == "Pending") return pending(pod);
  if (pod.phase == "Running") return running(pod);
  if (pod.phase == "Failed") return failed(pod);
  return {pod.phase == "Succeeded" ? "Succeeded" : "Unknown", pod.reason, pod.message};
}

}  // namespace quartermaster::model
