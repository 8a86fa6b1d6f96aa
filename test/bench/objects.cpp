#include "test/bench/objects.hpp"

#include <cstdio>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace quartermaster::bench {

namespace {

constexpr std::size_t kClaimsInNamespace = 500;

/// `text` with each $KEY$ replaced.
std::string fill_in(std::string_view text, std::initializer_list<std::pair<std::string_view, std::string>> values) {
  std::string result;
  result.reserve(text.size() + 256);
  while (!text.empty()) {
    const auto begin = text.find('$');
    result += text.substr(0, begin);
    if (begin == std::string_view::npos) break;
    const auto end = text.find('$', begin + 1);
    const auto key = text.substr(begin + 1, end - begin - 1);
    for (const auto& [name, value] : values) {
      if (name == key) result += value;
    }
    text.remove_prefix(end + 1);
  }
  return result;
}

std::string number_text(const char* format, std::size_t number) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, number);
  return buffer;
}

std::string uid(char kind, std::size_t number) {
  return std::string(1, kind) + number_text("%07zx-5f6d-4c8b-9a2e-", number) +
         number_text("%012zx", number * 2654435761);
}

/// Five letters and digits, as Kubernetes ends the names of pods.
std::string suffix(std::size_t number) {
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::string result;
  for (std::size_t i = 0, rest = number; i < 5; ++i, rest /= kLetters.size())
    result += kLetters[rest % kLetters.size()];
  return result;
}

constexpr std::string_view kNamespace = R"({"kind":"Namespace","apiVersion":"v1","metadata":{"name":"$NAME$",
"uid":"$UID$","creationTimestamp":"2024-03-05T07:08:09Z","labels":{"multi-tenant":"tenant-tiller-$NAME$"}},
"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})";

constexpr std::string_view kQuota = R"({"kind":"ResourceQuota","apiVersion":"v1","metadata":{"name":"compute",
"namespace":"$NS$","uid":"$UID$","creationTimestamp":"2024-03-05T07:08:09Z"},"spec":{"hard":{"limits.cpu":"64",
"limits.memory":"256Gi","requests.cpu":"32","requests.memory":"128Gi","requests.storage":"4Ti","pods":"4000"}},
"status":{"hard":{"limits.cpu":"64","limits.memory":"256Gi","requests.cpu":"32","requests.memory":"128Gi",
"requests.storage":"4Ti","pods":"4000"},"used":{"limits.cpu":"12500m","limits.memory":"51712Mi","requests.cpu":"6250m",
"requests.memory":"25856Mi","requests.storage":"1000Gi","pods":"250"}}})";

constexpr std::string_view kStorageClass = R"({"kind":"StorageClass","apiVersion":"storage.k8s.io/v1","metadata":{
"name":"$NAME$","uid":"$UID$","creationTimestamp":"2024-03-05T07:08:09Z","labels":{"tier":"ssd"},"annotations":{
"storageclass.kubernetes.io/is-default-class":"false"}},"provisioner":"disk.csi.example.com","parameters":{
"type":"nvme","csi.storage.k8s.io/fstype":"ext4"},"reclaimPolicy":"Delete","mountOptions":["noatime"],
"allowVolumeExpansion":true,"volumeBindingMode":"WaitForFirstConsumer"})";

