// Demo: claims that are in use, free, pending, and owned by stateful sets, one of them scaled to 0.
#include "test/apisim/demo.hpp"
#include "test/apisim/json.hpp"

namespace quartermaster::apisim {
namespace {

/// A bound claim and its volume.
void put_bound(ApiServer& server, const std::string& name, const std::string& app, const std::string& size,
               const std::string& storage_class) {
  auto claim =
      parse_object(R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"creationTimestamp": "@5d"},
    "spec": {"accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem"},
    "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"]}})");
  const auto volume_name = "pvc-" + name;
  auto& metadata = make_object(claim, {"metadata"});
  metadata["name"] = name;
  metadata["namespace"] = "team-red";
  metadata["finalizers"] = json::array{"kubernetes.io/pvc-protection"};
  make_object(metadata, {"labels"})["app"] = app;
  make_object(claim, {"spec"})["storageClassName"] = storage_class;
  make_object(claim, {"spec"})["volumeName"] = volume_name;
  make_object(claim, {"spec", "resources", "requests"})["storage"] = size;
  make_object(claim, {"status", "capacity"})["storage"] = size;
  put_demo(server, json::serialize(claim));

  auto volume =
      parse_object(R"({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"creationTimestamp": "@5d"},
    "spec": {"accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Delete", "volumeMode": "Filesystem",
             "claimRef": {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": "team-red"}},
    "status": {"phase": "Bound"}})");
  make_object(volume, {"metadata"})["name"] = volume_name;
  make_object(volume, {"spec"})["storageClassName"] = storage_class;
  make_object(volume, {"spec", "claimRef"})["name"] = name;
  make_object(volume, {"spec", "capacity"})["storage"] = size;
  put_demo(server, json::serialize(volume));
}

}  // namespace

void load_demo_claims(ApiServer& server) {
  server.set_node_stats("node-1", R"({"node": {"nodeName": "node-1"}, "pods": [
    {"podRef": {"name": "redis-0", "namespace": "team-red", "uid": ""}, "volume": [
      {"time": "2024-05-06T07:08:09Z", "usedBytes": 6871947673, "capacityBytes": 8350298112, "availableBytes": 1461573632,
       "inodesUsed": 311, "inodes": 524288, "inodesFree": 523977,
       "name": "data", "pvcRef": {"name": "data-redis-0", "namespace": "team-red"}}]}]})");
  put_bound(server, "data-redis-0", "redis", "8Gi", "fast");
  put_bound(server, "data-archive-0", "archive", "100Gi", "archive");
  put_bound(server, "uploads", "web", "20Gi", "standard");
  put_bound(server, "scratch", "none", "5Gi", "standard");
  put_bound(server, "old-import", "none", "1Gi", "standard");
  put_demo(server, R"([
    {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
     "metadata": {"name": "wanted", "namespace": "team-red", "creationTimestamp": "@3h", "uid": "0c1a1000-0000-4000-8000-000000000001",
                  "labels": {"app": "none"}, "finalizers": ["kubernetes.io/pvc-protection"]},
     "spec": {"accessModes": ["ReadWriteMany"], "storageClassName": "gold", "volumeMode": "Filesystem",
              "resources": {"requests": {"storage": "50Gi"}}}, "status": {"phase": "Pending"}},
    {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "wanted.1", "namespace": "team-red", "creationTimestamp": "@3h"},
     "involvedObject": {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "name": "wanted", "namespace": "team-red",
                        "uid": "0c1a1000-0000-4000-8000-000000000001"},
     "type": "Warning", "reason": "ProvisioningFailed", "message": "storageclass.storage.k8s.io \"gold\" not found",
     "source": {"component": "persistentvolume-controller"}, "firstTimestamp": "@3h", "lastTimestamp": "@1m", "count": 719,
     "eventTime": null, "reportingComponent": "", "reportingInstance": ""},
    {"apiVersion": "apps/v1", "kind": "StatefulSet",
     "metadata": {"name": "archive", "namespace": "team-red", "creationTimestamp": "@33d", "generation": 3, "labels": {"app": "archive"}},
     "spec": {"replicas": 0, "serviceName": "archive", "selector": {"matchLabels": {"app": "archive"}},
              "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10, "updateStrategy": {"type": "RollingUpdate"},
              "template": {"metadata": {"labels": {"app": "archive"}},
                           "spec": {"containers": [{"name": "archive", "image": "example.com/archive:3"}]}},
              "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
                                        "volumeMode": "Filesystem", "resources": {"requests": {"storage": "100Gi"}}},
                                        "status": {"phase": "Pending"}}]},
     "status": {"replicas": 0}}
  ])");
}

}  // namespace quartermaster::apisim
