#include "test/apisim/bulk.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdio>
#include <initializer_list>
#include <stdexcept>
#include <utility>

#include "test/apisim/signal.hpp"

namespace quartermaster::apisim {
namespace {

constexpr std::size_t kClaimsOfNamespace = 500;
constexpr std::size_t kPodsOfNamespace = 1000;
constexpr auto kTick = std::chrono::milliseconds(10);

constexpr std::string_view kNamespace =
    R"({"metadata":{"name":"$NS","uid":"$UID","resourceVersion":"$RV","creationTimestamp":"2024-03-01T08:00:00Z",)"
    R"("labels":{"purpose":"bench"}},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})";

constexpr std::string_view kClaim =
    R"({"metadata":{"name":"$NAME","namespace":"$NS","uid":"$UID","resourceVersion":"$RV",)"
    R"("creationTimestamp":"2024-03-01T08:00:00Z","labels":{"app":"web","shard":"$SHARD"},"annotations":{)"
    R"("pv.kubernetes.io/bind-completed":"yes","pv.kubernetes.io/bound-by-controller":"yes",)"
    R"("volume.beta.kubernetes.io/storage-provisioner":"csi.example.com"},"finalizers":["kubernetes.io/pvc-protection"],)"
    R"("managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1",)"
    R"("time":"2024-03-01T08:00:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{".":{},)"
    R"("f:pv.kubernetes.io/bind-completed":{},"f:pv.kubernetes.io/bound-by-controller":{},)"
    R"("f:volume.beta.kubernetes.io/storage-provisioner":{}},"f:labels":{".":{},"f:app":{},"f:shard":{}}},"f:spec":{)"
    R"("f:accessModes":{},"f:resources":{"f:requests":{".":{},"f:storage":{}}},"f:storageClassName":{},"f:volumeMode":{},)"
    R"("f:volumeName":{}},"f:status":{"f:accessModes":{},"f:capacity":{".":{},"f:storage":{}},"f:phase":{}}}}]},)"
    R"("spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"8Gi"}},"volumeName":"pvc-$UID",)"
    R"("storageClassName":"standard","volumeMode":"Filesystem"},)"
    R"("status":{"phase":"Bound","accessModes":["ReadWriteOnce"],"capacity":{"storage":"8Gi"}}})";

