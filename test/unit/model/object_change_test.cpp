// Changes of objects, field by field.
#include "model/object_change.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

std::string text_of(const ObjectChange& change) {
  return written([&](json::Writer& writer) { write_changes(writer, std::vector{change}); });
}

TEST_CASE("A change tells each field with its old and its new value") {
  const auto before =
      from_json(R"({"spec": {"hard": {"pods": "5", "limits.cpu": "1", "count/secrets": "9"}}})", resource_quota_from);
  const auto after =
      from_json(R"({"spec": {"hard": {"pods": "6", "limits.cpu": "1", "requests.cpu": "500m"}}})", resource_quota_from);
  CHECK(text_of(update(Kind::resource_quota, "q", fields_of(before), fields_of(after))) ==
        R"([{"kind":"ResourceQuota","name":"q","action":"update","fields":[)"
        R"({"field":"spec.hard[count/secrets]","old":"9","new":""},)"
        R"({"field":"spec.hard[pods]","old":"5","new":"6"},)"
        R"({"field":"spec.hard[requests.cpu]","old":"","new":"500m"}]}])");
  CHECK(text_of(update(Kind::resource_quota, "q", fields_of(before), fields_of(before))) ==
        R"([{"kind":"ResourceQuota","name":"q","action":"none","fields":[]}])");
}

TEST_CASE("What is made or deleted changes in all its fields, also those that are empty") {
  const auto ns =
      from_json(R"({"metadata": {"labels": {"a": "b", "c": ""}, "annotations": {"d e": "f"}}})", namespace_from);
  CHECK(text_of(creation(Kind::namespace_, "n", fields_of(ns))) ==
        R"([{"kind":"Namespace","name":"n","action":"create","fields":[)"
        R"({"field":"metadata.annotations[d e]","old":"","new":"f"},)"
        R"({"field":"metadata.labels[a]","old":"","new":"b"},{"field":"metadata.labels[c]","old":"","new":""}]}])");
  CHECK(text_of(removal(Kind::namespace_, "n", fields_of(ns))) ==
        R"([{"kind":"Namespace","name":"n","action":"delete","fields":[)"
        R"({"field":"metadata.annotations[d e]","old":"f","new":""},)"
        R"({"field":"metadata.labels[a]","old":"b","new":""},{"field":"metadata.labels[c]","old":"","new":""}]}])");
}

TEST_CASE("Limits, policies and bindings have fields, too") {
  CHECK(fields_of(Kind::limit_range, parsed(R"({"spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}},
      {"type": "Container", "default": {"cpu": "0.1"}, "defaultRequest": {"cpu": "1m"}, "min": {"cpu": "1m"},
       "maxLimitRequestRatio": {"cpu": "2"}}, {"type": "Pod", "max": {"cpu": "2"}}]}})")
                                         .root()) ==
        StringMap{{"spec.limits[Container].default[cpu]", "100m"},
                  {"spec.limits[Container].defaultRequest[cpu]", "1m"},
                  {"spec.limits[Container].maxLimitRequestRatio[cpu]", "2"},
                  {"spec.limits[Container].min[cpu]", "1m"},
                  {"spec.limits[Pod].max[cpu]", "1"},
                  {"spec.limits[Pod][2].max[cpu]", "2"}});
  CHECK(
      fields_of(Kind::network_policy, parsed(R"({"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}})").root()) ==
      StringMap{{"spec.podSelector", "{}"}, {"spec.policyTypes", R"(["Ingress"])"}});
  CHECK(fields_of(Kind::role_binding, parsed(R"({"roleRef": {"kind": "ClusterRole", "name": "edit"}, "subjects": [
      {"kind": "User", "name": "jane"}, {"kind": "ServiceAccount", "namespace": "ci", "name": "deployer"}]})")
                                          .root()) ==
        StringMap{{"roleRef", "ClusterRole edit"},
                  {"subjects[ServiceAccount ci:deployer]", "ServiceAccount ci:deployer"},
                  {"subjects[User jane]", "User jane"}});
  CHECK(fields_of(Kind::pod, parsed("{}").root()).empty());
}

}  // namespace
}  // namespace quartermaster::model
