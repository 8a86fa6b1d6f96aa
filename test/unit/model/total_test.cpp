// No API object, however odd, stops a kind's translation: each value in a full object of each kind is replaced by
// values of other types or left out, and the answer must still be JSON.
#include <functional>

#include "model/claim_usage.hpp"
#include "model/deletion_plan.hpp"
#include "model/event.hpp"
#include "model/fit.hpp"
#include "model/limit_range.hpp"
#include "model/object_change.hpp"
#include "model/pvc.hpp"
#include "model/secret.hpp"
#include "model/storage_class.hpp"
#include "model/tenant.hpp"
#include "model/volume_stats.hpp"
#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

/// Copies a value with its n-th node (depth first, from 0) replaced by a text, or left out if the text is empty.
class Mutation {
 public:
  Mutation(std::size_t target, std::string_view replacement) : target_(target), replacement_(replacement) {}

  std::string apply(json::Value value) {
    std::string out;
    json::Writer writer(out);
    copy(writer, value, [] {});
    return out;
  }
  /// Whether the value had that many nodes.
  bool found() const { return next_ > target_; }

 private:
  void copy(json::Writer& writer, json::Value value, const std::function<void()>& write_key) {
    if (next_++ == target_) {
      if (replacement_.empty()) return;
      write_key();
      writer.raw(replacement_);
      return;
    }
    write_key();
    if (value.is_object()) {
      writer.begin_object();
      for (const json::Member member : value.members()) {
        copy(writer, member.value, [&] { writer.key(member.key); });
      }
      writer.end_object();
    } else if (value.is_array()) {
      writer.begin_array();
      for (const json::Value item : value.items()) copy(writer, item, [] {});
      writer.end_array();
    } else {
      writer.value(value);
    }
  }

  std::size_t target_;
  std::string_view replacement_;
  std::size_t next_ = 0;
};

constexpr std::string_view kMetadata =
    R"("metadata": {"name": "n", "namespace": "ns", "uid": "u", "resourceVersion": "1",
    "creationTimestamp": "2019-07-05T04:17:59Z", "deletionTimestamp": "2019-07-05T04:17:59Z", "finalizers": ["f"],
    "labels": {"multi-tenant": "x"}, "annotations": {"kubectl.kubernetes.io/default-container": "c",
    "kubernetes.io/config.mirror": "h", "volume.beta.kubernetes.io/storage-class": "s"},
    "ownerReferences": [{"kind": "K", "name": "o", "uid": "v", "controller": true}]})";

struct KindCase {
  std::string name;
  std::string members;  // beside the metadata
  std::function<void(json::Writer&, json::Value)> translate;
};

void translate_pod(json::Writer& writer, json::Value raw) {
  const Pod pod = pod_from(raw);
  ClaimUsage usage;
  usage.add(pod);
  writer.begin_array();
  write(writer, pod, at("2020-01-01T00:00:00Z"));
  writer.string(default_container(pod)).string(mirror_hash(pod));
  for (const std::string& name : container_names(pod)) writer.boolean(find_container(pod, name) != nullptr);
  writer.string(names_of(usage.users("d")));
  writer.end_array();
}

void translate_event(json::Writer& writer, json::Value raw) {
  std::vector<Event> events{event_from(raw), Event{}};
  sort_by_time(events);
  writer.begin_array();
  for (const Event& event : events) write(writer, event);
  writer.end_array();
}

void translate_secret(json::Writer& writer, json::Value raw) {
  const Secret secret = secret_from(raw);
  writer.begin_array();
  write(writer, secret, SecretValues::decoded);
  write_item(writer, secret, true);
  write_patch(writer, secret, {.data = StringMap{}});
  writer.end_array();
}

void translate_stateful_set(json::Writer& writer, json::Value raw) {
  ClaimUsage usage;
  usage.add(stateful_set_from(raw));
  writer.begin_array();
  writer.string(names_of(usage.users("t-n-0")));
  writer.end_array();
}

void translate_persistent_volume(json::Writer& writer, json::Value raw) {
  Pvc claim;
  claim.volume_name = "v";
  const VolumeLookup found{VolumeLookup::Outcome::found, persistent_volume_from(raw)};
  const std::vector<PlannedDelete> plan = {plan_delete(claim, {}, found, false)};
  write_plan(writer, "token", plan);
}

void translate_summary(json::Writer& writer, json::Value raw) {
  writer.begin_object();
  if (const auto stats = volume_stats_from(raw, "s", "c", {})) write_members(writer, *stats);
  writer.end_object();
}

void translate_content(json::Writer& writer, Kind kind, json::Value raw) {
  const std::vector<ObjectChange> changes{removal(kind, "n", fields_of(kind, raw))};
  write_changes(writer, changes);
}

Demand sample_demand() {
  Demand demand;
  demand.containers.push_back({.requests = {{"memory", *Quantity::parse("1Mi")}}, .limits = {}});
  demand.claims.push_back({.size = *Quantity::parse("1Gi"), .storage_class = "fast"});
  return demand;
}

void write_fit(json::Writer& writer, const Fit& fit) {
  writer.begin_object();
  write_members(writer, fit);
  writer.end_object();
}

