// Kubeconfig files, good and bad.
#include <catch2/catch.hpp>

#include "kubeapi/cluster_config.hpp"
#include "kubeapi/endpoint.hpp"
#include "test/support/temp_dir.hpp"

namespace quartermaster::kubeapi {
namespace {

/// A kubeconfig with one context, from what its cluster and its user hold.
std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
         "contexts:\n- name: c\n  context: {cluster: k, user: u, namespace: ns}\n"
         "clusters:\n- name: k\n  cluster: " +
         cluster + "\nusers:\n- name: u\n  user: " + user + "\n";
}

struct File {
  test::TempDir dir;
  std::string path = dir.path("config");

  ClusterConfig load(const std::string& text, const std::string& context = {}) const {
    dir.write("config", text);
    return load_kubeconfig(path, context);
  }
  void check_error(const std::string& text, const std::string& message, const std::string& context = {}) const {
    CAPTURE(text.substr(0, 500));
    CHECK_THROWS_WITH(load(text, context), "kubeconfig " + path + ": " + message);
    CHECK_THROWS_AS(load(text, context), ConfigError);
  }
};

TEST_CASE("a kubeconfig with everything in it", "[kubeconfig]") {
  const File file;
  const auto config =
      file.load(kubeconfig("{server: 'https://api.example.com:6443/k8s/clusters/c-1/', certificate-authority-data: "
                           "Q0E=, tls-server-name: kubernetes}",
                           "{client-certificate-data: Q0VSVA==, client-key-data: S0VZ, token: abc}"));
  CHECK(config.tls);
  CHECK(config.host == "api.example.com");
  CHECK(config.port == 6443);
  CHECK(config.base_path == "/k8s/clusters/c-1");
  CHECK(config.ca.inline_pem == "CA");
  CHECK(config.tls_server_name == "kubernetes");
  CHECK(config.client_certificate.inline_pem == "CERT");
  CHECK(config.client_key.inline_pem == "KEY");
  CHECK(config.token == "abc");
  CHECK(config.token_file.empty());
  CHECK(config.namespace_ == "ns");
  CHECK(config.source == "kubeconfig " + file.path + " (context c)");
  CHECK(url(config) == "https://api.example.com:6443/k8s/clusters/c-1");
}

TEST_CASE("server URLs", "[kubeconfig]") {
  const auto [server, host, port, path, tls] = GENERATE(table<std::string, std::string, int, std::string, bool>({
      {"https://example.com", "example.com", 443, "", true},
      {"http://example.com", "example.com", 80, "", false},
      {"https://10.0.0.1/", "10.0.0.1", 443, "", true},
      {"https://[::1]:6443", "::1", 6443, "", true},
      {"http://[fd00::10]/a/b//", "fd00::10", 80, "/a/b", false},
      {"HTTPS://Example.com:8443/p%20q", "Example.com", 8443, "/p%20q", true},
      {"http://localhost:8080", "localhost", 8080, "", false},
  }));
  CAPTURE(server);
  const auto config = File().load(kubeconfig("{server: '" + server + "'}", "{}"));
  CHECK(config.host == host);
  CHECK(config.port == port);
  CHECK(config.base_path == path);
  CHECK(config.tls == tls);
}

TEST_CASE("how a server is written", "[kubeconfig]") {
  const auto [tls, host, port, text] = GENERATE(table<bool, std::string, std::uint16_t, std::string>({
      {true, "a", std::uint16_t{443}, "a"},
      {true, "a", std::uint16_t{80}, "a:80"},
      {false, "a", std::uint16_t{80}, "a"},
      {true, "::1", std::uint16_t{6443}, "[::1]:6443"},
      {true, "::1", std::uint16_t{443}, "[::1]"},
  }));
  ClusterConfig config;
  config.tls = tls;
  config.host = host;
  config.port = port;
  CHECK(authority(config) == text);
}

TEST_CASE("paths are relative to the kubeconfig", "[kubeconfig]") {
  const File file;
  for (const auto* name : {"ca", "cert", "key"}) file.dir.write(name, "x");
  auto config =
      file.load(kubeconfig("{server: 'https://a', certificate-authority: ca}",
                           "{client-certificate: ./cert, client-key: " + file.dir.path("key") + ", tokenFile: token}"));
  CHECK(config.ca.path == file.dir.path("ca"));
  CHECK(config.ca.inline_pem.empty());
  CHECK(config.client_certificate.path == file.dir.path("./cert"));
  CHECK(config.client_key.path == file.dir.path("key"));
  CHECK(config.token_file == file.dir.path("token"));
}

TEST_CASE("inline data wins over a path", "[kubeconfig]") {
  const auto config = File().load(
      kubeconfig("{server: 'https://a', certificate-authority: /absent, certificate-authority-data: Q0E=}", "{}"));
  CHECK(config.ca.inline_pem == "CA");
  CHECK(config.ca.path.empty());
}

TEST_CASE("a token and a token file are both taken", "[kubeconfig]") {
  // As in client-go: the token serves until the file has been read.
  const File file;
  const auto config = file.load(kubeconfig("{server: 'https://a'}", "{token: abc, tokenFile: /t}"));
  CHECK(config.token == "abc");
  CHECK(config.token_file == "/t");
}

TEST_CASE("a context is chosen", "[kubeconfig]") {
  const File file;
  const std::string text = R"(
current-context: two
contexts:
- {name: one, context: {cluster: k1}}
- {name: two, context: {cluster: k2, user: null}}
clusters:
- {name: k1, cluster: {server: 'https://one'}}
- {name: k2, cluster: {server: 'https://two'}}
)";
  CHECK(file.load(text).host == "two");
  CHECK(file.load(text, "one").host == "one");
  CHECK(file.load(text).token.empty());
  file.check_error(text, "there is no context \"three\"", "three");
}

