// What secrets of Kubernetes' own types hold: credentials for registries, certificates and keys.
#include "server/api/secret_types.hpp"

#include "model/base64.hpp"
#include "server/api/docker_config.hpp"
#include "server/api/tls_pair.hpp"
#include "test/fuzz/fuzz.hpp"

using quartermaster::encode_base64;
using quartermaster::fuzz::check;
namespace api = quartermaster::api;

FUZZ_TARGET(secret_types) {
  using enum api::DockerConfigForm;
  const bool is_cfg = api::docker_config_problem(input, cfg).empty();
  const bool is_config = api::docker_config_problem("{\"auths\":" + std::string(input) + "}", config_json).empty();
  if (quartermaster::json::parse(input) && is_config) check(is_cfg, "auths are what the older form is");

  // Certificate and key in one text, which each may skip, or two texts.
  const auto half = input.find('\0');
  const auto certificate = input.substr(0, half);
  const auto key = half == input.npos ? input : input.substr(half + 1);
  const auto problems = api::check_tls_pair(certificate, key);
  check(api::check_tls_pair(certificate, key) == problems, "nothing is left of the one before");

  const std::string value = encode_base64(input);
  for (const auto* type : {"kubernetes.io/tls", "kubernetes.io/dockercfg", "kubernetes.io/ssh-auth"}) {
    api::Causes causes;
    api::check_typed_data(type, {{"tls.crt", value}, {"tls.key", value}, {".dockercfg", value}}, {}, causes);
    for (const auto& cause : causes)
      check(!cause.message.empty() && !cause.field.empty(), "a cause says what and where");
  }
}
