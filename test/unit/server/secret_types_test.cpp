// What Kubernetes' own types of secrets must hold: which keys count, and how they are named.
#include "server/api/secret_types.hpp"

#include <catch2/catch.hpp>

#include "model/base64.hpp"

namespace quartermaster::api {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;  // field, reason

Fields fields_of(const Causes& causes) {
  Fields fields;
  for (const auto& cause : causes) fields.emplace_back(cause.field, cause.reason);
  return fields;
}

Fields check(const std::string& type, const StringMap& text, const KeySet& text_keys = {}) {
  StringMap data;
  for (const auto& [key, value] : text) data.emplace(key, encode_base64(value));
  Causes causes;
  check_typed_data(type, data, text_keys, causes);
  return fields_of(causes);
}

const std::string kMissing = "FieldValueRequired", kBad = "FieldValueInvalid";

TEST_CASE("Each type needs keys of its own") {
  CHECK(check("kubernetes.io/dockerconfigjson", {}) == Fields{{"data[.dockerconfigjson]", kMissing}});
  CHECK(check("kubernetes.io/dockercfg", {}) == Fields{{"data[.dockercfg]", kMissing}});
  CHECK(check("kubernetes.io/basic-auth", {}) == Fields{{"data.username", kMissing}, {"data.password", kMissing}});
  CHECK(check("kubernetes.io/basic-auth", {{"password", ""}}).empty());
  CHECK(check("kubernetes.io/ssh-auth", {}) == Fields{{"data.ssh-privatekey", kMissing}});
  CHECK(check("kubernetes.io/ssh-auth", {{"ssh-privatekey", ""}}) == Fields{{"data.ssh-privatekey", kMissing}});
  CHECK(check("kubernetes.io/tls", {}) == Fields{{"data[tls.crt]", kMissing}, {"data[tls.key]", kMissing}});
  CHECK(check("kubernetes.io/tls", {{"tls.crt", ""}}) == Fields{{"data[tls.key]", kMissing}});
}

TEST_CASE("Types without a rule may hold anything") {
  for (const auto* type : {"Opaque", "example.com/own", "kubernetes.io/service-account-token",
                           "bootstrap.kubernetes.io/token", "kubernetes.io/TLS", ""}) {
    CHECK(check(type, {}).empty());
    CHECK_FALSE(touches_type(type, {{"tls.crt", "x"}, {"username", std::nullopt}}));
  }
}

TEST_CASE("A bad value is named by the field that it came in") {
  const StringMap text = {{"tls.crt", "x"}, {"tls.key", "y"}};
  CHECK(check("kubernetes.io/tls", text, {"tls.key"}) ==
        Fields{{"data[tls.crt]", kBad}, {"stringData[tls.key]", kBad}});
}

TEST_CASE("A change of a key that the type does not know touches nothing") {
  CHECK(touches_type("kubernetes.io/tls", {{"tls.key", std::nullopt}}));
  CHECK(touches_type("kubernetes.io/dockercfg", {{".dockercfg", "x"}}));
  CHECK_FALSE(touches_type("kubernetes.io/dockercfg", {{"", "x"}, {".dockerconfigjson", "x"}}));
  CHECK_FALSE(touches_type("kubernetes.io/tls", {{"ca.crt", "x"}}));
  CHECK_FALSE(touches_type("kubernetes.io/tls", {}));
}

TEST_CASE("A service account's token says whose it is") {
  const auto check = [](const std::string& type, const StringMap& annotations) {
    Causes causes;
    check_typed_annotations(type, annotations, causes);
    return fields_of(causes);
  };
  const std::string type = "kubernetes.io/service-account-token", key = "kubernetes.io/service-account.name";
  const std::string field = "annotations[" + key + "]";
  CHECK(check(type, {}) == Fields{{field, kMissing}});
  CHECK(check(type, {{key, ""}}) == Fields{{field, kMissing}});
  CHECK(check(type, {{key, "a b"}}) == Fields{{field, kBad}});
  CHECK(check(type, {{key, "default"}}).empty());
  CHECK(check("Opaque", {}).empty());
}

}  // namespace
}  // namespace quartermaster::api
