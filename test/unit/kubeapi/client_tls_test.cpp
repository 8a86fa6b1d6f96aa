// Whom the client believes, and how it follows certificates that change.
#include <catch2/catch.hpp>

#include "test/support/temp_dir.hpp"
#include "test/unit/kubeapi/client_fixture.hpp"

namespace quartermaster::test {
namespace {

const std::string kOk = http_answer(200, "{}");

struct TlsFixture : ClientFixture {
  CertificateAuthority ca;
  TempDir dir;

  static CertificateRequest named(std::vector<std::string> names) { return {.names = std::move(names)}; }

  kubeapi::ClusterConfig trusting(const std::string& pem) {
    auto config = server().config();
    config.ca.inline_pem = pem;
    return config;
  }
  std::string url() { return "https://127.0.0.1:" + std::to_string(server().port()); }
};

TEST_CASE_METHOD(TlsFixture, "a certificate of the CA for the address is accepted", "[tls]") {
  server({{.certificate = ca.issue(named({"127.0.0.1"}))}}).answer_all();
  connect(trusting(ca.pem()));
  REQUIRE(ask(get("/1")));
  REQUIRE(ask(get("/2")));
  CHECK(server().accepted() == 1);
}

TEST_CASE_METHOD(TlsFixture, "the name in the certificate may be another one that is configured", "[tls]") {
  server({{.certificate = ca.issue(named({"kubernetes.default.svc"}))}}).answer_all();
  auto config = trusting(ca.pem());
  config.tls_server_name = "kubernetes.default.svc";
  connect(config);
  REQUIRE(ask(get("/")));
  CHECK(header(server().requests()[0], "Host") == "127.0.0.1:" + std::to_string(server().port()));
}

TEST_CASE_METHOD(TlsFixture, "a certificate that does not verify is bad_gateway, and says why", "[tls]") {
  const CertificateAuthority other("other-ca");
  struct Case {
    KeyPair certificate;
    std::string why;
  };
  const auto hours = [](int n) { return std::chrono::hours(n); };
  const std::vector<Case> cases{
      {ca.issue(named({"127.0.0.2"})), "it is for another host"},
      {ca.issue(named({"localhost"})), "it is for another host"},
      {other.issue(named({"127.0.0.1"})), "unable to get local issuer certificate"},
      {ca.issue({.not_before = hours(-2), .not_after = hours(-1)}), "certificate has expired"},
      {ca.issue({.not_before = hours(1), .not_after = hours(2)}), "certificate is not yet valid"},
  };
  for (const auto& [certificate, why] : cases) {
    CAPTURE(why);
    server_.reset();
    server({{.certificate = certificate}}).answer_all();
    connect(trusting(ca.pem()));
    const auto response = ask(get("/"));
    REQUIRE_FALSE(response);
    CHECK(response.error().code == ErrorCode::bad_gateway);
    CHECK(response.error().message ==
          "TLS with the API server " + url() + " fails: its certificate is not accepted: " + why);
    CHECK(server().requests().empty());
  }
}

TEST_CASE_METHOD(TlsFixture, "the system's CAs do not vouch for ours", "[tls]") {
  server({{.certificate = ca.issue()}}).answer_all();
  connect(trusting(""));
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
}

TEST_CASE_METHOD(TlsFixture, "verification can be turned off", "[tls]") {
  server({{.certificate = ca.issue(named({"elsewhere"}))}}).answer_all();
  auto config = server().config();
  config.insecure_skip_tls_verify = true;
  connect(config);
  REQUIRE(ask(get("/")));
}

TEST_CASE_METHOD(TlsFixture, "TLS 1.1 is refused", "[tls]") {
  server({{.certificate = ca.issue(), .only_tls_1_1 = true}}).answer_all();
  connect(trusting(ca.pem()));
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
  CHECK(response.error().message.starts_with("TLS with the API server " + url() + " fails: "));
}

TEST_CASE_METHOD(TlsFixture, "a server that speaks no TLS is bad_gateway", "[tls]") {
  server().script({send("HTTP/1.1 400 Bad Request\r\n\r\n"), finish()});
  auto config = trusting(ca.pem());
  config.tls = true;
  connect(config);
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
}

TEST_CASE_METHOD(TlsFixture, "a server that hangs in the handshake is unavailable in time", "[tls]") {
  server().script({hang()});
  auto config = trusting(ca.pem());
  config.tls = true;
  options.connect_timeout = std::chrono::milliseconds(20);
  connect(config);
  const auto response = ask(get("/"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::unavailable);
  CHECK(response.error().retry_after == std::chrono::seconds(1));
}

TEST_CASE_METHOD(TlsFixture, "an end without close_notify is no end", "[tls]") {
  server({{.certificate = ca.issue()}});
  const auto [end, good] = GENERATE(table<Step::What, bool>({{Step::What::finish, true}, {Step::What::cut, false}}));
  server().script({answer("HTTP/1.1 200 OK\r\n\r\nuntil the end"), {end}});
  connect(trusting(ca.pem()));
  const auto response = ask(get("/"));
  CHECK(response.has_value() == good);
  if (!response) CHECK(response.error().code == ErrorCode::bad_gateway);
}

TEST_CASE_METHOD(TlsFixture, "a new CA is used at once when the server's certificate has changed", "[tls]") {
  server({{.certificate = ca.issue()}}).answer_all();
  auto config = server().config();
  config.ca.path = dir.write("ca.crt", ca.pem());
  connect(config);
  REQUIRE(ask(get("/1")));

  const CertificateAuthority next("next-ca");
  server().stop();
  server().use({.certificate = next.issue()});
  server().start();
  dir.write("ca.crt", next.pem());
  REQUIRE(ask(get("/2")));
  REQUIRE(observer.credentials.size() == 1);
  CHECK_FALSE(observer.credentials[0].first);
}

TEST_CASE_METHOD(TlsFixture, "connections made under an old CA are not used under a new one", "[tls]") {
  server({{.certificate = ca.issue()}}).answer_all();
  auto config = server().config();
  config.ca.path = dir.write("ca.crt", ca.pem());
  options.ca_reread = {};
  connect(config);
  REQUIRE(ask(get("/1")));
  dir.write("ca.crt", CertificateAuthority("other").pem());
  const auto response = ask(get("/2"));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == ErrorCode::bad_gateway);
}

TEST_CASE_METHOD(TlsFixture, "a CA file that does not parse leaves the old CA", "[tls]") {
  server({{.certificate = ca.issue()}}).answer_all();
  auto config = server().config();
  config.ca.path = dir.write("ca.crt", ca.pem());
  options.ca_reread = {};
  connect(config);
  REQUIRE(ask(get("/1")));
  dir.write("ca.crt", ca.pem().substr(0, 100));
  REQUIRE(ask(get("/2")));
  REQUIRE(ask(get("/3")));
  CHECK(server().accepted() == 1);
  REQUIRE(observer.credentials.size() == 1);
  CHECK(observer.credentials[0].first);
}

TEST_CASE_METHOD(TlsFixture, "a client certificate is shown, and read again when it is refused", "[tls]") {
  const CertificateAuthority clients("client-ca"), former("former-client-ca");
  server({{.certificate = ca.issue(), .client_ca = clients.pem()}}).answer_all();
  auto config = trusting(ca.pem());
  const auto write = [&](const KeyPair& pair) {
    config.client_certificate.path = dir.write("tls.crt", pair.certificate);
    config.client_key.path = dir.write("tls.key", pair.key);
  };
  write(former.issue());
  connect(config);
  const auto refused = ask(post("/1", "{}"));
  REQUIRE_FALSE(refused);
  CHECK((refused.error().code == ErrorCode::bad_gateway || refused.error().code == ErrorCode::unavailable));

  connect(config);
  write(clients.issue());
  REQUIRE(ask(post("/2", "{}")));
  CHECK(server().requests().size() == 1);
}

TEST_CASE_METHOD(TlsFixture, "certificates that cannot be used are a ConfigError", "[tls]") {
  const auto pair = ca.issue();
  const auto check = [&](kubeapi::ClusterConfig config, const std::string& message) {
    config.tls = true;
    config.host = "127.0.0.1";
    config.source = "test";
    CHECK_THROWS_WITH(kubeapi::Client(loop, config), message);
    CHECK_THROWS_AS(kubeapi::Client(loop, config), kubeapi::ConfigError);
  };
  kubeapi::ClusterConfig config;
  config.ca.path = dir.path("absent");
  check(config, "test: " + dir.path("absent") + ": No such file or directory");
  config.ca.path = dir.write("empty", "");
  check(config, "test: " + dir.path("empty") + ": the file is empty");
  config.ca = {.inline_pem = "nonsense", .path = {}};
  check(config, "test: no certificate in the CA");
  config.ca.inline_pem = ca.pem() + ca.pem().substr(0, 200);
  check(config, "test: the CA is not valid PEM");
  config.ca.inline_pem = ca.pem();
  config.client_certificate.inline_pem = "nonsense";
  config.client_key.inline_pem = pair.key;
  check(config, "test: the client certificate is not valid PEM");
  config.client_certificate.inline_pem = pair.certificate;
  config.client_key.inline_pem = ca.issue().key;
  check(config, "test: the client key does not fit the client certificate");
  config.client_key.inline_pem = "nonsense";
  check(config, "test: the client key is not valid PEM, or is encrypted");
}

}  // namespace
}  // namespace quartermaster::test
