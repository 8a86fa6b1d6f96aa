// Reads and writes pods, and answers what use cases ask about them.
#include "model/pod.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace quartermaster::model {
namespace {

constexpr std::string_view kMirrorAnnotation = "kubernetes.io/config.mirror";
constexpr std::string_view kDefaultContainerAnnotation = "kubectl.kubernetes.io/default-container";

State container_state(json::Value state) {
  if (state["running"].is_object()) return {"Running", "", ""};
  const json::Value terminated = state["terminated"];
  // The API's rule: without any of the three members the container is waiting.
  const json::Value why = terminated.is_object() ? terminated : state["waiting"];
  return {terminated.is_object() ? "Terminated" : "Waiting", std::string(why["reason"].string()),
          std::string(why["message"].string())};
}

json::Value named(json::Value statuses, std::string_view name) {
  for (const json::Value status : statuses.items()) {
    if (status["name"].string() == name) return status;
  }
  return {};
}

std::vector<Container> containers_from(json::Value specs, json::Value statuses) {
  std::vector<Container> containers;
  for (const json::Value spec : specs.items()) {
    const json::Value status = named(statuses, spec["name"].string());
    containers.push_back({.name = std::string(spec["name"].string()),
                          .image = std::string(spec["image"].string()),
                          .ready = status["ready"].boolean(),
                          .restart_count = status["restartCount"].integer().value_or(0),
                          .state = container_state(status["state"]),
                          .exit_code = status["state"]["terminated"]["exitCode"].integer()});
  }
  return containers;
}

std::vector<ClaimMount> claims_from(json::Value volumes, const std::string& pod_name) {
  std::vector<ClaimMount> claims;
  for (const json::Value volume : volumes.items()) {
    const std::string name(volume["name"].string());
    const std::string_view claim = volume["persistentVolumeClaim"]["claimName"].string();
    if (!claim.empty()) claims.push_back({std::string(claim), name, false});
    // Kubernetes makes the claim of a generic ephemeral volume under this name.
    if (volume["ephemeral"].is_object()) claims.push_back({pod_name + "-" + name, name, true});
  }
  std::sort(claims.begin(), claims.end());
  return claims;
}

std::string age(const std::optional<Timestamp>& created, Timestamp now) {
  if (!created) return "";
  // Two Timestamps can be further apart than their difference can hold.
  std::int64_t age = 0;
  if (__builtin_sub_overflow(now.time_since_epoch().count(), created->time_since_epoch().count(), &age)) {
    age = std::numeric_limits<std::int64_t>::max();
  }
  return short_age(std::chrono::nanoseconds(age));
}

void write_containers(json::Writer& writer, std::string_view name, const std::vector<Container>& containers) {
  writer.key(name).begin_array();
  for (const Container& container : containers) {
    writer.begin_object();
    writer.field("name", container.name).field("image", container.image);
    writer.field("ready", container.ready).field("restartCount", container.restart_count);
    write_field(writer, "state", container.state);
    writer.end_object();
  }
  writer.end_array();
}

// Stands for a creation time that is not there.
constexpr Timestamp kNoTime = Timestamp::min();

// With a record: a hole for the age.
void write(json::Writer& writer, const Pod& pod, Timestamp now, Record* record) {
  writer.begin_object();
  write_head(writer, Kind::pod, pod.meta, state_of(pod));
  write_labels(writer, "labels", pod.meta.labels, record);
  write_field(writer, "annotations", pod.meta.annotations);
  writer.field("hostIp", pod.host_ip).field("podIp", pod.pod_ip);
  write_containers(writer, "containers", pod.containers);
  writer.key("age");
  if (record != nullptr)
    leave_hole(writer, *record);
  else
    writer.string(age(pod.meta.created, now));
  write_containers(writer, "initContainers", pod.init_containers);
  writer.field("nodeName", pod.node_name);
  writer.end_object();
}

}  // namespace

Pod pod_from(json::Value raw) {
  const json::Value spec = raw["spec"];
  const json::Value status = raw["status"];
  Pod pod;
  pod.meta = object_meta_from(raw);
  pod.phase = status["phase"].string();
  pod.reason = status["reason"].string();
  pod.message = status["message"].string();
  pod.host_ip = status["hostIP"].string();
  pod.pod_ip = status["podIP"].string();
  pod.node_name = spec["nodeName"].string();
  pod.conditions = conditions_from(status["conditions"]);
  pod.containers = containers_from(spec["containers"], status["containerStatuses"]);
  pod.init_containers = containers_from(spec["initContainers"], status["initContainerStatuses"]);
  pod.ephemeral_containers = containers_from(spec["ephemeralContainers"], status["ephemeralContainerStatuses"]);
  pod.claims = claims_from(spec["volumes"], pod.meta.name);
  return pod;
}

void write(json::Writer& writer, const Pod& pod, Timestamp now) { write(writer, pod, now, nullptr); }

Record pod_record(json::Value raw) {
  const Pod pod = pod_from(raw);
  Record record = record_of(pod.meta);
  json::Writer writer(record.dto);
  write(writer, pod, {}, &record);
  const auto created = pod.meta.created.value_or(kNoTime).time_since_epoch().count();
  record.facts.assign(reinterpret_cast<const char*>(&created), sizeof created);
  if (is_finished(pod)) return record;
  std::string_view last;
  for (const auto& mount : pod.claims)
    if (std::exchange(last, mount.claim) != mount.claim) record.facts.append(mount.claim).append("\n");
  return record;
}

void append_age(std::string& out, std::string_view facts, Timestamp now) {
  auto created = kNoTime.time_since_epoch().count();
  if (facts.size() >= sizeof created) std::memcpy(&created, facts.data(), sizeof created);
  const Timestamp time{Timestamp::duration(created)};
  out.append("\"").append(time == kNoTime ? "" : age(time, now)).append("\"");
}

std::vector<std::string_view> claims_of(std::string_view facts) {
  return split_lines(facts.substr(std::min(facts.size(), sizeof(Timestamp::rep))));
}

bool is_finished(const Pod& pod) { return pod.phase == "Succeeded" || pod.phase == "Failed"; }

bool is_mirror(const Pod& pod) { return pod.meta.annotations.contains(kMirrorAnnotation); }

std::string_view mirror_hash(const Pod& pod) {
  const auto found = pod.meta.annotations.find(kMirrorAnnotation);
  return found == pod.meta.annotations.end() ? std::string_view() : found->second;
}

std::string_view default_container(const Pod& pod) {
  const auto named = pod.meta.annotations.find(kDefaultContainerAnnotation);
  if (named != pod.meta.annotations.end()) {
    if (const Container* container = find_container(pod, named->second)) return container->name;
  }
  return pod.containers.empty() ? std::string_view() : pod.containers.front().name;
}

std::vector<std::string> container_names(const Pod& pod) {
  std::vector<std::string> names;
  for (const auto* list : {&pod.containers, &pod.init_containers, &pod.ephemeral_containers}) {
    for (const Container& container : *list) names.push_back(container.name);
  }
  return names;
}

const Container* find_container(const Pod& pod, std::string_view name) {
  for (const auto* list : {&pod.containers, &pod.init_containers, &pod.ephemeral_containers}) {
    for (const Container& container : *list) {
      if (container.name == name) return &container;
    }
  }
  return nullptr;
}

}  // namespace quartermaster::model
