// Demo: a node, its static pod, storage classes; tenants with quotas, one of them on its way out.
#include "test/apisim/demo.hpp"

namespace quartermaster::apisim {

void load_demo_cluster(ApiServer& server) {
  put_demo(server, R"([
    {"apiVersion": "v1", "kind": "Node",
     "metadata": {"name": "node-1", "creationTimestamp": "@40d", "labels": {"kubernetes.io/hostname": "node-1"}},
     "spec": {}, "status": {
       "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110"}, "allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"},
       "addresses": [{"type": "InternalIP", "address": "192.168.0.11"}, {"type": "Hostname", "address": "node-1"}],
       "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status",
                       "lastHeartbeatTime": "@10s", "lastTransitionTime": "@40d"}],
       "nodeInfo": {"kubeletVersion": "v1.20.2", "osImage": "Debian GNU/Linux 12", "containerRuntimeVersion": "containerd://1.6.20",
                    "architecture": "amd64", "operatingSystem": "linux", "kernelVersion": "6.1.0", "kubeProxyVersion": "v1.20.2",
                    "machineID": "", "systemUUID": "", "bootID": ""}}},
    {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
     "metadata": {"name": "standard", "creationTimestamp": "@40d",
                  "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
     "provisioner": "example.com/disk", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate", "allowVolumeExpansion": true},
    {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
     "metadata": {"name": "fast", "creationTimestamp": "@12d", "labels": {"tier": "ssd"},
                  "annotations": {"storageclass.beta.kubernetes.io/is-default-class": "true"}},
     "provisioner": "example.com/ssd", "parameters": {"type": "nvme"}, "mountOptions": ["noatime"],
     "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer"},
    {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "archive", "creationTimestamp": "@40d"},
     "provisioner": "example.com/tape", "reclaimPolicy": "Retain", "volumeBindingMode": "Immediate"}
  ])");
}

void load_demo_tenants(ApiServer& server) {
  put_demo(server, R"([
    {"apiVersion": "v1", "kind": "Namespace",
     "metadata": {"name": "team-red", "creationTimestamp": "@33d",
                  "labels": {"multi-tenant": "tenant-tiller-team-red", "team": "red"}, "annotations": {"contact": "red@example.com"}},
     "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}},
    {"apiVersion": "v1", "kind": "Namespace",
     "metadata": {"name": "team-blue", "creationTimestamp": "@5d",
                  "labels": {"multi-tenant": "tenant-tiller-team-blue", "team": "blue"}},
     "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}},
    {"apiVersion": "v1", "kind": "Namespace",
     "metadata": {"name": "team-old", "creationTimestamp": "@90d", "labels": {"multi-tenant": "tenant-tiller-team-old"}},
     "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}},
    {"apiVersion": "v1", "kind": "ConfigMap",
     "metadata": {"name": "kept", "namespace": "team-old", "creationTimestamp": "@90d", "finalizers": ["example.com/backup"]},
     "data": {"why": "a backup has not been made yet"}},
    {"apiVersion": "v1", "kind": "Namespace",
     "metadata": {"name": "team-old", "creationTimestamp": "@90d", "deletionTimestamp": "@2h",
                  "labels": {"multi-tenant": "tenant-tiller-team-old"}},
     "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Terminating"}},
    {"apiVersion": "v1", "kind": "ResourceQuota",
     "metadata": {"name": "compute", "namespace": "team-red", "creationTimestamp": "@33d",
                  "labels": {"app.kubernetes.io/managed-by": "quartermaster"}},
     "spec": {"hard": {"limits.cpu": "16", "limits.memory": "32Gi", "requests.cpu": "8", "requests.memory": "16Gi",
                       "requests.storage": "200Gi", "pods": "40"}}, "status": {}},
    {"apiVersion": "v1", "kind": "ResourceQuota",
     "metadata": {"name": "objects", "namespace": "team-red", "creationTimestamp": "@20d"},
     "spec": {"hard": {"persistentvolumeclaims": "10", "secrets": "50"}}, "status": {}},
    {"apiVersion": "v1", "kind": "ResourceQuota",
     "metadata": {"name": "compute", "namespace": "team-blue", "creationTimestamp": "@5d",
                  "labels": {"app.kubernetes.io/managed-by": "quartermaster"}},
     "spec": {"hard": {"limits.cpu": "500m", "limits.memory": "1Gi", "pods": "3"}}, "status": {}},
    {"apiVersion": "v1", "kind": "LimitRange",
     "metadata": {"name": "walm-default-limitrange", "namespace": "team-red", "creationTimestamp": "@33d"},
     "spec": {"limits": [{"type": "Container", "default": {"cpu": "100m", "memory": "128Mi"},
                          "defaultRequest": {"cpu": "100m", "memory": "128Mi"}}]}},
    {"apiVersion": "v1", "kind": "LimitRange",
     "metadata": {"name": "walm-default-limitrange", "namespace": "team-blue", "creationTimestamp": "@5d"},
     "spec": {"limits": [{"type": "Container", "default": {"cpu": "100m", "memory": "128Mi"},
                          "defaultRequest": {"cpu": "100m", "memory": "128Mi"}}]}}
  ])");
  server.create(
      R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "hello", "namespace": "team-blue"},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "hello"}},
             "template": {"metadata": {"labels": {"app": "hello"}},
                          "spec": {"containers": [{"name": "hello", "image": "example.com/hello:1.4"}]}}}})");
}

}  // namespace quartermaster::apisim
