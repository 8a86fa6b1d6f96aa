// Who refers to a secret of their namespace, and where: pods, service accounts, ingresses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/json.hpp"

namespace quartermaster::model {

// Places are paths in the raw object, with the names of what is in lists: "spec.containers[web].env[PASSWORD]". None if
// the object does not refer to the secret.

/// Volumes, plain, projected and of each kind that has a secretRef; env and envFrom of all containers, init and
/// ephemeral ones too; imagePullSecrets.
std::vector<std::string> secret_places_in_pod(json::Value pod, std::string_view secret);
/// secrets, imagePullSecrets.
std::vector<std::string> secret_places_in_service_account(json::Value account, std::string_view secret);
/// spec.tls.
std::vector<std::string> secret_places_in_ingress(json::Value ingress, std::string_view secret);

/// Where a pod refers to what its images are pulled with: containers do not see that.
inline constexpr std::string_view kImagePullSecrets = "spec.imagePullSecrets";

}  // namespace quartermaster::model