constexpr std::string_view kClaim = R"({"kind":"PersistentVolumeClaim","apiVersion":"v1","metadata":{"name":"$NAME$",
"namespace":"$NS$","uid":"$UID$","creationTimestamp":"2024-03-05T07:08:09Z","labels":{"app":"postgres",
"release":"orders-$RELEASE$","role":"$ROLE$"},"annotations":{"pv.kubernetes.io/bind-completed":"yes",
"pv.kubernetes.io/bound-by-controller":"yes",
"volume.beta.kubernetes.io/storage-provisioner":"disk.csi.example.com"},
"finalizers":["kubernetes.io/pvc-protection"],"managedFields":[{"manager":"kube-controller-manager",
"operation":"Update","apiVersion":"v1","time":"2024-03-05T07:08:12Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{
"f:annotations":{".":{},"f:pv.kubernetes.io/bind-completed":{},"f:pv.kubernetes.io/bound-by-controller":{},
"f:volume.beta.kubernetes.io/storage-provisioner":{}},"f:labels":{".":{},"f:app":{},"f:release":{},"f:role":{}}},
"f:spec":{"f:accessModes":{},"f:resources":{"f:requests":{".":{},"f:storage":{}}},"f:storageClassName":{},
"f:volumeMode":{},"f:volumeName":{}},"f:status":{"f:accessModes":{},"f:capacity":{".":{},"f:storage":{}},
"f:phase":{}}}}]},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"8Gi"}},
"volumeName":"pvc-$UID$","storageClassName":"fast","volumeMode":"Filesystem"},"status":{"phase":"Bound",
"accessModes":["ReadWriteOnce"],"capacity":{"storage":"8Gi"}}})";

