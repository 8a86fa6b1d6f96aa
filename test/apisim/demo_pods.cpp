// Demo: pods in every state there is, with their owners, logs and events.
#include "model/timestamp.hpp"
#include "test/apisim/cluster.hpp"
#include "test/apisim/demo.hpp"
#include "test/apisim/json.hpp"

namespace quartermaster::apisim {
namespace {

constexpr const char* kNamespace = "team-red";

/// A pod's skeleton: the rest is merged in by who makes it.
struct Pod {
  std::string name, uid, app, phase = "Running";
  std::string owner_kind = {}, owner_name = {}, owner_uid = {};
  std::string containers;       // JSON array of spec.containers
  std::string statuses = "[]";  // JSON array of status.containerStatuses
  std::string conditions = R"([{"type": "Initialized", "status": "True", "lastTransitionTime": "@5d"},
    {"type": "Ready", "status": "True", "lastTransitionTime": "@5d"}, {"type": "ContainersReady", "status": "True", "lastTransitionTime": "@5d"},
    {"type": "PodScheduled", "status": "True", "lastTransitionTime": "@5d"}])";
  std::string volumes = "[]";
  std::string more_status = {};  // members of status: "\"reason\": \"Evicted\", "
  bool scheduled = true;
};

std::string quote(const std::string& text) { return "\"" + text + "\""; }

void put(ApiServer& server, const Pod& pod) {
  const auto api = pod.owner_kind == "Job" ? "batch/v1" : "apps/v1";
  std::string text = R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": )" + quote(pod.name) +
                     R"(, "namespace": ")" + kNamespace + R"(", "uid": )" + quote(pod.uid) +
                     R"(, "creationTimestamp": "@5d", "labels": {"app": )" + quote(pod.app) + "}";
  if (!pod.owner_kind.empty()) {
    text += R"(, "ownerReferences": [{"apiVersion": ")" + std::string(api) + R"(", "kind": )" + quote(pod.owner_kind) +
            R"(, "name": )" + quote(pod.owner_name) + R"(, "uid": )" + quote(pod.owner_uid) +
            R"(, "controller": true, "blockOwnerDeletion": true}])";
  }
  text += R"(}, "spec": {"containers": )" + pod.containers + R"(, "volumes": )" + pod.volumes +
          R"(, "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
             "serviceAccountName": "default", "schedulerName": "default-scheduler", "securityContext": {})";
  if (pod.scheduled) text += R"(, "nodeName": "node-1")";
  text += R"(}, "status": {"phase": )" + quote(pod.phase) + R"(, "qosClass": "Burstable", )" + pod.more_status;
  if (pod.scheduled) text += R"("hostIP": "192.168.0.11", "podIP": "10.244.0.7", "startTime": "@5d", )";
  text += R"("conditions": )" + pod.conditions + R"(, "containerStatuses": )" + pod.statuses + "}}";
  put_demo(server, text);
}

std::string container(const std::string& name, const std::string& image, const std::string& mounts = "[]") {
  return R"({"name": )" + quote(name) + R"(, "image": )" + quote(image) + R"(, "imagePullPolicy": "IfNotPresent",
    "resources": {"limits": {"cpu": "200m", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}}, "volumeMounts": )" +
         mounts + "}";
}

std::string status(const std::string& name, const std::string& image, bool ready, int restarts,
                   const std::string& state, const std::string& last = "{}") {
  return R"({"name": )" + quote(name) + R"(, "image": )" + quote(image) + R"(, "imageID": "", "ready": )" +
         (ready ? "true" : "false") + R"(, "restartCount": )" + std::to_string(restarts) + R"(, "state": )" + state +
         R"(, "lastState": )" + last + "}";
}