constexpr std::string_view kPod =
    R"({"metadata":{"name":"$NAME","generateName":"web-7c5d9b8f64-","namespace":"$NS","uid":"$UID",)"
    R"("resourceVersion":"$RV","creationTimestamp":"2024-03-01T08:01:00Z","labels":{"app":"web","shard":"$SHARD",)"
    R"("pod-template-hash":"7c5d9b8f64"},"annotations":{"prometheus.io/port":"8080","prometheus.io/scrape":"true"},)"
    R"("ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-7c5d9b8f64",)"
    R"("uid":"5b0f2e3c-0a41-4c55-9a3e-6f1b8f0f7d21","controller":true,"blockOwnerDeletion":true}],)"
    R"("managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1",)"
    R"("time":"2024-03-01T08:01:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{".":{},)"
    R"("f:prometheus.io/port":{},"f:prometheus.io/scrape":{}},"f:generateName":{},"f:labels":{".":{},"f:app":{},)"
    R"("f:pod-template-hash":{},"f:shard":{}},"f:ownerReferences":{".":{},)"
    R"("k:{\"uid\":\"5b0f2e3c-0a41-4c55-9a3e-6f1b8f0f7d21\"}":{".":{},"f:apiVersion":{},"f:blockOwnerDeletion":{},)"
    R"("f:controller":{},"f:kind":{},"f:name":{},"f:uid":{}}}},"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},)"
    R"("f:env":{".":{},"k:{\"name\":\"LISTEN\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},)"
    R"("f:livenessProbe":{".":{},"f:failureThreshold":{},"f:httpGet":{".":{},"f:path":{},"f:port":{},"f:scheme":{}},)"
    R"("f:periodSeconds":{},"f:successThreshold":{},"f:timeoutSeconds":{}},"f:name":{},"f:ports":{".":{},)"
    R"("k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:name":{},"f:protocol":{}}},)"
    R"("f:resources":{".":{},"f:limits":{".":{},"f:cpu":{},"f:memory":{}},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}},)"
    R"("f:terminationMessagePath":{},"f:terminationMessagePolicy":{},"f:volumeMounts":{".":{},)"
    R"("k:{\"mountPath\":\"/data\"}":{".":{},"f:mountPath":{},"f:name":{}}}},"k:{\"name\":\"proxy\"}":{".":{},"f:image":{},)"
    R"("f:imagePullPolicy":{},"f:name":{},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},)"
    R"("f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},)"
    R"("f:terminationGracePeriodSeconds":{},"f:volumes":{".":{},"k:{\"name\":\"data\"}":{".":{},"f:name":{},)"
    R"("f:persistentVolumeClaim":{".":{},"f:claimName":{}}}}}}},{"manager":"kubelet","operation":"Update",)"
    R"("apiVersion":"v1","time":"$TIME","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:conditions":{)"
    R"("k:{\"type\":\"ContainersReady\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},)"
    R"("k:{\"type\":\"Initialized\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},)"
    R"("k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},)"
    R"("f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:podIPs":{".":{},)"
    R"("k:{\"ip\":\"10.244.1.17\"}":{".":{},"f:ip":{}}},"f:startTime":{}}}}]},"spec":{"volumes":[{"name":"data",)"
    R"("persistentVolumeClaim":{"claimName":"$CLAIM"}},{"name":"default-token-x8v2c","secret":{)"
    R"("secretName":"default-token-x8v2c","defaultMode":420}}],"containers":[{"name":"web",)"
    R"("image":"registry.example.com/team/web:2.14.0","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],)"
    R"("env":[{"name":"LISTEN","value":":8080"}],"resources":{"limits":{"cpu":"500m","memory":"512Mi"},"requests":{)"
    R"("cpu":"100m","memory":"256Mi"}},"volumeMounts":[{"name":"data","mountPath":"/data"},{"name":"default-token-x8v2c",)"
    R"("readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"livenessProbe":{"httpGet":{)"
    R"("path":"/healthz","port":8080,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,)"
    R"("failureThreshold":3},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",)"
    R"("imagePullPolicy":"IfNotPresent"},{"name":"proxy","image":"registry.example.com/mesh/proxy:1.20.3","resources":{},)"
    R"("volumeMounts":[{"name":"default-token-x8v2c","readOnly":true,)"
    R"("mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"terminationMessagePath":"/dev/termination-log",)"
    R"("terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always",)"
    R"("terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default",)"
    R"("serviceAccount":"default","nodeName":"node-$SHARD","securityContext":{},"schedulerName":"default-scheduler",)"
    R"("tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute",)"
    R"("tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute",)"
    R"("tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"},)"
    R"("status":{"phase":"Running","conditions":[{"type":"Initialized","status":"True","lastProbeTime":null,)"
    R"("lastTransitionTime":"2024-03-01T08:01:00Z"},{"type":"Ready","status":"$CONDITION","lastProbeTime":null,)"
    R"("lastTransitionTime":"$TIME"},{"type":"ContainersReady","status":"$CONDITION","lastProbeTime":null,)"
    R"("lastTransitionTime":"$TIME"},{"type":"PodScheduled","status":"True","lastProbeTime":null,)"
    R"("lastTransitionTime":"2024-03-01T08:01:00Z"}],"hostIP":"192.168.0.1$SHARD","podIP":"10.244.1.17",)"
    R"("podIPs":[{"ip":"10.244.1.17"}],"startTime":"2024-03-01T08:01:00Z","containerStatuses":[{"name":"proxy","state":{)"
    R"("running":{"startedAt":"2024-03-01T08:01:02Z"}},"lastState":{},"ready":true,"restartCount":0,)"
    R"("image":"registry.example.com/mesh/proxy:1.20.3","imageID":"registry.example.com/mesh/proxy@sha256:)"
    R"(9f2c6b1e0d7a4c35b8e1f6a2d3c4b5a6978877665544332211ffeeddccbbaa00","containerID":"containerd://)"
    R"(1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809","started":true},{"name":"web","state":{)"
    R"("running":{"startedAt":"$TIME"}},"lastState":{},"ready":$READY,"restartCount":$RESTARTS,)"
    R"("image":"registry.example.com/team/web:2.14.0","imageID":"registry.example.com/team/web@sha256:)"
    R"(00aabbccddeeff112233445566778899a6b5c4d3a2f6e1b853c4a7d0e1b6c2f9","containerID":"containerd://)"
    R"(f9081a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7","started":true}],"qosClass":"Burstable"}})";

using Values = std::initializer_list<std::pair<std::string_view, std::string>>;

