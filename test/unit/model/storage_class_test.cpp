// Storage classes: defaults and DTO.
#include "model/storage_class.hpp"

#include "test/unit/model/kind_test.hpp"

namespace quartermaster::model {
namespace {

TEST_CASE("A storage class' DTO") {
  const StorageClass fast = from_json(R"({
      "metadata": {"name": "fast", "labels": {"tier": "ssd"},
                   "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
      "provisioner": "csi.example.com", "reclaimPolicy": "Retain", "volumeBindingMode": "WaitForFirstConsumer",
      "allowVolumeExpansion": true, "parameters": {"type": "ssd", "fs": "xfs"}, "mountOptions": ["noatime", "discard"]})",
                                      storage_class_from);
  CHECK(written([&](json::Writer& w) { write(w, fast, true); }) ==
        R"({"name":"fast","namespace":"","kind":"StorageClass","state":{"status":"Ready","reason":"","message":""},)"
        R"("provisioner":"csi.example.com","reclaimPolicy":"Retain","allowVolumeExpansion":true,)"
        R"("volumeBindingMode":"WaitForFirstConsumer","isDefault":true,"isEffectiveDefault":true,)"
        R"("parameters":{"fs":"xfs","type":"ssd"},"mountOptions":["noatime","discard"],"labels":{"tier":"ssd"}})");
}

TEST_CASE("What a storage class leaves open has Kubernetes' defaults") {
  const auto raw = GENERATE("{}", "7", R"({"reclaimPolicy": null, "mountOptions": {}, "allowVolumeExpansion": "no"})");
  const StorageClass empty = from_json(raw, storage_class_from);
  CHECK(written([&](json::Writer& w) { write(w, empty, false); }) ==
        R"({"name":"","namespace":"","kind":"StorageClass","state":{"status":"Ready","reason":"","message":""},)"
        R"("provisioner":"","reclaimPolicy":"Delete","allowVolumeExpansion":false,"volumeBindingMode":"Immediate",)"
        R"("isDefault":false,"isEffectiveDefault":false,"parameters":{},"mountOptions":[],"labels":{}})");
}

TEST_CASE("A storage class is a default by either annotation") {
  const auto [annotations, expected] = GENERATE(table<std::string, bool>({
      {R"({"storageclass.kubernetes.io/is-default-class": "true"})", true},
      {R"({"storageclass.beta.kubernetes.io/is-default-class": "true"})", true},
      {R"({"storageclass.kubernetes.io/is-default-class": "false",
           "storageclass.beta.kubernetes.io/is-default-class": "true"})",
       true},
      {R"({"storageclass.kubernetes.io/is-default-class": "True"})", false},
      {R"({"storageclass.kubernetes.io/is-default-class": true})", false},
      {R"({})", false},
  }));
  CHECK(from_json(R"({"metadata": {"annotations": )" + annotations + "}}", storage_class_from).is_default == expected);
}

TEST_CASE("The effective default is the newest, then the first by name") {
  const auto storage_class = [](std::string name, const char* created, bool is_default) {
    StorageClass c;
    c.meta.name = std::move(name);
    c.meta.created = parse_timestamp(created);
    c.is_default = is_default;
    return c;
  };
  std::vector<StorageClass> classes{
      storage_class("unknown", "", true),
      storage_class("old", "2019-01-01T00:00:00Z", true),
      storage_class("newest", "2022-01-01T00:00:00Z", false),
      storage_class("b", "2020-01-01T00:00:00Z", true),
      storage_class("a", "2020-01-01T00:00:00Z", true),
  };
  REQUIRE(effective_default(classes) != nullptr);
  CHECK(effective_default(classes)->meta.name == "a");
  for (StorageClass& c : classes) c.is_default = false;
  CHECK(effective_default(classes) == nullptr);
  CHECK(effective_default({}) == nullptr);
}

}  // namespace
}  // namespace quartermaster::model