std::string not_ready(const std::string& containers, const std::string& message) {
  return R"([{"type": "Initialized", "status": "True", "lastTransitionTime": "@5d"},
    {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": )" +
         quote(message + ": [" + containers + "]") +
         R"(, "lastTransitionTime": "@1h"}, {"type": "PodScheduled", "status": "True", "lastTransitionTime": "@5d"}])";
}

constexpr const char* kRunning = R"({"running": {"startedAt": "@5d"}})";

/// An event as the kubelet writes it.
void put_event(ApiServer& server, const Pod& pod, int number, const std::string& type, const std::string& reason,
               const std::string& message, const std::string& first, const std::string& last, int count) {
  const bool scheduler = reason == "Scheduled";
  put_demo(server,
           R"({"apiVersion": "v1", "kind": "Event", "metadata": {"name": )" +
               quote(pod.name + "." + std::to_string(number)) + R"(, "namespace": ")" + kNamespace +
               R"(", "creationTimestamp": )" + quote(first) +
               R"(}, "involvedObject": {"kind": "Pod", "apiVersion": "v1", "namespace": ")" + kNamespace +
               R"(", "name": )" + quote(pod.name) + R"(, "uid": )" + quote(pod.uid) + R"(}, "type": )" + quote(type) +
               R"(, "reason": )" + quote(reason) + R"(, "message": )" + quote(message) + R"(, "source": )" +
               (scheduler ? R"({"component": "default-scheduler"})" : R"({"component": "kubelet", "host": "node-1"})") +
               R"(, "firstTimestamp": )" + quote(first) + R"(, "lastTimestamp": )" + quote(last) + R"(, "count": )" +
               std::to_string(count) + R"(, "eventTime": null, "reportingComponent": "", "reportingInstance": ""})");
}

void put_start_events(ApiServer& server, const Pod& pod, const std::string& image) {
  put_event(server, pod, 1, "Normal", "Scheduled",
            "Successfully assigned " + std::string(kNamespace) + "/" + pod.name + " to node-1", "@5d", "@5d", 1);
  put_event(server, pod, 2, "Normal", "Pulled", "Container image \\\"" + image + "\\\" already present on machine",
            "@5d", "@5d", 1);
  put_event(server, pod, 3, "Normal", "Started", "Started container", "@5d", "@5d", 1);
}

void write_log(ApiServer& server, const Pod& pod, const std::string& container_name,
               const std::vector<std::string>& lines) {
  auto time = std::chrono::system_clock::now() - std::chrono::seconds(3 * static_cast<int>(lines.size()));
  for (const auto& line : lines) {
    server.logs().append({kNamespace, pod.name, container_name}, {time, line + "\n"});
    time += std::chrono::milliseconds(2987);
  }
}

std::string owner(const std::string& kind, const std::string& name, const std::string& uid, int replicas,
                  const std::string& containers, const std::string& more_spec = "",
                  const std::string& more_metadata = "") {
  return R"({"apiVersion": "apps/v1", "kind": )" + quote(kind) + R"(, "metadata": {"name": )" + quote(name) +
         R"(, "namespace": ")" + kNamespace + R"(", "uid": )" + quote(uid) +
         R"(, "creationTimestamp": "@5d", "generation": 1, "labels": {"app": )" +
         quote(name.substr(0, name.find('-'))) + "}" + more_metadata + R"(}, "spec": {"replicas": )" +
         std::to_string(replicas) + R"(, "selector": {"matchLabels": {"app": )" +
         quote(name.substr(0, name.find('-'))) + R"(}}, "template": {"metadata": {"labels": {"app": )" +
         quote(name.substr(0, name.find('-'))) + R"(}}, "spec": {"containers": )" + containers + "}}" + more_spec +
         R"(}, "status": {}})";
}

std::string owned_by_deployment(const std::string& name, const std::string& uid) {
  return R"(, "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": )" + quote(name) +
         R"(, "uid": )" + quote(uid) + R"(, "controller": true, "blockOwnerDeletion": true}])";
}

