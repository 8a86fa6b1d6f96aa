// Tokens and certificates whose files change. Time is what the test says.
#include <catch2/catch.hpp>

#include "kubeapi/credentials.hpp"
#include "test/support/pki.hpp"
#include "test/support/temp_dir.hpp"

namespace quartermaster::kubeapi {
namespace {

using namespace std::chrono_literals;

struct Events {
  std::vector<std::pair<bool, std::string>> seen;
  CredentialsEvents sink() {
    return [this](bool problem, std::string_view message) { seen.emplace_back(problem, message); };
  }
};

struct Token {
  test::TempDir dir;
  std::string path = dir.path("token");
  Events events;
  Clock::time_point start = Clock::now();
  TokenSource source{"", path, 1min, events.sink()};
};

TEST_CASE("a token file is read when it is needed, and again every minute", "[credentials]") {
  Token token;
  token.dir.write("token", " one\n");
  CHECK(token.source.get(token.start) == "one");
  token.dir.write("token", "two\r\n\n");
  CHECK(token.source.get(token.start + 59s) == "one");
  CHECK(token.source.get(token.start + 60s) == "two");
  token.dir.write("token", "three");
  CHECK(token.source.get(token.start + 119s) == "two");
  CHECK(token.source.get(token.start + 120s) == "three");
}

TEST_CASE("a token file that cannot be used leaves the old token", "[credentials]") {
  Token token;
  const auto [content, why] = GENERATE(table<std::string, std::string>({
      {"", "it is empty"},
      {" \n", "it is empty"},
      {"two words", "it holds something else than one token"},
      {"a\r\nX-Injected: b", "it holds something else than one token"},
      {std::string(100'000, 'x'), "larger than 65536 bytes"},
  }));
  token.dir.write("token", "one");
  CHECK(token.source.get(token.start) == "one");
  token.dir.write("token", content);
  CHECK(token.source.get(token.start + 1min) == "one");
  CHECK(token.source.get(token.start + 2min) == "one");
  REQUIRE(token.events.seen.size() == 2);  // the second time, nothing is new
  CHECK(token.events.seen[1] == std::pair{true, "token file " + token.path + ": " + why + ": keeping the old token"});

  std::filesystem::remove(token.path);
  CHECK(token.source.get(token.start + 3min) == "one");
  token.dir.write("token", "one");
  CHECK(token.source.get(token.start + 4min) == "one");
  CHECK(token.events.seen.back() == std::pair{false, "token file " + token.path + " can be read again"});
}

TEST_CASE("events never tell the token", "[credentials]") {
  Token token;
  token.dir.write("token", "s3cret");
  token.source.get(token.start);
  token.dir.write("token", "s3cret s3cret");
  token.source.get(token.start + 1min);
  for (const auto& [problem, message] : token.events.seen) CHECK(message.find("s3cret") == std::string::npos);
}

TEST_CASE("a token that was refused is read again at once, once a second", "[credentials]") {
  Token token;
  token.dir.write("token", "one");
  token.source.get(token.start);
  token.dir.write("token", "two");
  CHECK(token.source.refused("one", token.start + 10ms));
  CHECK(token.source.get(token.start + 10ms) == "two");
  token.dir.write("token", "three");
  CHECK(token.source.refused("one", token.start + 20ms));  // by somebody who had sent it before
  CHECK_FALSE(token.source.refused("two", token.start + 20ms));
  CHECK(token.source.get(token.start + 20ms) == "two");
  CHECK(token.source.refused("two", token.start + 1010ms));
  CHECK(token.source.get(token.start + 1010ms) == "three");
}

TEST_CASE("a fixed token serves alone, or until its file has been read", "[credentials]") {
  Events events;
  const test::TempDir dir;
  const auto now = Clock::now();
  TokenSource fixed("abc", "", 1min, events.sink());
  CHECK(fixed.get(now) == "abc");
  CHECK_FALSE(fixed.refused("abc", now));
  TokenSource both("abc", dir.path("token"), 1min, events.sink());
  CHECK(both.get(now) == "abc");
  dir.write("token", "def");
  CHECK(both.get(now + 1min) == "def");
  TokenSource none("", "", 1min, events.sink());
  CHECK(none.get(now).empty());
  CHECK_THROWS_AS(TokenSource("a\nb", "", 1min, events.sink()), ConfigError);
}

struct Tls {
  test::TempDir dir;
  test::CertificateAuthority first{"first"}, second{"second"};
  Events events;
  Clock::time_point start = Clock::now();
  ClusterConfig config;

  Tls() {
    config.source = "test";
    config.ca.path = dir.write("ca.crt", first.pem());
  }
  TlsSource source() { return {config, 5min, events.sink()}; }
};

TEST_CASE("a CA file is read again every five minutes", "[credentials]") {
  Tls tls;
  auto source = tls.source();
  const auto before = source.get(tls.start);
  REQUIRE(before.ssl);
  tls.dir.write("ca.crt", tls.second.pem());
  CHECK(source.get(tls.start + 299s).generation == before.generation);
  const auto after = source.get(tls.start + 300s);
  CHECK(after.generation == before.generation + 1);
  CHECK(after.ssl != before.ssl);
  CHECK(source.get(tls.start + 600s).generation == after.generation);
  REQUIRE(tls.events.seen.size() == 1);
  CHECK_FALSE(tls.events.seen[0].first);
}

TEST_CASE("a CA file that cannot be used leaves the old CA", "[credentials]") {
  Tls tls;
  auto source = tls.source();
  const auto before = source.get(tls.start);
  const std::string half = tls.first.pem().substr(0, 200);
  const std::string half_more = tls.second.pem() + half;
  const auto content = GENERATE_COPY(as<std::string>{}, "", "nonsense", half, half_more);
  tls.dir.write("ca.crt", content);
  CHECK(source.get(tls.start + 5min).ssl == before.ssl);
  CHECK(source.get(tls.start + 10min).ssl == before.ssl);
  REQUIRE(tls.events.seen.size() == 1);
  CHECK(tls.events.seen[0].first);
  tls.dir.write("ca.crt", tls.first.pem());
  CHECK(source.get(tls.start + 15min).ssl == before.ssl);
  REQUIRE(tls.events.seen.size() == 2);
  CHECK_FALSE(tls.events.seen[1].first);
}

TEST_CASE("a refusal reads the CA again at once, once a second", "[credentials]") {
  Tls tls;
  auto source = tls.source();
  source.get(tls.start);
  CHECK_FALSE(source.refused(1, tls.start + 1s));  // the same content
  tls.dir.write("ca.crt", tls.second.pem());
  CHECK_FALSE(source.refused(1, tls.start + 1500ms));
  CHECK(source.refused(1, tls.start + 2s));
  CHECK(source.refused(1, tls.start + 2s));  // by somebody who had begun before
  CHECK_FALSE(source.refused(2, tls.start + 2s));
  CHECK(source.get(tls.start + 2s).generation == 2);
}

TEST_CASE("a client certificate and its key change together", "[credentials]") {
  Tls tls;
  const auto one = tls.first.issue(), two = tls.first.issue();
  tls.config.client_certificate.path = tls.dir.write("tls.crt", one.certificate);
  tls.config.client_key.path = tls.dir.write("tls.key", one.key);
  auto source = tls.source();
  const auto before = source.get(tls.start);
  tls.dir.write("tls.crt", two.certificate);  // its key does not fit yet
  CHECK(source.get(tls.start + 5min).ssl == before.ssl);
  tls.dir.write("tls.key", two.key);
  CHECK(source.get(tls.start + 10min).ssl != before.ssl);
}

TEST_CASE("plain HTTP has no TLS context", "[credentials]") {
  Tls tls;
  tls.config.tls = false;
  tls.config.ca.path = "/absent";
  CHECK_FALSE(tls.source().get(tls.start).ssl);
}

}  // namespace
}  // namespace quartermaster::kubeapi
