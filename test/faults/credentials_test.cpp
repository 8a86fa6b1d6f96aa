// Tokens and certificates that change, are missing or wrong, while the service runs.
#include "test/faults/setting.hpp"

namespace quartermaster::test {

TEST_CASE("a token file that is rotated is read again when the old token is refused") {
  Setting setting;
  CHECK(setting.read() == "200");
  std::string old(apisim::kAdminToken);
  for (const std::string token : {"second-token", "third-token"}) {
    setting.server().set_token(token, {"service", {"system:masters"}});
    setting.server().remove_token(old);
    setting.files().write("token", token + "\n");
    // At once, unless it was read again a moment ago.
    CHECK(poll_until([&] { return setting.read() == "200"; }));
    old = token;
  }
}

TEST_CASE("a token file that is not there yet is no reason to give up") {
  Setting setting;
  std::filesystem::remove(setting.files().path("token"));
  CHECK(setting.service().get("/livez").status == 200);
  CHECK(setting.read() == "502 BadGateway");
  setting.files().write("token", apisim::kAdminToken);
  CHECK(poll_until([&] { return setting.read() == "200"; }));
}

TEST_CASE("a token that the API server does not know is 502 until it does") {
  Setting setting;
  setting.files().write("token", "unknown-token");
  CHECK(setting.read() == "502 BadGateway");
  setting.server().set_token("unknown-token", {"service", {"system:masters"}});
  CHECK(setting.read() == "200");
  CHECK_THAT(setting.service().process().output(), !Catch::Contains("unknown-token"));
}

TEST_CASE("a new authority of the API server is taken from the CA file") {
  Setting setting(apisim::Options{.tls = true});
  CHECK(setting.read() == "200");
  const CertificateAuthority authority("the-next-ca");
  setting.restart({.tls = true, .certificate = authority.issue()});
  CHECK(setting.read() == "502 BadGateway");
  setting.files().write("ca.crt", authority.pem());
  CHECK(poll_until([&] { return setting.read() == "200"; }));
}

TEST_CASE("a certificate that does not fit is 502") {
  const CertificateAuthority authority("test-ca");
  CertificateRequest request;
  std::string ca = authority.pem();
  SECTION("of another name") { request.names = {"other.example", "10.0.0.1"}; }
  SECTION("that has expired") {
    request.not_before = std::chrono::hours(-48);
    request.not_after = std::chrono::hours(-24);
  }
  SECTION("that is not valid yet") { request.not_before = std::chrono::hours(12); }
  SECTION("of another authority") { ca = CertificateAuthority("unknown-ca").pem(); }
  Setting setting(apisim::Options{.tls = true, .certificate = authority.issue(request)});
  setting.files().write("ca.crt", ca);
  Service service(setting.kubeconfig(), {"--no-cache"});
  const HttpAnswer answer = service.get("/api/v1/pvc/demo");
  INFO(answer.body);
  CHECK(outcome(answer) == "502 BadGateway");
  CHECK(setting.server().requests().empty());
}

}  // namespace quartermaster::test
