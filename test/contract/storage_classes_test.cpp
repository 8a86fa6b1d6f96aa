// Storage classes.
#include "test/contract/suite.hpp"

namespace quartermaster::test {

namespace {

constexpr const char* kCollection = "/apis/storage.k8s.io/v1/storageclasses";

/// A class of a case's own, deleted at the end.
class OwnClass {
 public:
  explicit OwnClass(const json::object& extra = {}) { cluster().create(kCollection, storage_class(name_, extra)); }
  OwnClass(const OwnClass&) = delete;
  OwnClass& operator=(const OwnClass&) = delete;
  ~OwnClass() { cluster().raw("DELETE", std::string(kCollection) + "/" + name_); }

  json::value read() const {
    const HttpAnswer answer = service().get("/api/v1/storageclass/" + name_);
    REQUIRE(answer.status == 200);
    return answer.json();
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_ = unique_name("class");
};

json::object annotated(const std::string& name, const std::string& value) {
  return {{"metadata", {{"annotations", {{name, value}}}}}};
}

}  // namespace

TEST_CASE("a storage class shows all its fields, in the list as in the detail") {
  const OwnClass own(parse_json(R"({"metadata": {"labels": {"app": "x"}}, "reclaimPolicy": "Retain",
      "allowVolumeExpansion": true, "volumeBindingMode": "WaitForFirstConsumer", "parameters": {"type": "ssd"},
      "mountOptions": ["noatime"]})")
                         .as_object());
  const json::value expected = parse_json(R"({"name": ")" + own.name() + R"(", "namespace": "", "kind": "StorageClass",
      "state": {"status": "Ready", "reason": "", "message": ""}, "provisioner": "example.com/none",
      "reclaimPolicy": "Retain", "allowVolumeExpansion": true, "volumeBindingMode": "WaitForFirstConsumer",
      "isDefault": false, "isEffectiveDefault": false, "parameters": {"type": "ssd"}, "mountOptions": ["noatime"],
      "labels": {"app": "x"}})");
  const json::value body = own.read();
  for (const auto& [key, value] : expected.as_object()) {
    INFO(std::string(key));
    CHECK(at(body, "/" + std::string(key)) == value);
  }
  const json::value list = service().get("/api/v1/storageclass?labelselector=app%3Dx").json();
  bool listed = false;
  for (const json::value& item : at(list, "/items").as_array()) listed |= item == body;
  CHECK(listed);
}

TEST_CASE("what a storage class does not say has its default") {
  const OwnClass own;
  const json::value body = own.read();
  CHECK(text_at(body, "/reclaimPolicy") == "Delete");
  CHECK(text_at(body, "/volumeBindingMode") == "Immediate");
  CHECK(at(body, "/allowVolumeExpansion") == json::value(false));
  CHECK(at(body, "/parameters") == json::value(json::object{}));
  CHECK(at(body, "/mountOptions") == json::value(json::array{}));
  CHECK(at(body, "/labels") == json::value(json::object{}));
}

TEST_CASE("the GA and the beta annotation make a default class") {
  for (const std::string annotation :
       {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"}) {
    INFO(annotation);
    const OwnClass own(annotated(annotation, "true"));
    CHECK(at(own.read(), "/isDefault") == json::value(true));
    CHECK(at(own.read(), "/isEffectiveDefault") == json::value(true));
    const OwnClass no(annotated(annotation, "false"));
    CHECK(at(no.read(), "/isDefault") == json::value(false));
  }
}

TEST_CASE("of several default classes the newest is the effective one") {
  const json::object is_default = annotated("storageclass.kubernetes.io/is-default-class", "true");
  const OwnClass older(is_default);
  // Their creation times have seconds, so the next one has to come in another.
  const std::string before =
      text_at(cluster().get(std::string(kCollection) + "/" + older.name()), "/metadata/creationTimestamp");
  REQUIRE(poll_until([&] {
    const OwnClass probe;
    return text_at(cluster().get(std::string(kCollection) + "/" + probe.name()), "/metadata/creationTimestamp") >
           before;
  }));
  const OwnClass newer(is_default);
  const auto effective = [](const OwnClass& each) { return at(each.read(), "/isEffectiveDefault").as_bool(); };
  CHECK(at(older.read(), "/isDefault") == json::value(true));
  CHECK_FALSE(effective(older));
  CHECK(effective(newer));
  const json::value list = service().get("/api/v1/storageclass").json();
  std::size_t count = 0;
  for (const json::value& item : at(list, "/items").as_array())
    count += at(item, "/isEffectiveDefault").as_bool() ? 1 : 0;
  CHECK(count == 1);
}

}  // namespace quartermaster::test
