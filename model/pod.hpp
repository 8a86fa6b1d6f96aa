// Pods: what is read of them, how their state is told in a word, and their DTO.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/dto.hpp"
#include "model/json.hpp"
#include "model/object_meta.hpp"
#include "model/timestamp.hpp"

namespace quartermaster::model {

struct Container {
  std::string name;
  std::string image;  // as the spec names it, not as the node resolved it
  bool ready = false;
  std::int64_t restart_count = 0;
  State state;                            // Running, Waiting (also if nothing is reported yet) or Terminated
  std::optional<std::int64_t> exit_code;  // of a Terminated one
};

/// A volume of a pod that is a claim's.
struct ClaimMount {
  std::string claim;
  std::string volume;      // its name in the pod
  bool ephemeral = false;  // a generic ephemeral volume, whose claim Kubernetes makes and deletes with the pod
  auto operator<=>(const ClaimMount&) const = default;
};

struct Pod {
  ObjectMeta meta;
  std::string phase;
  std::string reason;  // of the pod as a whole: "Evicted", "NodeLost"
  std::string message;
  std::string host_ip;
  std::string pod_ip;
  std::string node_name;
  std::vector<Condition> conditions;
  std::vector<Container> containers;
  std::vector<Container> init_containers;
  std::vector<Container> ephemeral_containers;
  std::vector<ClaimMount> claims;  // sorted; a claim can be there twice, under different volumes
};

Pod pod_from(json::Value raw);

/// Pending, Running, Ready, Succeeded, Failed, Terminating or Unknown, and why:
/// - Pending by the first of the conditions PodScheduled and Initialized that is there and not True, else by the first
///   waiting container that has something to say, init containers first;
/// - Running, but not ready, by the condition Ready;
/// - Failed by the pod's own reason (an eviction, a deadline), else by the first container that ended with a non-zero
///   code, init containers first;
/// - else by the pod's own reason.
State state_of(const Pod& pod);

/// `{name, namespace, kind, state, labels, annotations, hostIp, podIp, containers, age, initContainers}` and
/// `nodeName`; `age` is kubectl's short form, counted from the creation to `now`.
void write(json::Writer& writer, const Pod& pod, Timestamp now);

// A pod's record has one hole, for its age. Its facts are when it was made, and the claims that it uses until it has
// finished.

/// Appends the age as the DTO has it, a JSON string.
void append_age(std::string& out, std::string_view facts, Timestamp now);
std::vector<std::string_view> claims_of(std::string_view facts);

/// Succeeded or Failed: its containers will not run again, and its volumes are free.
bool is_finished(const Pod& pod);

/// A mirror pod stands for a static pod of a node; deleting it does not stop that one.
bool is_mirror(const Pod& pod);
/// The config hash of a mirror pod's static pod, which the kubelet's events have for uid; "" for other pods.
std::string_view mirror_hash(const Pod& pod);

/// The container whose log is meant when none is named: that of the annotation kubectl.kubernetes.io/default-container,
/// if there is one of that name, else the first; "" if the pod has none.
std::string_view default_container(const Pod& pod);
/// Containers, then init containers, then ephemeral ones.
std::vector<std::string> container_names(const Pod& pod);
/// Any container of that name, else null.
const Container* find_container(const Pod& pod, std::string_view name);

}  // namespace quartermaster::model
