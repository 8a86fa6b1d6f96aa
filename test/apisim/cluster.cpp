#include "test/apisim/cluster.hpp"

#include "model/timestamp.hpp"

namespace quartermaster::apisim {

Cluster::Cluster() : random(std::random_device{}()) {
  for (const auto* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
    json::object ns;
    auto& metadata = make_object(ns, {"metadata"});
    metadata["name"] = name;
    metadata["uid"] = new_uid();
    metadata["creationTimestamp"] = time_text();
    make_object(ns, {"spec"})["finalizers"] = json::array{"kubernetes"};
    make_object(ns, {"status"})["phase"] = "Active";
    store.write(namespace_type(), std::move(ns));
  }
}

const json::object* Cluster::find_namespace(std::string_view name) const {
  const auto found = store.find(namespace_type(), {}, name);
  return found ? &found->value() : nullptr;
}

std::string Cluster::new_uid() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string uid = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
  for (auto& c : uid) {
    if (c == 'x') c = kHex[random() % 16];
  }
  return uid;
}

std::string Cluster::name_suffix() {
  static constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix;
  for (int i = 0; i < 5; ++i) suffix.push_back(kLetters[random() % kLetters.size()]);
  return suffix;
}

std::string time_text(std::chrono::system_clock::time_point time) {
  return format_timestamp(std::chrono::floor<std::chrono::seconds>(time));
}

const ResourceType& namespace_type() {
  static const auto& type = *find_kind("Namespace");
  return type;
}
const ResourceType& pod_type() {
  static const auto& type = *find_kind("Pod");
  return type;
}
const ResourceType& claim_type() {
  static const auto& type = *find_kind("PersistentVolumeClaim");
  return type;
}

}  // namespace quartermaster::apisim
