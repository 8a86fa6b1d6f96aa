// The serving certificate: from files, as they change, and at the socket.
#include "server/http/tls_identity.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "test/support/pki.hpp"
#include "test/support/temp_dir.hpp"
#include "test/support/wait.hpp"
#include "test/unit/server/service_server.hpp"

namespace quartermaster::test {
namespace {

using namespace std::chrono_literals;

struct Files {
  TempDir directory;
  std::vector<std::string> reports;

  void write(const KeyPair& pair) const {
    directory.write("tls.crt", pair.certificate);
    directory.write("tls.key", pair.key);
  }
  http::TlsFiles paths() const { return {directory.path("tls.crt"), directory.path("tls.key")}; }
  http::TlsIdentity identity(Clock::duration every = 2s) {
    return http::TlsIdentity(
        paths(),
        [this](bool problem, std::string_view what) {
          reports.push_back((problem ? "problem: " : "") + std::string(what));
        },
        every);
  }
};

TEST_CASE("A certificate that cannot be served stops the start", "[tls_identity]") {
  const CertificateAuthority authority;
  const auto pair = authority.issue(), other = authority.issue();
  const auto [certificate, key, client_ca, why] =
      GENERATE_COPY(table<std::string, std::string, std::string, std::string>({
          {"", pair.key, "", "tls.crt"},
          {pair.certificate, "", "", "tls.key"},
          {"nonsense", pair.key, "", "the certificate is not valid PEM"},
          {pair.certificate, "nonsense", "", "the key is not valid PEM, or is encrypted"},
          {pair.certificate, other.key, "", "the key does not fit the certificate"},
          {pair.certificate, pair.key, "nonsense", "client-ca: no certificate in the CA"},
      }));
  Files files;
  if (!certificate.empty()) files.directory.write("tls.crt", certificate);
  if (!key.empty()) files.directory.write("tls.key", key);
  auto paths = files.paths();
  if (!client_ca.empty()) paths.client_ca = files.directory.write("client-ca", client_ca);
  CHECK_THROWS_WITH(http::TlsIdentity(paths, {}), Catch::Contains(why));
}

TEST_CASE("The files are looked at now and then, and what cannot be used leaves the old certificate",
          "[tls_identity]") {
  const CertificateAuthority authority;
  const auto first = authority.issue(), second = authority.issue({.not_after = 48h});
  Files files;
  files.write(first);
  const auto start = Clock::now();
  auto identity = files.identity(2s);
  const auto context = identity.context(start);
  const auto hours_left = [&] {
    return std::chrono::round<std::chrono::hours>(identity.not_after() - std::chrono::system_clock::now()).count();
  };
  CHECK(hours_left() == 24);

  files.write(second);
  CHECK(identity.context(start + 1s) == context);  // not yet
  const auto newer = identity.context(start + 3s);
  CHECK(newer != context);
  CHECK(hours_left() == 48);
  CHECK(identity.context(start + 10s) == newer);
  const std::string changed = "the serving certificate or the client CA has changed";
  CHECK(files.reports == std::vector{changed});

  // A key that does not fit is told once; so is the end of it.
  files.reports.clear();
  files.directory.write("tls.key", first.key);
  for (int i = 0; i < 3; ++i) CHECK(identity.context(start + 20s + i * 3s) == newer);
  REQUIRE(files.reports.size() == 1);
  CHECK_THAT(files.reports[0],
             Catch::StartsWith("problem: ") &&
                 Catch::EndsWith("the key does not fit the certificate: keeping the old certificate"));
  files.write(second);
  CHECK(identity.context(start + 40s) == newer);
  CHECK(files.reports.back() == "the serving certificate can be read again");
  files.write(first);
  CHECK(identity.context(start + 50s) != newer);
  CHECK(hours_left() == 24);
}

/// The service with TLS, from files that a case can change.
struct TlsServer {
  CertificateAuthority authority, clients{"clients"};
  Files files;
  std::unique_ptr<http::TlsIdentity> identity;
  std::unique_ptr<ServiceServer> server;

  explicit TlsServer(bool client_certificates = false, http::Limits limits = {}) {
    files.write(authority.issue());
    auto paths = files.paths();
    if (client_certificates) paths.client_ca = files.directory.write("client-ca", clients.pem());
    identity = std::make_unique<http::TlsIdentity>(
        paths, [](bool, std::string_view) {}, 0s);
    server = std::make_unique<ServiceServer>(limits, [this] { return identity->context(Clock::now()); });
    server->settings.client_certificates = client_certificates;
  }
  ~TlsServer() { server.reset(); }

