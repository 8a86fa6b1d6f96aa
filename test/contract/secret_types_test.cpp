// Secrets of Kubernetes' own types: what they must hold is checked before they are written, in words that name the key.
#include "model/base64.hpp"
#include "test/contract/suite.hpp"
#include "test/support/pki.hpp"

namespace quartermaster::test {

namespace {

struct Typed {
  std::string type;
  json::object text = {};  // stringData
  std::string field = {};  // the offending one; "" if there is none
  std::string says = {};
  json::object annotations = {};
};

std::string base(const Namespace& ns) { return "/api/v1/secret/" + ns.name(); }

std::string body_of(const Typed& secret, const std::string& name) {
  return print(json::object{{"name", name},
                            {"type", "kubernetes.io/" + secret.type},
                            {"stringData", secret.text},
                            {"annotations", secret.annotations}});
}

const KeyPair& pair() {
  static const KeyPair one = CertificateAuthority().issue();
  return one;
}

json::object config(const std::string& text) { return {{".dockerconfigjson", text}}; }

/// Credentials for a registry, as base64 of text that begins with the canary.
std::string auth(const std::string& text) { return R"({"auth": ")" + encode_base64("c4n4ry-value" + text) + "\"}"; }

std::vector<Typed> table() {
  const KeyPair other = CertificateAuthority("other").issue();
  const std::string canary = "c4n4ry-value\n";
  const json::object tls = {{"tls.crt", canary + pair().certificate}, {"tls.key", canary + pair().key}};
  const auto with = [&tls](const std::string& key, const std::string& value) {
    json::object changed = tls;
    changed[key] = value;
    return changed;
  };
  const std::string key = "stringData[.dockerconfigjson]", account = "kubernetes.io/service-account.name";
  return {
      {"dockerconfigjson", config(R"({"auths": {"r.example": )" + auth(":p") + "}}")},
      {"dockerconfigjson", config(R"({"auths": {"r.example": {"username": "c4n4ry-value", "password": "p"}}})")},
      {"dockerconfigjson", {{"other", "c4n4ry-value"}}, "data[.dockerconfigjson]", "must be given"},
      {"dockerconfigjson", config("c4n4ry-value"), key, "is not JSON"},
      {"dockerconfigjson", config("[]"), key, "must be a JSON object"},
      {"dockerconfigjson", config("{}"), key, "auths"},
      {"dockerconfigjson", config(R"({"r.example": )" + auth(":p") + "}"), key, "auths"},
      {"dockerconfigjson", config(R"({"auths": {"r.example": "c4n4ry-value"}})"), key, "entry 1 of auths"},
      {"dockerconfigjson", config(R"({"auths": {"a": {}, "r.example": )" + auth("") + "}}"), key, "entry 2 of auths"},
      {"dockercfg", {{".dockercfg", R"({"r.example": )" + auth(":p") + "}"}}},
      {"dockercfg", {{".dockercfg", R"({"r.example": {"auth": 1}})"}}, "stringData[.dockercfg]", "entry 1"},
      {"tls", tls},
      {"tls", with("tls.crt", pair().certificate + other.certificate)},
      {"tls", {}, "data[tls.crt]", "must be given"},
      {"tls", with("tls.crt", canary), "stringData[tls.crt]", "no certificate"},
      {"tls", with("tls.crt", pair().certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
       "stringData[tls.crt]", "certificate 2"},
      {"tls", with("tls.key", canary), "stringData[tls.key]", "no private key"},
      {"tls", with("tls.key", other.key), "stringData[tls.key]", "does not fit"},
      {"basic-auth", {{"username", "c4n4ry-value"}}},
      {"basic-auth", {{"token", "c4n4ry-value"}}, "data.username", "one of username and password"},
      {"ssh-auth", {{"ssh-privatekey", "c4n4ry-value"}}},
      {"ssh-auth", {{"ssh-privatekey", ""}}, "stringData.ssh-privatekey", "must not be empty"},
      {"service-account-token", {}, "", "", {{account, "default"}}},
      {"service-account-token", {}, "annotations[" + account + "]", "must be given"},
      {"service-account-token", {}, "annotations[" + account + "]", "no service account", {{account, "Not A Name"}}},
  };
}

void check_causes(const HttpAnswer& answer, const Typed& secret) {
  CHECK(outcome(answer) == "422 Invalid");
  const json::value causes = at(answer.json(), "/details/causes");
  bool found = false;
  for (const json::value& cause : causes.as_array()) {
    if (text_at(cause, "/field") != secret.field) continue;
    found = true;
    CHECK_THAT(text_at(cause, "/message"), Catch::Contains(secret.says));
  }
  INFO(print(causes));
  CHECK(found);
}

}  // namespace

TEST_CASE("what secrets of Kubernetes' own types must hold is checked on create") {
  const Namespace ns(cluster());
  int number = 0;
  for (const Typed& secret : table()) {
    const std::string name = "s" + std::to_string(number++), body = body_of(secret, name);
    INFO(body);
    if (secret.field.empty()) {
      CHECK(service().post(base(ns), body).status == 201);
      continue;
    }
    check_stays_local([&] { check_causes(service().post(base(ns), body), secret); });
    CHECK_FALSE(cluster().exists(ns.path("secrets", name)));
  }
}

TEST_CASE("what they must hold is checked on update and patch, too") {
  const Namespace ns(cluster());
  for (const Typed& good : table()) {
    if (!good.field.empty() || cluster().exists(ns.path("secrets", good.type))) continue;
    if (good.type == "service-account-token") continue;  // a controller changes them
    REQUIRE(service().post(base(ns), body_of(good, good.type)).status == 201);
    const std::string before = print(at(cluster().get(ns.path("secrets", good.type)), "/data"));
    for (const Typed& bad : table()) {
      if (bad.type != good.type || bad.field.empty()) continue;
      const std::string body = body_of(bad, good.type);
      INFO(body);
      check_causes(service().put(base(ns), body), bad);
      if (!bad.field.starts_with("stringData")) continue;
      check_causes(service().patch(base(ns) + "/name/" + good.type, print(json::object{{"stringData", bad.text}})),
                   bad);
    }
    CHECK(print(at(cluster().get(ns.path("secrets", good.type)), "/data")) == before);
  }
}

TEST_CASE("a half of a TLS pair cannot be changed alone, and a key beside it can") {
  const Namespace ns(cluster());
  const std::string target = base(ns) + "/name/s";
  const KeyPair next = CertificateAuthority().issue();
  const auto change = [&](const json::object& data) {
    return service().patch(target, print(json::object{{"stringData", data}}));
  };
  REQUIRE(service()
              .post(base(ns), body_of({"tls", {{"tls.crt", pair().certificate}, {"tls.key", pair().key}}}, "s"))
              .status == 201);
  check_causes(change({{"tls.crt", next.certificate}}), {"tls", {}, "data[tls.key]", "does not fit"});
  check_causes(change({{"tls.key", nullptr}}), {"tls", {}, "stringData[tls.key]", "must be given"});
  CHECK(change({{"tls.crt", next.certificate}, {"tls.key", next.key}}).status == 200);
  CHECK(change({{"ca.crt", "c4n4ry-value"}}).status == 200);
}

TEST_CASE("what was wrong with a secret before keeps nobody from changing something else") {
  const Namespace ns(cluster());
  ns.create("secrets", {{"metadata", {{"name", "s"}}},
                        {"type", "kubernetes.io/tls"},
                        {"data", {{"tls.crt", "YzRuNHJ5LXZhbHVl"}, {"tls.key", ""}}}});
  const std::string target = base(ns) + "/name/s";
  CHECK(service().patch(target, R"({"labels": {"a": "b"}, "stringData": {"ca.crt": "c4n4ry-value"}})").status == 200);
  CHECK(service().put(base(ns), R"({"name": "s", "annotations": {"a": "b"}})").status == 200);
  CHECK(outcome(service().patch(target, R"({"data": {"tls.key": "YzRuNHJ5LXZhbHVl"}})")) == "422 Invalid");
}

TEST_CASE("a token's secret keeps saying whose it is") {
  const Namespace ns(cluster());
  ns.create("serviceaccounts", {{"metadata", {{"name", "bot"}}}});
  const std::string account = "kubernetes.io/service-account.name";
  REQUIRE(service().post(base(ns), body_of({"service-account-token", {}, "", "", {{account, "bot"}}}, "s")).status ==
          201);
  const std::string remove = print(json::object{{"annotations", {{account, nullptr}}}});
  for (const auto& answer : {service().patch(base(ns) + "/name/s", remove),
                             service().put(base(ns), R"({"name": "s", )" + remove.substr(1))}) {
    check_causes(answer, {"", {}, "annotations[" + account + "]", "must be given"});
  }
}

}  // namespace quartermaster::test
