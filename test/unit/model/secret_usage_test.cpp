// Every place in which an object can refer to a secret; and names that only look like one.
#include "model/secret_usage.hpp"

#include <catch2/catch.hpp>

namespace quartermaster::model {
namespace {

using Places = std::vector<std::string>;

Places in_pod(std::string_view spec, std::string_view secret = "s") {
  return secret_places_in_pod(json::parse(R"({"spec": )" + std::string(spec) + "}").value().root(), secret);
}

TEST_CASE("A pod refers to a secret in its volumes", "[secret_usage]") {
  const auto [source, place] = GENERATE(table<std::string, std::string>({
      {R"("secret": {"secretName": "s"})", "secret"},
      {R"("projected": {"sources": [{"configMap": {"name": "s"}}, {"secret": {"name": "s"}}]})", "projected"},
      {R"("azureFile": {"secretName": "s", "shareName": "x"})", "azureFile"},
      {R"("csi": {"driver": "d", "nodePublishSecretRef": {"name": "s"}})", "csi.nodePublishSecretRef"},
      {R"("cephfs": {"secretRef": {"name": "s"}})", "cephfs.secretRef"},
      {R"("cinder": {"secretRef": {"name": "s"}})", "cinder.secretRef"},
      {R"("flexVolume": {"secretRef": {"name": "s"}})", "flexVolume.secretRef"},
      {R"("iscsi": {"secretRef": {"name": "s"}})", "iscsi.secretRef"},
      {R"("rbd": {"secretRef": {"name": "s"}})", "rbd.secretRef"},
      {R"("scaleIO": {"secretRef": {"name": "s"}})", "scaleIO.secretRef"},
      {R"("storageos": {"secretRef": {"name": "s"}})", "storageos.secretRef"},
  }));
  const auto spec = R"({"volumes": [{"name": "other", "emptyDir": {}}, {"name": "v", )" + source + "}]}";
  CAPTURE(spec);
  CHECK(in_pod(spec) == Places{"spec.volumes[v]." + place});
  CHECK(in_pod(spec, "t").empty());
}

TEST_CASE("A pod refers to a secret in the environment of any container", "[secret_usage]") {
  const auto list = GENERATE(as<std::string>(), "containers", "initContainers", "ephemeralContainers");
  const auto spec = R"({")" + list + R"(": [{"name": "a"}, {"name": "b",
      "env": [{"name": "X", "value": "s"}, {"name": "Y", "valueFrom": {"configMapKeyRef": {"name": "s"}}},
              {"name": "Z", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
      "envFrom": [{"configMapRef": {"name": "s"}}, {"secretRef": {"name": "s"}}]}]})";
  const auto place = "spec." + list + "[b].";
  CHECK(in_pod(spec) == Places{place + "env[Z]", place + "envFrom"});
}

TEST_CASE("A pod pulls its images with secrets", "[secret_usage]") {
  CHECK(in_pod(R"({"imagePullSecrets": [{"name": "r"}, {"name": "s"}]})") == Places{std::string(kImagePullSecrets)});
}

TEST_CASE("What is not a secret's name, or is a part of one, is no reference", "[secret_usage]") {
  CHECK(in_pod(R"({"serviceAccountName": "s", "nodeName": "s", "hostname": "s", "volumes": [
      {"name": "s", "configMap": {"name": "s"}}, {"name": "t", "persistentVolumeClaim": {"claimName": "s"}},
      {"name": "u", "secret": {"secretName": "ss"}}, {"name": "w", "secret": {}}, {"name": "x", "secret": "s"}],
      "containers": "s", "imagePullSecrets": ["s", null, {}]})")
            .empty());
  CHECK(in_pod(R"({"volumes": [{"name": "w", "secret": {}}], "imagePullSecrets": [{}]})", "").empty());
}

TEST_CASE("Service accounts and ingresses refer to secrets", "[secret_usage]") {
  const auto account =
      json::parse(R"({"secrets": [{"name": "s"}], "imagePullSecrets": [{"name": "p"}, {"name": "s"}]})");
  CHECK(secret_places_in_service_account(account->root(), "s") == Places{"secrets", "imagePullSecrets"});
  CHECK(secret_places_in_service_account(account->root(), "p") == Places{"imagePullSecrets"});
  CHECK(secret_places_in_service_account(account->root(), "x").empty());
  const auto ingress =
      json::parse(R"({"spec": {"tls": [{"hosts": ["s"]}, {"secretName": "t"}, {"secretName": "s"}]}})");
  CHECK(secret_places_in_ingress(ingress->root(), "s") == Places{"spec.tls[2]"});
  CHECK(secret_places_in_ingress(ingress->root(), "").empty());
}

}  // namespace
}  // namespace quartermaster::model