constexpr std::string_view kPod = R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"$NAME$",
"generateName":"$APP$-7d9c5b6f48-","namespace":"$NS$","uid":"$UID$","creationTimestamp":"2024-03-05T07:08:09Z",
"labels":{"app":"$APP$","pod-template-hash":"7d9c5b6f48","release":"shop-$RELEASE$","tier":"$ROLE$"},"annotations":{
"checksum/config":"9f2c6b1d0e7a4835b1c9d2e3f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d","prometheus.io/port":"9102",
"prometheus.io/scrape":"true"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",
"name":"$APP$-7d9c5b6f48","uid":"$OWNER$","controller":true,"blockOwnerDeletion":true}],"managedFields":[{
"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2024-03-05T07:08:09Z",
"fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{".":{},"f:checksum/config":{},
"f:prometheus.io/port":{},"f:prometheus.io/scrape":{}},"f:generateName":{},"f:labels":{".":{},"f:app":{},
"f:pod-template-hash":{},"f:release":{},"f:tier":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"$OWNER$\"}":{".":{},
"f:apiVersion":{},"f:blockOwnerDeletion":{},"f:controller":{},"f:kind":{},"f:name":{},"f:uid":{}}}},"f:spec":{
"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:env":{".":{},"k:{\"name\":\"POD_NAME\"}":{".":{},"f:name":{},
"f:valueFrom":{".":{},"f:fieldRef":{".":{},"f:apiVersion":{},"f:fieldPath":{}}}}},"f:image":{},"f:imagePullPolicy":{},
"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},
"f:protocol":{}}},"f:readinessProbe":{".":{},"f:httpGet":{".":{},"f:path":{},"f:port":{}},"f:periodSeconds":{}},
"f:resources":{".":{},"f:limits":{".":{},"f:cpu":{},"f:memory":{}},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}},
"f:volumeMounts":{".":{},"k:{\"mountPath\":\"/data\"}":{".":{},"f:mountPath":{},"f:name":{}}}},
"k:{\"name\":\"metrics\"}":{".":{},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:resources":{}}},
"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},
"f:terminationGracePeriodSeconds":{},"f:volumes":{".":{},"k:{\"name\":\"data\"}":{".":{},"f:name":{},
"f:persistentVolumeClaim":{".":{},"f:claimName":{}}}}}}},{"manager":"kubelet","operation":"Update","apiVersion":"v1",
"time":"2024-03-05T07:08:21Z","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:conditions":{
"k:{\"type\":\"ContainersReady\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},
"k:{\"type\":\"Initialized\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},
"k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},
"f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:podIPs":{".":{},"k:{\"ip\":\"$IP$\"}":{".":{},
"f:ip":{}}},"f:startTime":{}}}}]},"spec":{"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"$CLAIM$"}},
{"name":"default-token-x7k2p","secret":{"secretName":"default-token-x7k2p","defaultMode":420}}],"containers":[{
"name":"main","image":"registry.example.com/shop/$APP$:4.17.2","ports":[{"containerPort":8080,"protocol":"TCP"}],
"env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}},
{"name":"LOG_LEVEL","value":"info"}],"resources":{"limits":{"cpu":"500m","memory":"512Mi"},"requests":{"cpu":"250m",
"memory":"256Mi"}},"volumeMounts":[{"name":"data","mountPath":"/data"},{"name":"default-token-x7k2p","readOnly":true,
"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"readinessProbe":{"httpGet":{"path":"/ready",
"port":8080,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},
"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"},
{"name":"metrics","image":"registry.example.com/infra/exporter:1.8.0","resources":{},"volumeMounts":[{
"name":"default-token-x7k2p","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],
"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],
"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default",
"serviceAccount":"default","nodeName":"$NODE$","securityContext":{},"schedulerName":"default-scheduler","tolerations":[
{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},
{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],
"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"},"status":{"phase":"Running",
"conditions":[{"type":"Initialized","status":"True","lastProbeTime":null,"lastTransitionTime":"2024-03-05T07:08:09Z"},
{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":"2024-03-05T07:08:21Z"},
{"type":"ContainersReady","status":"True","lastProbeTime":null,"lastTransitionTime":"2024-03-05T07:08:21Z"},
{"type":"PodScheduled","status":"True","lastProbeTime":null,"lastTransitionTime":"2024-03-05T07:08:09Z"}],
"hostIP":"192.168.7.31","podIP":"$IP$","podIPs":[{"ip":"$IP$"}],"startTime":"2024-03-05T07:08:09Z",
"containerStatuses":[{"name":"main","state":{"running":{"startedAt":"2024-03-05T07:08:19Z"}},"lastState":{},
"ready":true,"restartCount":$RESTARTS$,"image":"registry.example.com/shop/$APP$:4.17.2",
"imageID":"registry.example.com/shop/$APP$@sha256:3f1c7b2a9d8e6f504132a5b4c7d6e9f8012b3a4d5c6e7f8091a2b3c4d5e6f708",
"containerID":"containerd://81c4e1f2a7b3d59c6e8f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f","started":true},
{"name":"metrics","state":{"running":{"startedAt":"2024-03-05T07:08:20Z"}},"lastState":{},"ready":true,
"restartCount":0,"image":"registry.example.com/infra/exporter:1.8.0",
"imageID":"registry.example.com/infra/exporter@sha256:7a8b9c0d1e2f30415263748596a7b8c9d0e1f2031425364758697a8b9c0d1e2f",
"containerID":"containerd://d3f6a9b2c5e8f1047a3d6c9b2e5f8a1d4c7b0e3f6a9d2c5b8e1f4a7d0c3b6e9f","started":true}],
"qosClass":"Burstable"}})";

constexpr std::string_view kSecret =
    R"({"kind":"Secret","apiVersion":"v1","metadata":{"name":"$NAME$","namespace":"$NS$",
"uid":"$UID$","creationTimestamp":"2024-03-05T07:08:09Z","labels":{"app":"postgres"}},"type":"Opaque","data":{
"username":"cG9zdGdyZXM=","password":"bm90LXZlcnktc2VjcmV0LWJ1dC1sb25nLWVub3VnaA==",
"ca.crt":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJkakNDQVIyZ0F3SUJBZ0lCQURBS0JnZ3Foa2pPUFFRREFqQWpNU0V3SHdZRFZRUUREQmhyTTNNdApjMlZ5ZG1WeUxXTmhRREUzTURrMk1qY3hOekF3SGhjTk1qUXdNekExTURnek1qVXdXaGNOTXpRd016QXpNRGd6Ck1qVXdXakFqTVNFd0h3WURWUVFEREJock0zTXRjMlZ5ZG1WeUxXTmhRREUzTURrMk1qY3hOekF3V1RBVEJnY3EKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo="}})";

constexpr std::string_view kEvent = R"({"kind":"Event","apiVersion":"v1","metadata":{"name":"$NAME$.17b9c2d4e5f60718",
"namespace":"$NS$","uid":"$UID$","creationTimestamp":"2024-03-05T07:08:09Z"},"involvedObject":{"kind":"Pod",
"namespace":"$NS$","name":"$NAME$","uid":"$OWNER$","apiVersion":"v1","fieldPath":"spec.containers{main}"},
"reason":"Unhealthy","message":"Readiness probe failed: Get \"http://$IP$:8080/ready\": dial tcp $IP$:8080: connect: connection refused",
"source":{"component":"kubelet","host":"node-1"},"firstTimestamp":"2024-03-05T07:08:09Z",
"lastTimestamp":"2024-03-05T07:09:49Z","count":11,"type":"Warning","eventTime":null,"reportingComponent":"",
"reportingInstance":""})";

