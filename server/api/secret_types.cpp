// The types: k8s.io/api/core/v1, SecretType; what the API server wants of them: k8s.io/kubernetes/pkg/apis/core/
// validation, ValidateSecret.
#include "server/api/secret_types.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "model/base64.hpp"
#include "model/names.hpp"
#include "server/api/docker_config.hpp"
#include "server/api/tls_pair.hpp"

namespace quartermaster::api {
namespace {

constexpr std::string_view kServiceAccountToken = "kubernetes.io/service-account-token";
constexpr std::string_view kServiceAccountName = "kubernetes.io/service-account.name";
constexpr std::string_view kMissing = "FieldValueRequired", kBad = "FieldValueInvalid";

/// The data of one secret, by key, and what is wrong with it.
class Data {
 public:
  Data(const StringMap& data, const KeySet& text_keys, Causes& causes)
      : data_(data), text_keys_(text_keys), causes_(causes) {}

  bool has(std::string_view key) const { return data_.contains(key); }
  /// The bytes of the key; if it is not there, that is wrong.
  std::optional<std::string> need(std::string_view key, std::string_view what) {
    const auto found = data_.find(key);
    if (found == data_.end()) wrong(key, kMissing, "must be given: " + std::string(what));
    return found == data_.end() ? std::nullopt : decode_base64(found->second);
  }
  void wrong(std::string_view key, std::string_view reason, std::string what) {
    if (what.empty()) return;
    causes_.push_back(
        {place(text_keys_.contains(key) ? "stringData" : "data", key), std::string(reason), std::move(what)});
  }

 private:
  const StringMap& data_;
  const KeySet& text_keys_;
  Causes& causes_;
};

void check_config_json(Data& data) {
  const auto text = data.need(".dockerconfigjson", "the registries' credentials");
  if (text) data.wrong(".dockerconfigjson", kBad, docker_config_problem(*text, DockerConfigForm::config_json));
}

void check_cfg(Data& data) {
  const auto text = data.need(".dockercfg", "the registries' credentials");
  if (text) data.wrong(".dockercfg", kBad, docker_config_problem(*text, DockerConfigForm::cfg));
}

void check_basic_auth(Data& data) {
  if (data.has("username") || data.has("password")) return;
  for (const auto* key : {"username", "password"})
    data.wrong(key, kMissing, "one of username and password must be given");
}

void check_ssh_auth(Data& data) {
  const auto key = data.need("ssh-privatekey", "the private key");
  if (key && key->empty()) data.wrong("ssh-privatekey", kMissing, "must not be empty");
}

void check_tls(Data& data) {
  const auto certificate = data.need("tls.crt", "the certificate in PEM form, with its chain");
  const auto key = data.need("tls.key", "the private key in PEM form");
  if (!certificate || !key) return;
  auto problems = check_tls_pair(*certificate, *key);
  data.wrong("tls.crt", kBad, std::move(problems.certificate));
  data.wrong("tls.key", kBad, std::move(problems.key));
}

struct TypeCheck {
  std::string_view type;
  void (*check)(Data& data);
  std::array<std::string_view, 2> keys;  // that it looks at
};

constexpr std::array<TypeCheck, 5> kChecks{{
    {"kubernetes.io/dockerconfigjson", check_config_json, {".dockerconfigjson"}},
    {"kubernetes.io/dockercfg", check_cfg, {".dockercfg"}},
    {"kubernetes.io/basic-auth", check_basic_auth, {"username", "password"}},
    {"kubernetes.io/ssh-auth", check_ssh_auth, {"ssh-privatekey"}},
    {"kubernetes.io/tls", check_tls, {"tls.crt", "tls.key"}},
}};

const TypeCheck* find_check(std::string_view type) {
  const auto* const found = std::ranges::find(kChecks, type, &TypeCheck::type);
  return found == kChecks.end() ? nullptr : found;
}

}  // namespace

void check_typed_data(std::string_view type, const StringMap& data, const KeySet& text_keys, Causes& causes) {
  const auto* const found = find_check(type);
  if (found == nullptr) return;
  Data all(data, text_keys, causes);
  found->check(all);
}

bool touches_type(std::string_view type, const model::MapPatch& changes) {
  const auto* const found = find_check(type);
  return found != nullptr && std::ranges::any_of(found->keys, [&changes](std::string_view key) {
           return !key.empty() && changes.contains(key);
         });
}

void check_typed_annotations(std::string_view type, const StringMap& annotations, Causes& causes) {
  if (type != kServiceAccountToken) return;
  const auto field = place("annotations", kServiceAccountName);
  const auto found = annotations.find(kServiceAccountName);
  if (found == annotations.end() || found->second.empty()) {
    causes.push_back({field, std::string(kMissing), "must be given: the name of the service account that it is for"});
  } else if (auto what = check_dns1123_subdomain(found->second); !what.empty()) {
    causes.push_back({field, std::string(kBad), "no service account has such a name: it " + what});
  }
}

}  // namespace quartermaster::api