/// Puts values where the template has their names after a dollar sign.
std::string filled(std::string_view text, Values values) {
  std::string result;
  result.reserve(text.size() + 256);
  for (auto at = text.find('$'); at != std::string_view::npos; at = text.find('$')) {
    result.append(text.substr(0, at));
    text.remove_prefix(at + 1);
    const auto end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (const auto& [name, value] : values) {
      if (name == text.substr(0, end)) result.append(value);
    }
    text.remove_prefix(end);
  }
  return result.append(text);
}

std::string numbered(const char* prefix, std::size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%06zu", number);
  return std::string(prefix) + text;
}

std::string namespace_name(std::size_t number) { return "bench-" + std::to_string(number); }

/// A uid that is always the same, so that a pod keeps it over changes.
std::string uid_of(unsigned kind, std::size_t number) {
  char text[40];
  std::snprintf(text, sizeof text, "be9c%04x-0000-4000-8000-%012zx", kind, number);
  return text;
}

}  // namespace

void Bulk::fill(std::string_view plural, std::size_t count) {
  if (plural == "persistentvolumeclaims") {
    write_namespaces((count + kClaimsOfNamespace - 1) / kClaimsOfNamespace);
    for (std::size_t i = 0; i < count; ++i) write_claim(i);
  } else if (plural == "pods") {
    write_namespaces((count + kPodsOfNamespace - 1) / kPodsOfNamespace);
    for (std::size_t i = 0; i < count; ++i) write_pod(i, 0);
    pods_ = count;
  } else if (plural == "namespaces") {
    write_namespaces(count);
  } else {
    throw std::runtime_error("cannot fill in " + std::string(plural));
  }
  cluster_.store.compact(cluster_.store.version());
}

void Bulk::write_namespaces(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = namespace_name(i);
    if (cluster_.store.find(namespace_type(), {}, name)) continue;
    cluster_.store.write_text(namespace_type(), {}, name, [&](std::uint64_t version) {
      return filled(kNamespace, {{"NS", name}, {"UID", uid_of(1, i)}, {"RV", std::to_string(version)}});
    });
  }
}

void Bulk::write_claim(std::size_t number) {
  const auto ns = namespace_name(number / kClaimsOfNamespace), name = numbered("data-", number);
  cluster_.store.write_text(claim_type(), ns, name, [&](std::uint64_t version) {
    return filled(kClaim, {{"NAME", name},
                           {"NS", ns},
                           {"UID", uid_of(2, number)},
                           {"RV", std::to_string(version)},
                           {"SHARD", std::to_string(number % 10)}});
  });
}

void Bulk::write_pod(std::size_t number, std::uint64_t restarts) {
  const auto group = number / kPodsOfNamespace;
  const auto ns = namespace_name(group), name = numbered("web-7c5d9b8f64-", number);
  const auto claim = numbered("data-", group * kClaimsOfNamespace + number % kPodsOfNamespace % kClaimsOfNamespace);
  const bool ready = restarts % 2 == 0;
  const auto time = restarts == 0 ? std::string("2024-03-01T08:01:03Z") : time_text();
  cluster_.store.write_text(pod_type(), ns, name, [&](std::uint64_t version) {
    return filled(kPod, {{"NAME", name},
                         {"NS", ns},
                         {"UID", uid_of(3, number)},
                         {"RV", std::to_string(version)},
                         {"SHARD", std::to_string(number % 10)},
                         {"CLAIM", claim},
                         {"TIME", time},
                         {"CONDITION", ready ? "True" : "False"},
                         {"READY", ready ? "true" : "false"},
                         {"RESTARTS", std::to_string(restarts)}});
  });
}

void Bulk::change_pods(double per_second) {
  ++generation_;
  if (per_second <= 0 || pods_ == 0 || cluster_.loop == nullptr) return;
  asio::co_spawn(*cluster_.loop, run(this, per_second, generation_), asio::detached);
}

Task<void> Bulk::run(Bulk* self, double per_second, std::uint64_t generation) {
  const auto begin = Clock::now();
  Signal pause;
  for (std::uint64_t done = 0;; co_await pause.wait(*self->cluster_.loop, Clock::now() + kTick)) {
    if (self->generation_ != generation) co_return;
    const auto due = std::chrono::duration<double>(Clock::now() - begin).count() * per_second;
    for (; static_cast<double>(done) < due; ++done, ++self->changes_) {
      self->write_pod(self->changes_ % self->pods_, self->changes_ / self->pods_ + 1);
    }
  }
}

}  // namespace quartermaster::apisim
