// Metadata, conditions, and what all DTOs and bodies share.
#include "model/object_meta.hpp"

#include "model/dto.hpp"
#include "model/manifest.hpp"
#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

TEST_CASE("Metadata is read") {
  const ObjectMeta meta = from_json(R"({"metadata": {
      "name": "web-0", "namespace": "demo", "uid": "u1", "resourceVersion": "42",
      "creationTimestamp": "2019-07-05T04:17:59Z", "deletionTimestamp": "2019-07-05T05:00:00Z",
      "labels": {"b": "2", "a": "1", "bad": 3}, "annotations": {"n": ""}, "finalizers": ["f/1", null, "f/2"],
      "ownerReferences": [{"kind": "Node", "name": "n1", "uid": "u2"},
                          {"kind": "StatefulSet", "name": "web", "uid": "u3", "controller": true}]}})",
                                    object_meta_from);
  CHECK(meta.name == "web-0");
  CHECK(meta.ns == "demo");
  CHECK(meta.uid == "u1");
  CHECK(meta.resource_version == "42");
  CHECK(meta.created == at("2019-07-05T04:17:59Z"));
  CHECK(meta.terminating);
  CHECK(meta.labels == StringMap{{"a", "1"}, {"b", "2"}});
  CHECK(meta.annotations == StringMap{{"n", ""}});
  CHECK(meta.finalizers == std::vector<std::string>{"f/1", "f/2"});
  REQUIRE(meta.owners.size() == 2);
  REQUIRE(controller(meta) == &meta.owners[1]);
  CHECK(controller(meta)->kind == "StatefulSet");
  CHECK(controller(meta)->name == "web");
  CHECK(controller(meta)->uid == "u3");
}

TEST_CASE("Metadata that is missing reads as nothing") {
  const auto text = GENERATE("{}", "[]", "null", "7", R"({"metadata": null})", R"({"metadata": []})",
                             R"({"metadata": {"name": 1, "creationTimestamp": null, "deletionTimestamp": null,
                                 "labels": null, "finalizers": "f", "ownerReferences": {}}})");
  const ObjectMeta meta = from_json(text, object_meta_from);
  CHECK(meta.name.empty());
  CHECK_FALSE(meta.created);
  CHECK_FALSE(meta.terminating);
  CHECK(meta.labels.empty());
  CHECK(meta.finalizers.empty());
  CHECK(controller(meta) == nullptr);
}

TEST_CASE("A deletion far beyond any timestamp is a deletion") {
  CHECK(from_json(R"({"metadata": {"deletionTimestamp": "9999-12-31T23:59:59Z"}})", object_meta_from).terminating);
}

TEST_CASE("Conditions are found by type") {
  const auto conditions = from_json(
      R"([{"type": "A", "status": "True"}, 7, {"type": "B", "status": "False", "reason": "R", "message": "M"}])",
      conditions_from);
  REQUIRE(find_condition(conditions, "B") != nullptr);
  CHECK(find_condition(conditions, "B")->reason == "R");
  CHECK(find_condition(conditions, "B")->message == "M");
  CHECK(find_condition(conditions, "C") == nullptr);
}

TEST_CASE("An object without a phase is Ready, or Terminating for its finalizers") {
  ObjectMeta meta;
  CHECK(ready_state(meta) == State{"Ready", "", ""});
  meta.terminating = true;
  CHECK(ready_state(meta) == State{"Terminating", "", ""});
  meta.finalizers = {"a/b", "c/d"};
  CHECK(ready_state(meta) == State{"Terminating", "", "waiting for finalizers: a/b, c/d"});
}

TEST_CASE("Manifests name their kind and leave empty maps out") {
  const auto manifest = [](const StringMap& labels, const StringMap& annotations) {
    return written([&](json::Writer& w) {
      w.begin_object();
      write_manifest_head(w, Kind::stateful_set, "web", labels, annotations);
      w.end_object();
    });
  };
  CHECK(manifest({}, {}) == R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"web"}})");
  CHECK(manifest({{"a", "1"}}, {{"b", "2"}}) ==
        R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"web","labels":{"a":"1"},)"
        R"("annotations":{"b":"2"}}})");
}

TEST_CASE("Only this service's label marks an object as managed") {
  ObjectMeta meta;
  CHECK_FALSE(is_managed(meta));
  meta.labels = {{"app.kubernetes.io/managed-by", "Helm"}};
  CHECK_FALSE(is_managed(meta));
  meta.labels = managed_labels();
  CHECK(is_managed(meta));
}

}  // namespace
}  // namespace quartermaster::model
