#include "test/apisim/pod_log.hpp"

#include <algorithm>

#include "model/timestamp.hpp"
#include "test/apisim/list.hpp"

namespace quartermaster::apisim {
namespace {

std::vector<std::string> container_names(const json::object& pod) {
  std::vector<std::string> names;
  for (const auto* list : {"initContainers", "containers", "ephemeralContainers"}) {
    const auto* containers = find_array(pod, {"spec", list});
    if (containers == nullptr) continue;
    for (const auto& container : *containers) {
      if (container.is_object()) names.emplace_back(text(container.get_object(), {"name"}));
    }
  }
  return names;
}

/// The rules of k8s.io/kubernetes/pkg/apis/core/validation: ValidatePodLogOptions.
std::optional<Status> check_options(const ApiRequest& request) {
  FieldErrors errors;
  const auto check = [&](std::string_view name, std::int64_t least, const char* rule) -> std::optional<Status> {
    const auto value = number_parameter(request, name);
    if (!value) return value.error();
    if (!request.query(name).empty() && *value < least) {
      errors.push_back(invalid_raw(std::string(name), std::to_string(*value), rule));
    }
    return std::nullopt;
  };
  if (auto bad = check("tailLines", 0, "must be greater than or equal to 0")) return bad;
  if (auto bad = check("limitBytes", 1, "must be greater than 0")) return bad;
  const bool since_seconds = !request.query("sinceSeconds").empty();
  const auto since_time = request.query("sinceTime");
  if (!since_time.empty() && !parse_timestamp(since_time)) {
    return bad_request("parsing time " + go_quoted(since_time) + " as \"2006-01-02T15:04:05Z07:00\": cannot parse " +
                       go_quoted(since_time) + " as \"2006\"");
  }
  if (auto bad = check("sinceSeconds", 1, "must be greater than 0")) return bad;
  if (since_seconds && !since_time.empty()) {
    errors.push_back(forbidden_field("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  }
  if (errors.empty()) return std::nullopt;
  return invalid("", "PodLogOptions", request.name, errors);
}

Answer<std::string> choose_container(const json::object& pod, const ApiRequest& request) {
  const auto names = container_names(pod);
  const auto asked = std::string(request.query("container"));
  if (!asked.empty()) {
    if (std::ranges::find(names, asked) == names.end()) {
      return bad_request("container " + asked + " is not valid for pod " + request.name);
    }
    return asked;
  }
  if (names.size() == 1) return names.front();
  std::string list;
  for (const auto& name : names) list.append(list.empty() ? "" : " ").append(name);
  return bad_request("a container name must be specified for pod " + request.name + ", choose one of: [" + list + "]");
}

const json::object* status_of(const json::object& pod, std::string_view container) {
  for (const auto* list : {"containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"}) {
    const auto* statuses = find_array(pod, {"status", list});
    if (statuses == nullptr) continue;
    for (const auto& status : *statuses) {
      if (status.is_object() && text(status.get_object(), {"name"}) == container) return &status.get_object();
    }
  }
  return nullptr;
}

/// What the kubelet refuses: a container that has not started, a previous instance that there is not.
std::optional<Status> check_started(const Cluster& cluster, const json::object& pod, const ContainerId& id,
                                    bool previous) {
  const auto who = "container " + go_quoted(id.container) + " in pod " + go_quoted(id.pod);
  const auto* status = status_of(pod, id.container);
  if (previous) {
    const bool ended = status != nullptr && find_object(*status, {"lastState", "terminated"}) != nullptr;
    if (ended || cluster.logs.has(id, true)) return std::nullopt;
    return bad_request("previous terminated " + who + " not found");
  }
  if (cluster.logs.has(id, false) || status == nullptr) return std::nullopt;
  if (find_object(*status, {"lastState", "terminated"}) != nullptr) return std::nullopt;
  if (const auto* waiting = find_object(*status, {"state", "waiting"})) {
    const auto reason = text(*waiting, {"reason"});
    if (reason == "ErrImagePull" || reason == "ImagePullBackOff") {
      return bad_request(who + " is waiting to start: " +
                         (reason == "ErrImagePull" ? "image can't be pulled" : "trying and failing to pull image"));
    }
    return bad_request(who + " is waiting to start: " + std::string(reason));
  }
  return std::nullopt;
}

}  // namespace

Answer<std::unique_ptr<ByteStream>> open_pod_log(Cluster& cluster, const ApiRequest& request, std::stop_token stop) {
  if (auto bad = check_options(request)) return *bad;
  const auto found = cluster.store.find(pod_type(), request.ns, request.name);
  if (!found) return not_found(pod_type(), request.name);
  const auto& pod = found->value();
  const auto container = choose_container(pod, request);
  if (!container) return container.error();
  if (text(pod, {"spec", "nodeName"}).empty()) return std::unique_ptr<ByteStream>();
  const ContainerId id{request.ns, request.name, *container};
  auto query = parse_log_query(request.target.query);
  static const auto& nodes = *find_kind("Node");
  if (const auto node = text(pod, {"spec", "nodeName"}); !cluster.logs.has(id, query.previous) &&
                                                         status_of(pod, *container) == nullptr &&
                                                         !cluster.store.find(nodes, {}, node)) {
    return not_found(pod_type(), node);
  }
  if (auto refused = check_started(cluster, pod, id, query.previous)) return *refused;
  const auto phase = text(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") query.follow = false;
  // A container that crashes and waits to be started again has one log: that of its last instance.
  if (!query.previous && !cluster.logs.has(id, false) && cluster.logs.has(id, true)) query.previous = true;
  return cluster.logs.read(id, query, std::move(stop));
}

}  // namespace quartermaster::apisim
