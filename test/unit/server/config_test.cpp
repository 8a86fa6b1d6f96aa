// Flags and environment.
#include "server/config.hpp"

#include <cstdlib>

#include <catch2/catch.hpp>
#include <map>

namespace quartermaster {
namespace {

using namespace std::chrono_literals;

using Variables = std::map<std::string, std::string>;

/// Environment variables for as long as it lives.
class Environment {
 public:
  explicit Environment(Variables variables) : variables_(std::move(variables)) {
    for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    for (const auto& [name, value] : variables_) ::unsetenv(name.c_str());
  }

 private:
  Variables variables_;
};

Config parse(std::vector<const char*> flags, const Variables& variables = {}) {
  const Environment environment(variables);
  flags.insert(flags.begin(), "quartermaster");
  return parse_config(static_cast<int>(flags.size()), flags.data()).value();
}

std::string failure(const std::vector<const char*>& flags, const Variables& variables = {}) {
  try {
    parse(flags, variables);
    return "";
  } catch (const kubeapi::ConfigError& e) {
    return e.what();
  }
}

TEST_CASE("Defaults") {
  const auto config = parse({"--auth-mode=none"});
  CHECK(config.listen == "127.0.0.1:8080");
  CHECK(config.kubeconfig == "");
  CHECK(config.context == "");
  CHECK(config.service_account_dir == "/var/run/secrets/kubernetes.io/serviceaccount");
  CHECK_FALSE(config.allow_anonymous);
  CHECK(config.log_level == observe::Level::info);
  CHECK(config.cache);
  CHECK_FALSE(config.measure_turns);
  CHECK(config.namespaces.empty());
  CHECK(config.cache_self_check == 0s);
  CHECK(config.shutdown_delay == 0s);
  CHECK(config.drain_timeout == 25s);
  CHECK(config.limits.connections == 10'000);
  CHECK(config.settings.own_namespace == "");
  CHECK(config.settings.tenant_limit_range);
  CHECK(config.settings.tenant_limit_cpu == "0.1");
  CHECK(config.settings.tenant_limit_memory == "128Mi");
}

TEST_CASE("What is cached") {
  CHECK_FALSE(parse({"--auth-mode=none", "--no-cache"}).cache);
  CHECK(parse({"--auth-mode=none", "--no-cache=false"}, {{"QUARTERMASTER_NO_CACHE", "true"}}).cache);
  CHECK(parse({"--auth-mode=none", "--namespaces=b,a,b"}).namespaces == std::vector<std::string>{"a", "b"});
  CHECK(parse({"--auth-mode=none", "--cache-self-check=1m"}).cache_self_check == 60s);
  const auto flag = GENERATE(as<std::string>(), "--namespaces=a,,b", "--namespaces=a,", "--namespaces=A b",
                             "--namespaces=,", "--no-cache=maybe", "--cache-self-check=often");
  CHECK_THAT(failure({"--auth-mode=none", flag.c_str()}), Catch::StartsWith(flag.substr(0, flag.find('='))));
}

TEST_CASE("Flags") {
  const auto config = parse({"--listen",
                             "[::]:80",
                             "--kubeconfig=/k",
                             "--context",
                             "c",
                             "--service-account-dir",
                             "/s",
                             "--auth-mode",
                             "none",
                             "--insecure-allow-anonymous",
                             "--log-level",
                             "debug",
                             "--shutdown-delay",
                             "5s",
                             "--drain-timeout",
                             "1m30s",
                             "--max-connections",
                             "7",
                             "--max-upstream-connections",
                             "8",
                             "--own-namespace",
                             "n",
                             "--tenant-limit-range=false",
                             "--tenant-limit-cpu",
                             "500m",
                             "--tenant-limit-memory",
                             "1Gi"});
  CHECK(config.listen == "[::]:80");
  CHECK(config.kubeconfig == "/k");
  CHECK(config.context == "c");
  CHECK(config.service_account_dir == "/s");
  CHECK(config.auth_mode == AuthMode::none);
  CHECK(config.allow_anonymous);
  CHECK(config.log_level == observe::Level::debug);
  CHECK(config.shutdown_delay == 5s);
  CHECK(config.drain_timeout == 90s);
  CHECK(config.limits.connections == 7);
  CHECK(config.client.max_connections == 8);
  CHECK(config.settings.own_namespace == "n");
  CHECK_FALSE(config.settings.tenant_limit_range);
  CHECK(config.settings.tenant_limit_cpu == "500m");
  CHECK(config.settings.tenant_limit_memory == "1Gi");
}

TEST_CASE("Limits of requests and connections") {
  const auto limits = parse({"--auth-mode=none",
                             "--max-connections=1",
                             "--max-connections-per-peer=2",
                             "--max-requests-per-connection=3",
                             "--max-requests-in-flight=13",
                             "--max-streams=14",
                             "--max-streams-per-caller=15",
                             "--max-watchers=18",
                             "--max-watchers-per-caller=19",
                             "--max-header-bytes=4",
                             "--max-headers=5",
                             "--max-target-bytes=6",
                             "--max-body-bytes=7",
                             "--max-body-bytes-in-flight=16",
                             "--max-answer-bytes-in-flight=17",
                             "--tls-handshake-timeout=8s",
                             "--header-timeout=9s",
                             "--body-timeout=10s",
                             "--write-timeout=11s",
                             "--idle-timeout=12s"})
                          .limits;
  CHECK(limits.connections == 1);
  CHECK(limits.connections_per_peer == 2);
  CHECK(limits.requests_per_connection == 3);
  CHECK(limits.requests_in_flight == 13);
  CHECK(limits.streams == 14);
  CHECK(limits.streams_per_caller == 15);
  CHECK(limits.watchers == 18);
  CHECK(limits.watchers_per_caller == 19);
  CHECK(limits.head_bytes == 4);
  CHECK(limits.header_count == 5);
  CHECK(limits.target_bytes == 6);
  CHECK(limits.body_bytes == 7);
  CHECK(limits.bodies_bytes == 16);
  CHECK(limits.answers_bytes == 17);
  CHECK(limits.tls_handshake == 8s);
  CHECK(limits.head == 9s);
  CHECK(limits.body == 10s);
  CHECK(limits.write == 11s);
  CHECK(limits.idle == 12s);
  const auto flag = GENERATE(as<std::string>(), "--max-headers=0", "--max-body-bytes=3Mi", "--max-body-bytes=33554433",
                             "--idle-timeout=0s", "--header-timeout=soon");
  CHECK_THAT(failure({"--auth-mode=none", flag.c_str()}), Catch::StartsWith(flag.substr(0, flag.find('='))));
}

TEST_CASE("TLS needs a certificate and its key") {
  const auto config = parse({"--auth-mode=none", "--tls-cert=/c", "--tls-key=/k", "--tls-client-ca=/a"});
  CHECK(config.tls.certificate == "/c");
  CHECK(config.tls.key == "/k");
  CHECK(config.tls.client_ca == "/a");
  CHECK(config.settings.client_certificates);
  CHECK_FALSE(parse({"--auth-mode=none", "--tls-cert=/c", "--tls-key=/k"}).settings.client_certificates);
  const auto flag = GENERATE(as<std::string>(), "--tls-cert=/c", "--tls-key=/k", "--tls-client-ca=/a");
  CHECK_THAT(failure({"--auth-mode=none", flag.c_str()}), Catch::StartsWith("--tls-c"));
}

TEST_CASE("Each flag can be given in the environment, and a flag wins") {
  const Variables variables = {
      {"QUARTERMASTER_LISTEN", ":81"},
      {"QUARTERMASTER_AUTH_MODE", "none"},
      {"QUARTERMASTER_INSECURE_ALLOW_ANONYMOUS", "true"},
      {"QUARTERMASTER_LOG_LEVEL", "error"},
      {"QUARTERMASTER_DRAIN_TIMEOUT", "3s"},
      {"QUARTERMASTER_MAX_CONNECTIONS", "9"},
      {"QUARTERMASTER_TENANT_LIMIT_RANGE", "false"},
      {"QUARTERMASTER_CONTEXT", ""},
  };
  auto config = parse({}, variables);
  CHECK(config.listen == ":81");
  CHECK(config.auth_mode == AuthMode::none);
  CHECK(config.allow_anonymous);
  CHECK(config.log_level == observe::Level::error);
  CHECK(config.drain_timeout == 3s);
  CHECK(config.limits.connections == 9);
  CHECK_FALSE(config.settings.tenant_limit_range);
  CHECK(config.context == "");

  config =
      parse({"--listen=127.0.0.1:0", "--log-level=off", "--max-connections=3", "--tenant-limit-range=true"}, variables);
  CHECK(config.listen == "127.0.0.1:0");
  CHECK(config.log_level == observe::Level::off);
  CHECK(config.limits.connections == 3);
  CHECK(config.settings.tenant_limit_range);
  CHECK(config.drain_timeout == 3s);
}

TEST_CASE("The variables that Kubernetes sets for a Service of our name do not disturb") {
  const auto config = parse({"--auth-mode=none"}, {{"QUARTERMASTER_PORT", "tcp://10.96.0.7:80"},
                                                   {"QUARTERMASTER_SERVICE_HOST", "10.96.0.7"},
                                                   {"QUARTERMASTER_SERVICE_PORT", "80"},
                                                   {"QUARTERMASTER_SERVICE_PORT_HTTP", "80"},
                                                   {"QUARTERMASTER_PORT_80_TCP", "tcp://10.96.0.7:80"},
                                                   {"QUARTERMASTER_PORT_80_TCP_PROTO", "tcp"},
                                                   {"QUARTERMASTER_PORT_80_TCP_PORT", "80"},
                                                   {"QUARTERMASTER_PORT_80_TCP_ADDR", "10.96.0.7"}});
  CHECK(config.listen == "127.0.0.1:8080");
}

TEST_CASE("What is wrong is said in one line that names the flag") {
  using Flags = std::vector<const char*>;
  const auto [flags, message] = GENERATE(table<Flags, std::string>({
      {{"--unknown"}, "unrecognised option '--unknown'; --help lists the flags"},
      {{"--lis=:80"}, "unrecognised option '--lis=:80'; --help lists the flags"},
      {{"--listen"}, "the required argument for option '--listen' is missing; --help lists the flags"},
      {{"--listen=:1", "--listen=:2"}, "option '--listen' cannot be specified more than once; --help lists the flags"},
      {{"stray"}, "too many positional options have been specified on the command line; --help lists the flags"},
      {{"--listen=8080"},
       "--listen: bad listen address \"8080\": no port; write it as 127.0.0.1:8080, [::1]:8080 or :8080"},
      {{"--auth-mode=maybe"}, "--auth-mode maybe: must be none or delegated"},
      {{"--log-level=loud"}, "--log-level loud: must be debug, info, warning, error or off"},
      {{"--shutdown-delay=5"}, "--shutdown-delay 5: must be a duration such as 5s or 1m30s"},
      {{"--drain-timeout=-1s"}, "--drain-timeout -1s: must be a duration such as 5s or 1m30s"},
      {{"--max-connections=0"}, "--max-connections 0: must be a whole number, 1 or more"},
      {{"--max-connections=-1"}, "--max-connections -1: must be a whole number, 1 or more"},
      {{"--max-connections=many"}, "--max-connections many: must be a whole number, 1 or more"},
      {{"--max-upstream-connections=1.5"}, "--max-upstream-connections 1.5: must be a whole number, 1 or more"},
      {{"--own-namespace=A"},
       "--own-namespace A: must consist of lower case letters, digits and '-', and start and end with a letter or "
       "digit"},
      {{"--tenant-limit-range=perhaps"}, "--tenant-limit-range perhaps: must be true or false"},
      {{"--tenant-limit-cpu=-1"}, "--tenant-limit-cpu -1: must not be negative"},
      {{"--insecure-allow-anonymous=perhaps"}, "--insecure-allow-anonymous perhaps: must be true or false"},
  }));
  const auto said = failure(flags);
  CHECK(said == message);
  CHECK(said.find('\n') == std::string::npos);
}

TEST_CASE("So it is for the environment") {
  const auto [name, value, message] = GENERATE(table<std::string, std::string, std::string>({
      {"QUARTERMASTER_MAX_CONNECTIONS", "many", "--max-connections many: must be a whole number, 1 or more"},
      {"QUARTERMASTER_INSECURE_ALLOW_ANONYMOUS", "x", "--insecure-allow-anonymous x: must be true or false"},
      {"QUARTERMASTER_LOG_LEVEL", "loud", "--log-level loud: must be debug, info, warning, error or off"},
      {"QUARTERMASTER_TENANT_LIMIT_MEMORY", "8GB", "--tenant-limit-memory 8GB: "},
  }));
  CHECK_THAT(failure({"--auth-mode=none"}, {{name, value}}), Catch::StartsWith(message));
}

TEST_CASE("Nobody is let in unchecked by accident") {
  const auto [listen, allowed] = GENERATE(table<std::string, bool>({
      {"127.0.0.1:0", true},
      {"127.1.2.3:0", true},
      {"[::1]:0", true},
      {":0", false},
      {"0.0.0.0:0", false},
      {"[::]:0", false},
      {"10.0.0.1:0", false},
      {"[::ffff:10.0.0.1]:0", false},
  }));
  CAPTURE(listen);
  const auto flag = "--listen=" + listen;
  const auto said = failure({"--auth-mode=none", flag.c_str()});
  CHECK(said.empty() == allowed);
  if (!allowed) CHECK_THAT(said, Catch::StartsWith("--auth-mode none on " + listen + " would let anyone in"));
  CHECK(failure({"--auth-mode=none", flag.c_str(), "--insecure-allow-anonymous"}).empty());
}

TEST_CASE("Checking callers is the default") {
  const auto config = parse({});
  CHECK(config.auth_mode == AuthMode::delegated);
  CHECK(config.auth_audiences.empty());
  CHECK(config.auth_stale_max == 0s);
  CHECK(config.audit_log == "-");
  CHECK(parse({"--listen=:8080"}).auth_mode == AuthMode::delegated);
}

TEST_CASE("Whom to let in, and where to say so") {
  const auto config =
      parse({"--auth-audiences=https://kubernetes.default.svc,b", "--auth-stale-max=5m", "--audit-log=/var/log/audit"});
  CHECK(config.auth_audiences == std::vector<std::string>{"https://kubernetes.default.svc", "b"});
  CHECK(config.auth_stale_max == 300s);
  CHECK(config.audit_log == "/var/log/audit");
  for (const auto* const bad : {"--auth-audiences=a,", "--auth-audiences=,a", "--auth-audiences=a,,b",
                                "--auth-audiences=a b", "--auth-audiences=a\n"}) {
    CHECK_THAT(failure({bad}), Catch::Contains("must be audiences with commas between them"));
  }
  CHECK_THAT(failure({"--auth-stale-max=soon"}), Catch::StartsWith("--auth-stale-max soon: must be a duration"));
}

TEST_CASE("Help and version are printed, and nothing is run") {
  const char* flag = GENERATE("--help", "--version");
  const char* argv[] = {"quartermaster", flag, "--log-level=loud"};
  CHECK(parse_config(3, argv) == std::nullopt);
}

}  // namespace
}  // namespace quartermaster
