// The list of kinds and its REST paths.
#include "model/kinds.hpp"

#include <catch2/catch.hpp>

namespace quartermaster::model {
namespace {

TEST_CASE("Kinds know their REST paths") {
  const auto [path, expected] = GENERATE(table<std::string, std::string>({
      {collection_path(Kind::pod), "/api/v1/pods"},
      {collection_path(Kind::pod, "demo"), "/api/v1/namespaces/demo/pods"},
      {collection_path(Kind::namespace_), "/api/v1/namespaces"},
      {collection_path(Kind::namespace_, "demo"), "/api/v1/namespaces"},
      {collection_path(Kind::storage_class), "/apis/storage.k8s.io/v1/storageclasses"},
      {collection_path(Kind::stateful_set, "demo"), "/apis/apps/v1/namespaces/demo/statefulsets"},
      {object_path(Kind::pvc, "demo", "data-0"), "/api/v1/namespaces/demo/persistentvolumeclaims/data-0"},
      {object_path(Kind::namespace_, "", "demo"), "/api/v1/namespaces/demo"},
      {object_path(Kind::storage_class, "", "fast"), "/apis/storage.k8s.io/v1/storageclasses/fast"},
  }));
  CHECK(path == expected);
}

TEST_CASE("A kind's information is its own") {
  for (const KindInfo& kind : kKinds) CHECK(&info(kind.kind) == &kind);
  CHECK(info(Kind::limit_range).name == "LimitRange");
  CHECK(api_version(Kind::secret) == "v1");
  CHECK(api_version(Kind::storage_class) == "storage.k8s.io/v1");
}

}  // namespace
}  // namespace quartermaster::model