TEST_CASE("JSON is YAML, and what is unknown or null is ignored", "[kubeconfig]") {
  const auto config = File().load(R"({"current-context": "c", "extensions": [1, {}], "preferences": {"colors": true},
    "contexts": [7, {"name": "c", "context": {"cluster": "k", "user": "u", "extensions": []}}],
    "clusters": [{"cluster": {"server": "https://nameless"}}, {"name": "k", "cluster": {"server": "https://a", "proxy-url": "",
      "certificate-authority": null, "disable-compression": true, "insecure-skip-tls-verify": false}}],
    "users": [{"name": "u", "user": {"token": "t", "exec": null, "as": null}}]})");
  CHECK(config.host == "a");
  CHECK(config.ca.empty());
  CHECK(config.token == "t");
}

TEST_CASE("verification is turned off only by true", "[kubeconfig]") {
  const auto [value, skip] =
      GENERATE(table<std::string, bool>({{"true", true}, {"false", false}, {"null", false}, {"True", true}}));
  CHECK(File()
            .load(kubeconfig("{server: 'https://a', insecure-skip-tls-verify: " + value + "}", "{}"))
            .insecure_skip_tls_verify == skip);
}

TEST_CASE("what is wrong in a kubeconfig is named with its place", "[kubeconfig]") {
  const File file;
  const std::string like = ", like https://example.com:6443";
  const auto cluster = [](const std::string& text) { return kubeconfig(text, "{}"); };
  const auto user = [](const std::string& text) { return kubeconfig("{server: 'https://a'}", text); };
  const auto [text, message] = GENERATE_COPY(table<std::string, std::string>({
      {"a: [", "line 1: not valid YAML"},
      {"\n\na: {]", "line 3: not valid YAML"},
      {"- list", "must be a mapping"},
      {"", "there is no current-context: name a context"},
      {"current-context: ''", "there is no current-context: name a context"},
      {"current-context: [a]", "current-context must be text"},
      {"current-context: c", "there is no context \"c\""},
      {"current-context: c\ncontexts: 5", "contexts must be a list"},
      {"current-context: c\ncontexts: [{name: c}]", "context \"c\": names no cluster"},
      {"current-context: c\ncontexts: [{name: c, context: []}]", "context \"c\": must be a mapping"},
      {"current-context: c\ncontexts: [{name: c, context: {cluster: k}}]", "there is no cluster \"k\""},
      {"current-context: c\ncontexts: [{name: c, context: {cluster: k}}, {name: c, context: {cluster: l}}]",
       "context \"c\" occurs twice"},
      {"current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, cluster: "
       "{server: 'https://a'}}]",
       "there is no user \"u\""},
      {cluster("{}"), "cluster \"k\": server must be an https or http URL" + like},
      {cluster("{server: [a]}"), "cluster \"k\": server must be text"},
      {cluster("{server: 'example.com:6443'}"), "cluster \"k\": server must be an https or http URL" + like},
      {cluster("{server: 'ftp://a'}"), "cluster \"k\": server must be an https or http URL" + like},
      {cluster("{server: 'https://'}"), "cluster \"k\": server must name a host" + like},
      {cluster("{server: 'https://u:p@a'}"), "cluster \"k\": server must be scheme, host, port and path only" + like},
      {cluster("{server: 'https://a?b'}"), "cluster \"k\": server must be scheme, host, port and path only" + like},
      {cluster("{server: 'https://a:99999'}"), "cluster \"k\": server must have a port from 1 to 65535" + like},
      {cluster("{server: 'https://a%0d%0ab'}"), "cluster \"k\": server must name a host" + like},
      {cluster("{server: 'https://a', certificate-authority-data: '%%'}"),
       "cluster \"k\": certificate-authority-data is not base64"},
      {cluster("{server: 'https://a', certificate-authority: /absent/ca}"),
       "cluster \"k\": certificate-authority: /absent/ca: No such file or directory"},
      {cluster("{server: 'https://a', insecure-skip-tls-verify: maybe}"),
       "cluster \"k\": insecure-skip-tls-verify must be true or false"},
      {cluster("{server: 'https://a', insecure-skip-tls-verify: true, certificate-authority-data: Q0E=}"),
       "cluster \"k\": certificate-authority and insecure-skip-tls-verify exclude each other: remove one"},
      {cluster("{server: 'https://a', tls-server-name: 'a b'}"), "cluster \"k\": tls-server-name must be a host name"},
      {cluster("{server: 'https://a', proxy-url: 'http://p'}"),
       "cluster \"k\": proxy-url is not supported: name the API server itself in server"},
      {user("{client-key-data: S0VZ}"), "user \"u\": client-certificate and client-key must both be given, or none"},
      {user("{client-certificate-data: S0VZ}"),
       "user \"u\": client-certificate and client-key must both be given, or none"},
      {user("{exec: {command: aws}}"),
       "user \"u\": exec plugins are not supported: use a client certificate, token or tokenFile"},
      {user("{auth-provider: {name: gcp}}"),
       "user \"u\": auth-provider plugins are not supported: use a client certificate, token or tokenFile"},
      {user("{username: a, password: b}"),
       "user \"u\": username and password are not supported: use a client certificate, token or tokenFile"},
      {user("{token: t, as: boss}"),
       "user \"u\": impersonation (as) is not supported: use the credentials of the user itself"},
      {user("{token: {a: b}}"), "user \"u\": token must be text"},
  }));
  file.check_error(text, message);
}

