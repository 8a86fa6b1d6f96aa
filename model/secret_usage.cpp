// Where the API has references to secrets: k8s.io/api/core/v1, PodSpec, VolumeSource, ServiceAccount;
// k8s.io/api/networking/v1, IngressTLS.
#include "model/secret_usage.hpp"

#include <algorithm>
#include <array>

namespace quartermaster::model {
namespace {

/// Adds the places of one object that refer to one secret.
class Places {
 public:
  explicit Places(std::string_view secret) : secret_(secret) {}

  void add(json::Value name, std::string place) {
    if (!secret_.empty() && name.string() == secret_) places_.push_back(std::move(place));
  }
  bool has(json::Value references) const {
    const auto items = references.items();
    return std::any_of(items.begin(), items.end(),
                       [this](json::Value item) { return item["name"].string() == secret_; });
  }
  void add_list(json::Value references, std::string_view place) {
    if (!secret_.empty() && has(references)) places_.emplace_back(place);
  }
  std::vector<std::string> take() { return std::move(places_); }

 private:
  std::string_view secret_;
  std::vector<std::string> places_;
};

std::string item(std::string_view list, json::Value object) {
  return std::string(list).append("[").append(object["name"].string()).append("]");
}

void add_volume(Places& places, json::Value volume) {
  // All that have it, whatever the driver does with it.
  constexpr std::array<std::string_view, 7> kWithSecretRef{"cephfs", "cinder",  "flexVolume", "iscsi",
                                                           "rbd",    "scaleIO", "storageos"};
  const auto place = item("spec.volumes", volume) + ".";
  places.add(volume["secret"]["secretName"], place + "secret");
  for (const auto source : volume["projected"]["sources"].items()) {
    places.add(source["secret"]["name"], place + "projected");
  }
  places.add(volume["azureFile"]["secretName"], place + "azureFile");
  places.add(volume["csi"]["nodePublishSecretRef"]["name"], place + "csi.nodePublishSecretRef");
  for (const auto kind : kWithSecretRef) {
    places.add(volume[kind]["secretRef"]["name"], place + std::string(kind) + ".secretRef");
  }
}

void add_container(Places& places, std::string_view list, json::Value container) {
  const auto place = item("spec." + std::string(list), container) + ".";
  for (const auto variable : container["env"].items()) {
    places.add(variable["valueFrom"]["secretKeyRef"]["name"], place + item("env", variable));
  }
  for (const auto source : container["envFrom"].items()) places.add(source["secretRef"]["name"], place + "envFrom");
}

}  // namespace

std::vector<std::string> secret_places_in_pod(json::Value pod, std::string_view secret) {
  Places places(secret);
  const auto spec = pod["spec"];
  for (const auto volume : spec["volumes"].items()) add_volume(places, volume);
  for (const auto* list : {"initContainers", "containers", "ephemeralContainers"}) {
    for (const auto container : spec[list].items()) add_container(places, list, container);
  }
  places.add_list(spec["imagePullSecrets"], kImagePullSecrets);
  return places.take();
}

std::vector<std::string> secret_places_in_service_account(json::Value account, std::string_view secret) {
  Places places(secret);
  places.add_list(account["secrets"], "secrets");
  places.add_list(account["imagePullSecrets"], "imagePullSecrets");
  return places.take();
}

std::vector<std::string> secret_places_in_ingress(json::Value ingress, std::string_view secret) {
  Places places(secret);
  std::size_t index = 0;
  for (const auto tls : ingress["spec"]["tls"].items()) {
    places.add(tls["secretName"], "spec.tls[" + std::to_string(index++) + "]");
  }
  return places.take();
}

}  // namespace quartermaster::model