/// A healthy deployment whose pods have two containers.
void put_web(ApiServer& server) {
  const std::string set = "web-5f6d7c8b9", set_uid = "0e50000a-0000-4000-8000-000000000001",
                    uid = "0e50000a-0000-4000-8000-000000000002";
  const auto containers = "[" +
                          container("web", "example.com/web:2.3", R"([{"name": "uploads", "mountPath": "/uploads"}])") +
                          "," + container("metrics", "example.com/exporter:0.9") + "]";
  for (const std::string suffix : {"x2v4k", "p9dwq"}) {
    Pod pod{.name = set + "-" + suffix,
            .uid = "0e50000b-0000-4000-8000-0000000" + std::string(suffix == "x2v4k" ? "00001" : "00002"),
            .app = "web",
            .owner_kind = "ReplicaSet",
            .owner_name = set,
            .owner_uid = set_uid,
            .containers = containers,
            .statuses = "[" + status("web", "example.com/web:2.3", true, 0, kRunning) + "," +
                        status("metrics", "example.com/exporter:0.9", true, 1, kRunning) + "]",
            .volumes = R"([{"name": "uploads", "persistentVolumeClaim": {"claimName": "uploads"}}])"};
    put(server, pod);
    put_start_events(server, pod, "example.com/web:2.3");
    std::vector<std::string> lines = {"listening on :8080"};
    for (int i = 1; i <= 60; ++i) {
      lines.push_back("GET /item/" + std::to_string(i * 37 % 101) + " 200 " + std::to_string(i * 13 % 29 + 1) + "ms");
    }
    write_log(server, pod, "web", lines);
    write_log(server, pod, "metrics",
              {"exporter 0.9", "scraping http://localhost:8080/metrics every 15s", "first scrape: 42 series"});
  }
  put_demo(server, owner("ReplicaSet", set, set_uid, 2, containers, "", owned_by_deployment("web", uid)));
  put_demo(server, owner("Deployment", "web", uid, 2, containers));
  put_demo(server, R"([
    {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "web-5f6d7c8b9.1", "namespace": "team-red", "creationTimestamp": "@5d"},
     "involvedObject": {"kind": "ReplicaSet", "apiVersion": "apps/v1", "namespace": "team-red", "name": "web-5f6d7c8b9", "uid": ")" +
                       set_uid + R"("},
     "type": "Normal", "reason": "SuccessfulCreate", "message": "Created pod: web-5f6d7c8b9-x2v4k", "source": {"component": "replicaset-controller"},
     "firstTimestamp": "@5d", "lastTimestamp": "@5d", "count": 1, "eventTime": null, "reportingComponent": "", "reportingInstance": ""},
    {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "node-1.1", "namespace": "default", "creationTimestamp": "@3h"},
     "involvedObject": {"kind": "Node", "name": "node-1", "uid": "node-1"},
     "type": "Normal", "reason": "NodeReady", "message": "Node node-1 status is now: NodeReady", "source": {"component": "kubelet", "host": "node-1"},
     "firstTimestamp": "@3h", "lastTimestamp": "@3h", "count": 1, "eventTime": null, "reportingComponent": "", "reportingInstance": ""}
  ])");
}

/// A deployment whose pod crashes again and again.
void put_worker(ApiServer& server) {
  const std::string set = "worker-7d9f8", set_uid = "0e50000a-0000-4000-8000-000000000003",
                    uid = "0e50000a-0000-4000-8000-000000000004";
  const auto containers = "[" + container("worker", "example.com/worker:1.1") + "]";
  Pod pod{
      .name = set + "-tq8zm",
      .uid = "0e50000b-0000-4000-8000-000000000003",
      .app = "worker",
      .owner_kind = "ReplicaSet",
      .owner_name = set,
      .owner_uid = set_uid,
      .containers = containers,
      .statuses =
          "[" +
          status(
              "worker", "example.com/worker:1.1", false, 7,
              R"({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=worker"}})",
              R"({"terminated": {"exitCode": 1, "reason": "Error", "startedAt": "@4m", "finishedAt": "@3m"}})") +
          "]",
      .conditions = not_ready("worker", "containers with unready status")};
  put(server, pod);
  put_start_events(server, pod, "example.com/worker:1.1");
  put_event(server, pod, 4, "Warning", "BackOff", "Back-off restarting failed container", "@5d", "@1m", 212);
  write_log(server, pod, "worker", {"worker 1.1", "connecting to redis:6379", "fatal: no such queue: jobs"});
  server.logs().restart({kNamespace, pod.name, "worker"});
  write_log(server, pod, "worker", {"worker 1.1", "connecting to redis:6379", "fatal: no such queue: jobs", "exit 1"});
  server.logs().finish({kNamespace, pod.name, "worker"});
  put_demo(server, owner("ReplicaSet", set, set_uid, 1, containers, "", owned_by_deployment("worker", uid)));
  put_demo(server, owner("Deployment", "worker", uid, 1, containers));
}

