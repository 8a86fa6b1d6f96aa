// Persistent volume claims: state and DTO.
#include "model/pvc.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

std::string dto(std::string_view raw) {
  const Pvc pvc = from_json(raw, pvc_from);
  return written([&](json::Writer& w) { write(w, pvc); });
}

TEST_CASE("A bound claim's DTO") {
  CHECK(dto(R"({
      "metadata": {"name": "redis-data-walm-redis-master-0", "namespace": "kube-system",
                   "labels": {"app": "redis", "release": "walm-redis", "role": "master"}},
      "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}},
               "storageClassName": "hostpath", "volumeName": "pv-1", "volumeMode": "Block"},
      "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce", "ReadOnlyMany"], "capacity": {"storage": "8Gi"}}})") ==
        R"({"name":"redis-data-walm-redis-master-0","namespace":"kube-system","kind":"PersistentVolumeClaim",)"
        R"("state":{"status":"Bound","reason":"","message":""},)"
        R"("labels":{"app":"redis","release":"walm-redis","role":"master"},)"
        R"("storageClass":"hostpath","volumeName":"pv-1","capacity":"8Gi",)"
        R"("accessModes":["ReadWriteOnce","ReadOnlyMany"],"volumeMode":"Block","requested":"5Gi"})");
}

TEST_CASE("A pending claim's DTO has what was asked for") {
  CHECK(dto(R"({"metadata": {"name": "c", "namespace": "n"},
      "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}},
      "status": {"phase": "Pending"}})") ==
        R"({"name":"c","namespace":"n","kind":"PersistentVolumeClaim",)"
        R"("state":{"status":"Pending","reason":"","message":""},"labels":{},"storageClass":"","volumeName":"",)"
        R"("capacity":"","accessModes":["ReadWriteMany"],"volumeMode":"Filesystem","requested":"1Gi"})");
}

TEST_CASE("An empty claim's DTO has every field") {
  const auto raw = GENERATE("{}", "null", R"({"spec": [], "status": {"capacity": "1Gi", "accessModes": "all"}})");
  CHECK(dto(raw) == R"({"name":"","namespace":"","kind":"PersistentVolumeClaim",)"
                    R"("state":{"status":"","reason":"","message":""},"labels":{},"storageClass":"","volumeName":"",)"
                    R"("capacity":"","accessModes":[],"volumeMode":"Filesystem","requested":""})");
}

TEST_CASE("A claim's storage class may be in the old annotation") {
  const auto [annotations, spec, expected] = GENERATE(table<std::string, std::string, std::string>({
      {R"({})", R"({"storageClassName": "new"})", "new"},
      {R"({"volume.beta.kubernetes.io/storage-class": "old"})", R"({})", "old"},
      {R"({"volume.beta.kubernetes.io/storage-class": "old"})", R"({"storageClassName": "new"})", "old"},
      {R"({"volume.beta.kubernetes.io/storage-class": ""})", R"({"storageClassName": "new"})", ""},
  }));
  const std::string raw = R"({"metadata": {"annotations": )" + annotations + R"(}, "spec": )" + spec + "}";
  CHECK(from_json(raw, pvc_from).storage_class == expected);
}

TEST_CASE("A claim's state") {
  const auto [raw, expected] = GENERATE(table<std::string, State>({
      {R"({"status": {"phase": "Lost"}})", {"Lost", "", ""}},
      {R"({"status": {"phase": "Bound", "conditions": [{"type": "Resizing", "status": "False"},
           {"type": "FileSystemResizePending", "status": "True", "message": "Waiting for a pod"}]}})",
       {"Bound", "FileSystemResizePending", "Waiting for a pod"}},
      {R"({"status": {"phase": "Bound", "conditions": [{"type": "T", "status": "True", "reason": "R"}]}})",
       {"Bound", "R", ""}},
      {R"({"metadata": {"deletionTimestamp": "2019-07-05T04:17:59Z", "finalizers": ["kubernetes.io/pvc-protection"]},
           "status": {"phase": "Bound"}})",
       {"Terminating", "", "waiting for finalizers: kubernetes.io/pvc-protection"}},
  }));
  const State state = state_of(from_json(raw, pvc_from));
  CHECK(state.status == expected.status);
  CHECK(state.reason == expected.reason);
  CHECK(state.message == expected.message);
}

}  // namespace
}  // namespace quartermaster::model
