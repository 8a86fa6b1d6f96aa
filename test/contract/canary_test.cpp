// Behind all other cases: what their secrets have left behind.
#include "test/contract/canary.hpp"

#include <unistd.h>

#include <fstream>

#include "model/base64.hpp"
#include "test/contract/suite.hpp"
#include "test/support/pki.hpp"

namespace quartermaster::test {

namespace {

/// The address sanitizer keeps what is freed.
bool keeps_freed_memory(pid_t process) {
  std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
  const std::string text((std::istreambuf_iterator<char>(maps)), {});
  return text.find("libasan") != text.npos;
}

/// Waits until the log has all that came before.
std::string whole_log() {
  const std::string id = unique_name("end");
  service().get("/api/v1/pod/NOT-GOOD", {{"X-Request-Id", id}});
  REQUIRE(service().process().wait_for_line([&](std::string_view line) { return line.find(id) != line.npos; },
                                            std::chrono::seconds(10)));
  return service().process().output();
}

/// A part of the number that is a private key, of which nothing but its PEM form is sent.
std::string number_in(const std::string& pem) {
  const auto begin = pem.find('\n'), end = pem.find("\n-----END");
  return decode_base64(std::string_view(pem).substr(begin, end - begin)).value().substr(40, 16);
}

/// Uses those that are looked into: by OpenSSL, and by the parser of JSON. What must not be found of the keys.
std::vector<std::string> use_typed_secrets(const std::string& base) {
  const auto send = [&base](const std::string& type, const json::object& data) {
    const json::object body = {{"name", "typed"}, {"type", type}, {"stringData", data}};
    return service().post(base + "?dryRun=true", print(body)).status;
  };
  const CertificateAuthority authority;
  const auto pair = authority.issue(), other = authority.issue();
  const std::string canary = std::string(kCanary) + "\n", begin = "-----BEGIN PRIVATE KEY-----\n";
  const auto send_key = [&](const std::string& key) {
    return send("kubernetes.io/tls", {{"tls.crt", canary + pair.certificate}, {"tls.key", canary + key}});
  };
  CHECK(send_key(pair.key) == 201);
  CHECK(send_key(other.key) == 422);
  CHECK(send_key(begin + std::string(kCanaryBase64) + "\n") == 422);
  const auto send_auth = [&](const std::string& auth) {
    return send("kubernetes.io/dockerconfigjson",
                {{".dockerconfigjson", R"({"auths": {"r": {"auth": ")" + auth + "\"}}}"}});
  };
  CHECK(send_auth(encode_base64(std::string(kCanary) + ":" + std::string(kCanary))) == 201);
  CHECK(send_auth(std::string(kCanary)) == 422);
  return {number_in(pair.key), number_in(other.key)};
}

}  // namespace

TEST_CASE("the canary is found in whatever spelling") {
  CHECK(canary_in("a c4n4ry-value").size() == kCanary.size());
  CHECK_FALSE(canary_in("{\"k\":\"" + std::string(kCanaryBase64) + "dg==\"}").empty());
  CHECK_FALSE(canary_in("eGM0bjRyeS12YWx1ZQ==").empty());  // one byte before it
  CHECK_FALSE(canary_in("eHhjNG40cnktdmFsdWU=").empty());  // two bytes
  CHECK(canary_in("c4n4ry").empty());
}

TEST_CASE("what secrets held is in no log, no metric and no memory", "[.][canary]") {
  // Through this very service, and as each of the suite's secrets.
  const Namespace ns(cluster());
  const std::string base = "/api/v1/secret/" + ns.name();
  const std::string value(kCanaryBase64);
  REQUIRE(service().post(base, R"({"name": "s", "data": {"k": ")" + value + R"("}})").status == 201);
  REQUIRE(service().patch(base + "/name/s", R"({"data": {"l": ")" + value + R"("}})").status == 200);
  const auto keys = use_typed_secrets(base);
  REQUIRE_FALSE(canary_in(service().get(base + "/name/s?decode=true").body).empty());
  REQUIRE_FALSE(canary_in(service().get(base + "?values=true").body).empty());

  CHECK(canary_in(whole_log()).empty());
  CHECK(canary_in(service().get("/metrics").body).empty());
  CHECK(canary_in(service().get("/stats").body).empty());
  const auto process = service().process().pid();
  if (::geteuid() != 0) return leave_out("only root may read the memory of the service");
  if (keeps_freed_memory(process)) return leave_out("the address sanitizer keeps what is freed: no look at the memory");
  const auto found = canaries_in_memory(process, keys);
  for (const auto& place : found) UNSCOPED_INFO(place);
  CHECK(found.empty());
}

}  // namespace quartermaster::test