void put_redis(ApiServer& server) {
  const std::string uid = "0e50000a-0000-4000-8000-000000000005";
  const auto containers =
      "[" + container("redis", "example.com/redis:6", R"([{"name": "data", "mountPath": "/data"}])") + "]";
  Pod pod{.name = "redis-0",
          .uid = "0e50000b-0000-4000-8000-000000000004",
          .app = "redis",
          .owner_kind = "StatefulSet",
          .owner_name = "redis",
          .owner_uid = uid,
          .containers = containers,
          .statuses = "[" + status("redis", "example.com/redis:6", true, 0, kRunning) + "]",
          .volumes = R"([{"name": "data", "persistentVolumeClaim": {"claimName": "data-redis-0"}},
                         {"name": "auth", "secret": {"secretName": "database"}}])"};
  put(server, pod);
  put_start_events(server, pod, "example.com/redis:6");
  write_log(server, pod, "redis", {"Server initialized", "Ready to accept connections"});
  put_demo(server, owner("StatefulSet", "redis", uid, 1, containers,
                         R"(, "serviceName": "redis", "podManagementPolicy": "OrderedReady",
    "revisionHistoryLimit": 10, "updateStrategy": {"type": "RollingUpdate"}, "volumeClaimTemplates": [{"metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem", "resources": {"requests": {"storage": "8Gi"}}},
    "status": {"phase": "Pending"}}])"));
  put_demo(server, R"({"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget",
    "metadata": {"name": "redis", "namespace": "team-red", "creationTimestamp": "@5d", "generation": 1},
    "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "redis"}}},
    "status": {"observedGeneration": 1, "disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}})");
}

/// Pods that wait: for an image, and for a node.
void put_waiting(ApiServer& server) {
  Pod image{
      .name = "typo",
      .uid = "0e50000b-0000-4000-8000-000000000005",
      .app = "typo",
      .phase = "Pending",
      .containers = "[" + container("typo", "example.com/wbe:2.3") + "]",
      .statuses =
          "[" +
          status(
              "typo", "example.com/wbe:2.3", false, 0,
              R"({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"example.com/wbe:2.3\""}})") +
          "]",
      .conditions = not_ready("typo", "containers with unready status")};
  put(server, image);
  put_event(server, image, 1, "Normal", "Scheduled", "Successfully assigned team-red/typo to node-1", "@2h", "@2h", 1);
  put_event(server, image, 2, "Warning", "Failed", "Error: ErrImagePull", "@2h", "@20m", 24);
  put_event(server, image, 3, "Normal", "BackOff", "Back-off pulling image \\\"example.com/wbe:2.3\\\"", "@2h", "@2m",
            431);

  Pod huge{.name = "huge",
           .uid = "0e50000b-0000-4000-8000-000000000006",
           .app = "huge",
           .phase = "Pending",
           .containers = "[" + container("huge", "example.com/huge:1") + "]",
           .conditions = R"([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
             "message": "0/1 nodes are available: 1 Insufficient cpu.", "lastTransitionTime": "@1h"}])",
           .scheduled = false};
  put(server, huge);
  // Written through the newer events API: no times but eventTime and the series'.
  put_demo(
      server,
      R"({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "huge.1", "namespace": "team-red", "creationTimestamp": "@1h"},
    "involvedObject": {"kind": "Pod", "apiVersion": "v1", "namespace": "team-red", "name": "huge", "uid": "0e50000b-0000-4000-8000-000000000006"},
    "type": "Warning", "reason": "FailedScheduling", "message": "0/1 nodes are available: 1 Insufficient cpu.", "action": "Scheduling",
    "source": {}, "firstTimestamp": null, "lastTimestamp": null, "eventTime": "@1h", "series": {"count": 42, "lastObservedTime": "@1m"},
    "reportingComponent": "default-scheduler", "reportingInstance": "default-scheduler-node-1"})");
}