TEST_CASE("a kubeconfig that cannot be read", "[kubeconfig]") {
  const test::TempDir dir;
  CHECK_THROWS_WITH(load_kubeconfig(dir.path("absent")),
                    "kubeconfig " + dir.path("absent") + ": No such file or directory");
  CHECK_THROWS_WITH(load_kubeconfig(dir.path(".")), "kubeconfig " + dir.path(".") + ": not a regular file");
  dir.write("large", std::string((1U << 20) + 1, ' '));
  CHECK_THROWS_WITH(load_kubeconfig(dir.path("large")),
                    "kubeconfig " + dir.path("large") + ": larger than 1048576 bytes");
}

TEST_CASE("no secret is told when a kubeconfig is wrong", "[kubeconfig]") {
  const File file;
  for (const std::string& text :
       {std::string("token: s3cret\n  bad: : indent"), std::string("\"s3cret"), std::string("s3cret: [s3cret")}) {
    try {
      file.load(text);
      FAIL("no error");
    } catch (const ConfigError& e) {
      CHECK(std::string(e.what()).find("s3cret") == std::string::npos);
    }
  }
}

TEST_CASE("YAML that is made to hurt does not", "[kubeconfig]") {
  const File file;
  SECTION("deep") {
    const auto text = GENERATE(std::string(500'000, '['), "a: " + std::string(500'000, '{'), [] {
      std::string nested;
      for (int i = 0; i < 1000; ++i) nested.append(static_cast<std::size_t>(i), ' ').append("a:\n");
      return nested;
    }());
    CHECK_THROWS_AS(file.load(text), ConfigError);
  }
  SECTION("aliases of aliases") {
    std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 30; ++i) {
      const std::string alias = "*a" + std::to_string(i - 1);
      text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
      for (int n = 0; n < 10; ++n) text.append(alias).append(n < 9 ? "," : "]\n");
    }
    CHECK(file.load(text + kubeconfig("{server: 'https://a', x: *a29}", "{}")).host == "a");
  }
  SECTION("an alias of itself") {
    CHECK_THROWS_AS(file.load("&a current-context: c\ncontexts: &b [*b]\n"), ConfigError);
  }
  SECTION("bytes that are no text") { CHECK_THROWS_AS(file.load(std::string("\x00\xff\xfe\x80", 4)), ConfigError); }
}

}  // namespace
}  // namespace quartermaster::kubeapi
