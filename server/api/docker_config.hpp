// Credentials for registries, as in secrets of the types kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg.
#pragma once

#include <string>
#include <string_view>

namespace quartermaster::api {

enum class DockerConfigForm {
  config_json,  // {"auths": {registry: entry}}
  cfg,          // {registry: entry}
};

/// What the kubelet could not use (k8s.io/kubernetes/pkg/credentialprovider, config.go), in words that show nothing of
/// the text, nor the names of registries; "" if nothing.
std::string docker_config_problem(std::string_view text, DockerConfigForm form);

}  // namespace quartermaster::api
