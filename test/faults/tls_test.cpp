// The program with TLS: its certificate is replaced while it is busy.
#include <cmath>
#include <ctime>
#include <string>
#include <vector>

#include "test/faults/setting.hpp"

namespace quartermaster::test {

namespace {

/// One exchange on a connection that is kept.
unsigned status_of(Connection& connection, const std::string& path, std::string* body = nullptr) {
  connection.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
  std::string text;
  std::size_t whole = std::string::npos;
  while (text.size() < whole) {
    if (connection.read(text) != Connection::Read::data) return 0;
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    const std::string name = "Content-Length: ";
    whole = end + 4 + std::stoul(text.substr(text.find(name) + name.size()));
    if (body != nullptr) *body = text.substr(end + 4);
  }
  return static_cast<unsigned>(std::stoul(text.substr(9)));
}

/// In hours from now; from the metrics.
long certificate_expires_in(Connection& connection) {
  std::string metrics;
  status_of(connection, "/metrics", &metrics);
  const std::string name = "\nquartermaster_tls_certificate_expiry_timestamp_seconds ";
  const auto at = metrics.find(name);
  if (at == std::string::npos) return -1;
  const auto when = std::stod(metrics.substr(at + name.size()));
  return std::lround((when - static_cast<double>(std::time(nullptr))) / 3600);
}

}  // namespace

TEST_CASE("a serving certificate is replaced under load, and no connection is dropped") {
  Setting setting;
  const CertificateAuthority authority;
  const TempDir& files = setting.files();
  const auto write = [&](std::chrono::hours lifetime) {
    const auto pair = authority.issue({.not_after = lifetime});
    files.write("tls.crt", pair.certificate);
    files.write("tls.key", pair.key);
  };
  write(std::chrono::hours(24));
  Subprocess process(
      service_command(files.write("kubeconfig", setting.kubeconfig()),
                      {"--tls-cert", files.path("tls.crt"), "--tls-key", files.path("tls.key"), "--no-cache"}));
  const auto line = process.wait_for_line([](std::string_view l) { return l.find(R"("msg":"listening")") != l.npos; },
                                          std::chrono::seconds(60));
  REQUIRE(line);
  const auto started = parse_json(*line);
  CHECK(at(started, "/tls") == true);
  Endpoint endpoint = parse_endpoint(text_at(started, "/address"));
  endpoint.tls = true;
  endpoint.ca = authority.pem();

  std::vector<Connection> kept;
  for (int i = 0; i < 8; ++i) kept.emplace_back(endpoint);
  std::size_t failures = 0;
  const auto round = [&] {
    for (auto& connection : kept) failures += status_of(connection, "/version") == 200 ? 0 : 1;
    Connection fresh(endpoint);
    failures += status_of(fresh, "/version") == 200 ? 0 : 1;
  };
  round();
  CHECK(poll_until([&] { return certificate_expires_in(kept[0]) == 24; }));

  SECTION("by a good one") {
    write(std::chrono::hours(48));
    CHECK(poll_until([&] {
      round();
      return certificate_expires_in(kept[0]) == 48;
    }));
  }
  SECTION("by half a one, which is told, and left alone") {
    files.write("tls.crt", authority.issue({.not_after = std::chrono::hours(48)}).certificate);
    CHECK(process.wait_for_line([](std::string_view l) { return l.find("keeping the old certificate") != l.npos; },
                                std::chrono::seconds(60)));
    round();
    CHECK(certificate_expires_in(kept[0]) == 24);
  }
  round();
  CHECK(failures == 0);
}

}  // namespace quartermaster::test