const char* role(std::size_t number) { return number % 3 == 0 ? "primary" : "replica"; }

std::string pod_ip(std::size_t number) {
  return "10." + std::to_string(number >> 16) + "." + std::to_string((number >> 8) & 255) + "." +
         std::to_string(number & 255);
}

}  // namespace

std::string namespace_name(std::size_t number) { return "bench-" + std::to_string(number); }

StoredObject namespace_object(std::size_t number) {
  const std::string name = namespace_name(number);
  return {model::Kind::namespace_, "", name, fill_in(kNamespace, {{"NAME", name}, {"UID", uid('a', number)}})};
}

StoredObject quota_object(std::size_t number) {
  const std::string ns = namespace_name(number);
  return {model::Kind::resource_quota, ns, "compute", fill_in(kQuota, {{"NS", ns}, {"UID", uid('b', number)}})};
}

StoredObject storage_class_object(std::size_t number) {
  const std::string name = "fast-" + std::to_string(number);
  return {model::Kind::storage_class, "", name, fill_in(kStorageClass, {{"NAME", name}, {"UID", uid('c', number)}})};
}

StoredObject claim_object(std::size_t number) {
  const std::string ns = namespace_name(number / kClaimsInNamespace), id = uid('d', number);
  const std::string name = "data-orders-" + std::to_string(number / 3) + "-postgres-" + std::to_string(number % 3);
  return {
      model::Kind::pvc, ns, name,
      fill_in(
          kClaim,
          {{"NAME", name}, {"NS", ns}, {"UID", id}, {"RELEASE", std::to_string(number / 3)}, {"ROLE", role(number)}})};
}

StoredObject pod_object(std::size_t number, std::size_t generation, const std::string& node) {
  const std::string ns = namespace_name(number % kNamespaces), app = "orders-api-" + std::to_string(number / 60);
  const std::string name = app + "-7d9c5b6f48-" + suffix(number);
  return {model::Kind::pod, ns, name,
          fill_in(kPod, {{"NAME", name},
                         {"NS", ns},
                         {"APP", app},
                         {"UID", uid('e', number)},
                         {"OWNER", uid('f', number / 60)},
                         {"RELEASE", std::to_string(number / 600)},
                         {"ROLE", role(number)},
                         {"CLAIM", "data-" + app},
                         {"IP", pod_ip(number)},
                         {"NODE", node},
                         {"RESTARTS", std::to_string(generation)}})};
}

StoredObject secret_object(std::size_t number) {
  const std::string ns = namespace_name(0), name = "credentials-" + std::to_string(number);
  return {model::Kind::secret, ns, name, fill_in(kSecret, {{"NAME", name}, {"NS", ns}, {"UID", uid('8', number)}})};
}

StoredObject event_object(std::size_t number) {
  const StoredObject pod = pod_object(number);
  return {model::Kind::event, pod.ns, pod.name + ".17b9c2d4e5f60718",
          fill_in(kEvent, {{"NAME", pod.name},
                           {"NS", pod.ns},
                           {"UID", uid('9', number)},
                           {"OWNER", uid('e', number)},
                           {"IP", pod_ip(number)}})};
}

}  // namespace quartermaster::bench