std::vector<KindCase> kind_cases() {
  return {
      {"pod", R"("spec": {"nodeName": "n",
          "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "d"}}, {"name": "e", "ephemeral": {}}],
          "containers": [{"name": "c", "image": "i"}], "initContainers": [{"name": "s", "image": "i"}]},
          "status": {"phase": "Failed", "reason": "", "hostIP": "1", "podIP": "2",
          "conditions": [{"type": "Ready", "status": "False", "reason": "r", "message": "m"}],
          "containerStatuses": [{"name": "c", "ready": true, "restartCount": 1,
                                 "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}]})",
       translate_pod},
      {"event", R"("involvedObject": {"kind": "Pod", "uid": "u"}, "type": "Normal", "count": 1,
          "source": {"component": "c", "host": "h"}, "firstTimestamp": "2019-07-05T04:17:59Z",
          "lastTimestamp": "2019-07-05T04:17:59Z", "series": {"count": 2, "lastObservedTime": "2019-07-05T04:17:59Z"})",
       translate_event},
      {"pvc", R"("spec": {"accessModes": ["ReadWriteOnce"], "volumeName": "v", "storageClassName": "s",
          "resources": {"requests": {"storage": "1Gi"}}, "volumeMode": "Block"},
          "status": {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"},
                     "conditions": [{"type": "T", "status": "True"}]})",
       [](json::Writer& writer, json::Value raw) { write(writer, pvc_from(raw)); }},
      {"secret", R"("type": "Opaque", "immutable": true, "data": {"a": "eA==", "b": "/w=="})", translate_secret},
      {"storage class", R"("provisioner": "p", "reclaimPolicy": "Retain", "allowVolumeExpansion": true,
          "volumeBindingMode": "Immediate", "parameters": {"a": "b"}, "mountOptions": ["o"])",
       [](json::Writer& writer, json::Value raw) { write(writer, storage_class_from(raw), false); }},
      {"namespace", R"("spec": {"finalizers": ["f"]}, "status": {"phase": "Terminating",
          "conditions": [{"type": "T", "status": "True", "reason": "r", "message": "m"},
            {"type": "NamespaceContentRemaining", "status": "True", "message": "x: pods. has 1 resource instances"}]})",
       [](json::Writer& writer, json::Value raw) { write_tenant(writer, namespace_from(raw), {}); }},
      {"resource quota", R"("spec": {"hard": {"pods": "1", "limits.cpu": "1m"}, "scopes": ["NotTerminating"],
          "scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "NotIn", "values": ["a"]}]}},
          "status": {"used": {"pods": "0"}, "hard": {"pods": "1"}})",
       [](json::Writer& writer, json::Value raw) {
         const std::vector<ResourceQuota> quotas{resource_quota_from(raw), {}};
         writer.begin_array();
         write_tenant(writer, {}, quotas);
         write_fit(writer, fit_of(sample_demand(), {}, quotas));
         const std::vector<ObjectChange> changes{removal(Kind::resource_quota, "q", fields_of(quotas.front()))};
         write_changes(writer, changes);
         writer.end_array();
       }},
      {"limit range", R"("spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}, "min": {"cpu": "1m"},
          "max": {"cpu": "1"}, "maxLimitRequestRatio": {"cpu": "1"}, "defaultRequest": {"cpu": "1"}}]})",
       [](json::Writer& writer, json::Value raw) {
         write_fit(writer, fit_of(sample_demand(), {limit_range_from(raw)}, {}));
       }},
      {"network policy", R"("spec": {"podSelector": {}, "ingress": [{"from": [{}]}]})",
       [](json::Writer& writer, json::Value raw) { translate_content(writer, Kind::network_policy, raw); }},
      {"role binding", R"("roleRef": {"kind": "ClusterRole", "name": "r"},
          "subjects": [{"kind": "User", "name": "u"}, {"kind": "ServiceAccount", "namespace": "s", "name": "a"}])",
       [](json::Writer& writer, json::Value raw) { translate_content(writer, Kind::role_binding, raw); }},
      {"stateful set", R"("spec": {"replicas": 1, "volumeClaimTemplates": [{"metadata": {"name": "t"}}]})",
       translate_stateful_set},
      {"persistent volume", R"("spec": {"persistentVolumeReclaimPolicy": "Delete",
          "claimRef": {"namespace": "s", "name": "c", "uid": "u"}})",
       translate_persistent_volume},
      {"stats summary", R"("pods": [{"podRef": {"name": "p", "namespace": "s", "uid": "u"}, "volume": [{"name": "v",
          "time": "2019-07-05T04:17:59Z", "usedBytes": 1, "capacityBytes": 2, "inodes": 3,
          "pvcRef": {"name": "c", "namespace": "s"}}]}])",
       translate_summary},
  };
}

TEST_CASE("Any value of an API object may be anything") {
  const auto kind = GENERATE(from_range(kind_cases()));
  const json::Document sample = parsed("{" + std::string(kMetadata) + ", " + kind.members + "}");
  for (const std::string_view replacement : {"", "null", "true", "-7", "1e300", "18446744073709551616", "\"\"",
                                             "\"\\u0000x\"", "[]", "[null,[],{}]", "{}", "{\"\":null,\"name\":[]}"}) {
    for (std::size_t node = 0;; ++node) {
      Mutation mutation(node, replacement);
      const std::string text = mutation.apply(sample.root());
      if (!mutation.found()) break;
      INFO(kind.name << ": " << text);
      const auto document = text.empty() ? json::parse("null") : json::parse(text);
      REQUIRE(document.has_value());
      std::string out;
      json::Writer writer(out);
      REQUIRE_NOTHROW(kind.translate(writer, document->root()));
      REQUIRE(json::parse(out).has_value());
    }
  }
}

}  // namespace
}  // namespace quartermaster::model