/// Pods that have ended: well, and not so well.
void put_ended(ApiServer& server) {
  Pod job{
      .name = "migrate-4-7hcz9",
      .uid = "0e50000b-0000-4000-8000-000000000007",
      .app = "migrate",
      .phase = "Succeeded",
      .owner_kind = "Job",
      .owner_name = "migrate-4",
      .owner_uid = "0e50000a-0000-4000-8000-000000000009",
      .containers = "[" + container("migrate", "example.com/web:2.3") + "]",
      .statuses =
          "[" +
          status("migrate", "example.com/web:2.3", false, 0,
                 R"({"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": "@5d", "finishedAt": "@5d"}})") +
          "]",
      .conditions =
          R"([{"type": "Initialized", "status": "True", "reason": "PodCompleted", "lastTransitionTime": "@5d"},
            {"type": "Ready", "status": "False", "reason": "PodCompleted", "lastTransitionTime": "@5d"},
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": "@5d"}])",
      .volumes = R"([{"name": "old", "persistentVolumeClaim": {"claimName": "old-import"}}])"};
  put(server, job);
  write_log(server, job, "migrate", {"schema 3 -> 4", "done in 812ms"});
  server.logs().finish({kNamespace, job.name, "migrate"});

  Pod evicted{
      .name = "report",
      .uid = "0e50000b-0000-4000-8000-000000000008",
      .app = "report",
      .phase = "Failed",
      .containers = "[" + container("report", "example.com/report:5") + "]",
      .conditions = "[]",
      .more_status = R"("reason": "Evicted", "message": "The node was low on resource: ephemeral-storage. ", )"};
  put(server, evicted);
  put_event(server, evicted, 1, "Warning", "Evicted", "The node was low on resource: ephemeral-storage. ", "@1d", "@1d",
            1);
}

/// A static pod's mirror: its events go by the hash of its configuration.
void put_mirror(ApiServer& server) {
  put_demo(server, R"([
    {"apiVersion": "v1", "kind": "Pod",
     "metadata": {"name": "etcd-node-1", "namespace": "kube-system", "uid": "0e50000b-0000-4000-8000-000000000009", "creationTimestamp": "@40d",
                  "labels": {"component": "etcd"},
                  "annotations": {"kubernetes.io/config.hash": "5f2b1c", "kubernetes.io/config.mirror": "5f2b1c", "kubernetes.io/config.source": "file"},
                  "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "node-1", "uid": "n", "controller": true}]},
     "spec": {"nodeName": "node-1", "restartPolicy": "Always", "containers": [{"name": "etcd", "image": "example.com/etcd:3.4"}]},
     "status": {"phase": "Running", "hostIP": "192.168.0.11", "podIP": "192.168.0.11", "startTime": "@40d",
                "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "@40d"}],
                "containerStatuses": [{"name": "etcd", "image": "example.com/etcd:3.4", "imageID": "", "ready": true, "restartCount": 2,
                                       "state": {"running": {"startedAt": "@40d"}}, "lastState": {}}]}},
    {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "etcd-node-1.1", "namespace": "kube-system", "creationTimestamp": "@1d"},
     "involvedObject": {"kind": "Pod", "apiVersion": "v1", "namespace": "kube-system", "name": "etcd-node-1", "uid": "5f2b1c"},
     "type": "Warning", "reason": "Unhealthy", "message": "Liveness probe failed: HTTP probe failed with statuscode: 503",
     "source": {"component": "kubelet", "host": "node-1"}, "firstTimestamp": "@1d", "lastTimestamp": "@3h", "count": 3, "eventTime": null,
     "reportingComponent": "", "reportingInstance": ""}
  ])");
  server.logs().append({"kube-system", "etcd-node-1", "etcd"}, "serving client traffic");
}

/// A log of 1 GB, which nobody holds.
void put_firehose(ApiServer& server) {
  put_demo(
      server,
      R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "firehose", "namespace": "default", "creationTimestamp": "@5d"},
    "spec": {"nodeName": "node-1", "restartPolicy": "Always", "containers": [{"name": "firehose", "image": "example.com/firehose:1"}]},
    "status": {"phase": "Running", "hostIP": "192.168.0.11", "podIP": "10.244.0.9", "startTime": "@5d",
               "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "@5d"}],
               "containerStatuses": [{"name": "firehose", "image": "example.com/firehose:1", "imageID": "", "ready": true, "restartCount": 0,
                                      "state": {"running": {"startedAt": "@5d"}}, "lastState": {}}]}})");
  server.logs().generate({"default", "firehose", "firehose"}, 1'000'000'000);
}

}  // namespace

void load_demo_pods(ApiServer& server) {
  put_web(server);
  put_worker(server);
  put_redis(server);
  put_waiting(server);
  put_ended(server);
  put_mirror(server);
  put_firehose(server);
}

}  // namespace quartermaster::apisim