  Endpoint endpoint() const {
    auto endpoint = server->endpoint();
    endpoint.tls = true;
    endpoint.ca = authority.pem();
    return endpoint;
  }
};

TEST_CASE("TLS 1.2 and 1.3 are spoken, HTTP/1.1 in them, and nothing else", "[tls_identity]") {
  const TlsServer server;
  const auto [version, protocol, negotiated] = GENERATE(table<std::string, std::string, std::string>({
      {"1.3", "http/1.1", "TLSv1.3 http/1.1"},
      {"1.2", "http/1.1", "TLSv1.2 http/1.1"},
      {"1.3", "", "TLSv1.3 "},
      {"1.1", "", ""},
      {"1.3", "h2", ""},
  }));
  CAPTURE(version, protocol);
  auto endpoint = server.endpoint();
  endpoint.tls_version = version;
  endpoint.alpn = protocol;
  if (negotiated.empty()) {
    CHECK_THROWS(Caller(endpoint));
  } else {
    Caller caller(endpoint);
    CHECK(caller.connection().negotiated() == negotiated);
    CHECK(caller.send(get("/livez")).next().status == 200);
  }
  CHECK(Caller(server.endpoint()).send(get("/livez")).next().status == 200);
}

TEST_CASE("A new certificate is for new connections, and the old ones live on", "[tls_identity]") {
  TlsServer server;
  Caller old(server.endpoint());
  CHECK(old.send(get("/livez")).next().status == 200);
  const CertificateAuthority next("next");
  server.files.write(next.issue());
  CHECK_THROWS(Caller(server.endpoint()));
  auto endpoint = server.endpoint();
  endpoint.ca = next.pem();
  CHECK(Caller(endpoint).send(get("/livez")).next().status == 200);
  CHECK(old.send(get("/livez")).next().status == 200);
}

TEST_CASE("Callers without a certificate get what anyone may have", "[tls_identity]") {
  const TlsServer server(true);
  auto with = server.endpoint();
  const auto client = server.clients.issue({.common_name = "client"});
  with.client_certificate = client.certificate;
  with.client_key = client.key;
  const auto version = GENERATE(as<std::string>(), "1.2", "1.3");
  with.tls_version = version;
  auto without = server.endpoint();
  without.tls_version = version;
  Caller known(with), unknown(without);
  for (const auto& route : api::routes()) {
    if (route.method != http::Verb::get) continue;
    std::string target(route.pattern);
    for (auto open = target.find('{'); open != std::string::npos; open = target.find('{'))
      target.replace(open, target.find('}') + 1 - open, "a");
    CAPTURE(target);
    const bool limited = target.starts_with("/api/") || target == "/stats" || target == "/metrics";
    const auto answer = unknown.send(get(target)).next();
    CHECK(answer.status == (limited ? 401 : 200));
    CHECK(answer.header("WWW-Authenticate").empty() == !limited);
    CHECK(known.send(get(target)).next().status == (target.starts_with("/api/") ? 503 : 200));
  }
}

TEST_CASE("A certificate of another CA is none", "[tls_identity]") {
  const TlsServer server(true);
  auto endpoint = server.endpoint();
  const auto version = GENERATE(as<std::string>(), "1.2", "1.3");
  endpoint.tls_version = version;
  const auto foreign = server.authority.issue({.common_name = "client"});
  const auto expired = server.clients.issue({.common_name = "client", .not_before = -48h, .not_after = -24h});
  const auto [client, why] = GENERATE_COPY(table<KeyPair, std::string>({
      {foreign, "another CA"},
      {expired, "expired"},
  }));
  CAPTURE(why);
  endpoint.client_certificate = client.certificate;
  endpoint.client_key = client.key;
  // In TLS 1.3 the client only hears of it when it reads.
  const auto outcome = [&]() -> unsigned {
    try {
      return Caller(endpoint).send(get("/livez")).next().status;
    } catch (const std::runtime_error&) {
      return 0;
    }
  };
  CHECK(outcome() == 0);
  CHECK(Caller(server.endpoint()).send(get("/livez")).next().status == 200);
}

TEST_CASE("A handshake that does not go on is cut off", "[tls_identity]") {
  http::Limits limits;
  limits.tls_handshake = 500ms;
  const TlsServer server(false, limits);
  auto plain = server.endpoint();
  plain.tls = false;
  const auto begin = GENERATE(as<std::string>(), "", "\x16", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9));
  Caller slow(plain);
  slow.send(begin);
  CHECK(Caller(server.endpoint()).send(get("/livez")).next().status == 200);
  CHECK(slow.ended());
}

}  // namespace
}  // namespace quartermaster::test
